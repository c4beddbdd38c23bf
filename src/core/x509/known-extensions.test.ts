import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { KNOWN_EXTENSIONS } from './known-extensions.ts';

const folder = new URL('./extensions/', import.meta.url);
const modules = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));

const kebab = (name: string): string =>
  name
    .replace(/^cRL/, 'crl-')
    .replace(/CRL$/, '-crl')
    .replace('CRL', '-crl-')
    .replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    .replace(/-+/g, '-');

describe('the list of known extensions', () => {
  test('has one entry for each file of the folder, named like it', () => {
    expect(KNOWN_EXTENSIONS.map(({ name }) => `${kebab(name)}.ts`).toSorted()).toEqual(modules.toSorted());
  });

  test('has no identifier twice', () => {
    expect(new Set(KNOWN_EXTENSIONS.map(({ oid }) => oid)).size).toBe(KNOWN_EXTENSIONS.length);
  });
});
