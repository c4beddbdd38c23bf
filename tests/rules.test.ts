import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Rule } from '../src/core/requirements/rule.ts';
import { RULES } from '../src/core/requirements/rules/index.ts';
import { isTest, readTree } from './architecture/sources.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = readTree(root, 'src/core/requirements/rules').filter(
  ({ path }) => !isTest(path) && basename(path) !== 'index.ts',
);

const isRule = (value: unknown): value is Rule => typeof value === 'object' && value !== null && 'check' in value;

test('the registry lists exactly the rules of the folder, each once', () => {
  expect(RULES.map(({ id }) => id).toSorted()).toEqual(files.map(({ path }) => basename(path, '.ts')).toSorted());
});

describe.each(files.map(({ path }) => path))('%s', (path) => {
  test('holds one rule, named as its file, in the folder of its origin', async () => {
    const found = Object.values((await import(`${root}/${path}`)) as object).filter(isRule);
    expect(found.map(({ id, origin }) => `${origin}/${id}`)).toEqual([
      `${basename(dirname(path))}/${basename(path, '.ts')}`,
    ]);
    expect(RULES).toContain(found[0]);
  });
});

describe.each(RULES.map((rule) => [rule.id, rule] as const))('%s', (_, rule) => {
  test('cites its source and explains itself', () => {
    const { title, source, quote, required, explanation } = rule;
    for (const text of [title, source.document, source.section, quote, required, explanation])
      expect(text.trim()).not.toBe('');
    expect(new Set(rule.gives).size).toBe(rule.gives.length);
  });
});
