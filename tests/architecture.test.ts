import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { findCycle, readTable, roomCycle, wrongArrows } from './architecture/arrows.ts';
import { impurities } from './architecture/purity.ts';
import { type Exception, oversizes, unexplained, vagueFolders } from './architecture/sizes.ts';
import { parse, readTree } from './architecture/sources.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const rooms = readTable(readFileSync(`${root}/docs/architecture.md`, 'utf8'));
const sources = [...readTree(root, 'src'), ...readTree(root, 'web')].map(parse);
const exceptions = JSON.parse(
  readFileSync(`${root}/tests/architecture-exceptions.json`, 'utf8'),
) as readonly Exception[];

describe('the house as it stands', () => {
  test('is there', () => {
    expect(sources.length).toBeGreaterThan(20);
    expect(rooms.length).toBeGreaterThan(20);
  });

  test('imports only along the arrows of docs/architecture.md', () => {
    expect(wrongArrows(sources, rooms)).toEqual([]);
  });

  test('has no circle of rooms, neither in the table nor in the code', () => {
    expect(findCycle(new Map(rooms.map(({ name, mayImport }) => [name, new Set(mayImport.keys())])))).toBeUndefined();
    expect(roomCycle(sources, rooms)).toBeUndefined();
  });

  test('keeps core free of Node, the clock and chance', () => {
    expect(impurities(sources)).toEqual([]);
  });

  test('keeps files, functions and parameter lists short, or says why not', () => {
    expect(unexplained(oversizes(sources), exceptions)).toEqual([]);
  });

  test('has no folder whose name says nothing', () => {
    const paths = ['src', 'web', 'tests', 'bench', 'cases', 'tools'].flatMap((folder) => readTree(root, folder));
    expect(vagueFolders(paths.map(({ path }) => path))).toEqual([]);
  });
});

/** A tree of one file that must be found fault with. */
const file = (path: string, text: string) => [parse({ path, text })];

describe('an arrow that is turned is noticed', () => {
  test.each([
    ['an import', "import { check } from '../check/check.ts';"],
    ['an import of types', "import type { Certificate } from '../x509/certificate.ts';"],
    ['a re-export', "export { a } from '../x509/certificate.ts';"],
    ['a re-export of everything', "export * from '../x509/certificate.ts';"],
    ['a dynamic import', "await import('../x509/certificate.ts');"],
    ['a type import inline', "export type A = import('../x509/certificate.ts').Certificate;"],
    ['a worker', "new URL('../../platform/bulk/worker.js', import.meta.url);"],
    ['a builtin', "import { readFileSync } from 'node:fs';"],
    ['a package', "import { parse } from 'yaml';"],
    ['a file outside every room', "import '../../elsewhere/a.ts';"],
  ])('%s', (_, text) => {
    expect(wrongArrows(file('src/core/der/element.ts', text), rooms)).toHaveLength(1);
  });

  test('values where only types may cross', () => {
    const path = 'src/core/requirements/run.ts';
    expect(wrongArrows(file(path, "import { wipe } from '../files/bundle.ts';"), rooms)).toHaveLength(1);
    expect(
      wrongArrows(file(path, "import { type OpenedBundle, wipe } from '../files/bundle.ts';"), rooms),
    ).toHaveLength(1);
    expect(wrongArrows(file(path, "import { type OpenedBundle } from '../files/bundle.ts';"), rooms)).toEqual([]);
  });

  test('more than the port', () => {
    const path = 'src/service/audit/log.ts';
    expect(wrongArrows(file(path, "import { open } from '../../platform/store/sqlite/open.ts';"), rooms)).toHaveLength(
      1,
    );
    expect(wrongArrows(file(path, "import type { Store } from '../../platform/store/store.ts';"), rooms)).toEqual([]);
  });

  test('a rule that imports another rule', () => {
    const path = 'src/core/requirements/rules/certgate/crt-not-ca.ts';
    expect(wrongArrows(file(path, "import { rule } from './crt-self-signed.ts';"), rooms)).toHaveLength(1);
    expect(wrongArrows(file(path, "import { defineRule } from '../../define.ts';"), rooms)).toEqual([]);
  });

  test('a circle', () => {
    const circle = [
      ...file('src/core/x509/name.ts', "import '../files/pem.ts';"),
      ...file('src/core/files/pem.ts', "import type { Name } from '../x509/name.ts';"),
    ];
    expect(roomCycle(circle, rooms)).toBe('core/x509 → core/files → core/x509');
  });

  test('a table that names an unknown room', () => {
    expect(() => readTable('| room | may import |\n|---|---|\n| core/base | core/bass |')).toThrow('core/bass');
  });
});

describe('the outside world in core is noticed', () => {
  test.each([
    ['Buffer.from(bytes)', 'Buffer'],
    ['const now = new Date()', 'new Date() without a time'],
    ['const now = Date.now()', 'Date.now'],
    ['const now = Date["now"]()', 'Date.now'],
    ['const dice = Math.random()', 'Math.random'],
    ['globalThis.process.exit()', 'globalThis'],
    ['const later = { setTimeout }', 'setTimeout'],
    ['export const f = () => crypto.subtle', 'crypto'],
  ])('%s', (text, what) => {
    expect(impurities(file('src/core/der/element.ts', text))).toEqual([`src/core/der/element.ts:1 uses ${what}`]);
  });

  test.each([
    'export const at = (seconds: number) => new Date(seconds * 1000)',
    'export const f = (crypto: Digests) => crypto.digest()',
    'export const f = ({ crypto }: Circumstances) => crypto.digest()',
    'export const f = (a: { module: number }) => a.module',
    'export interface Steps { process(require: string): void }',
  ])('but not in %s', (text) => {
    expect(impurities(file('src/core/der/element.ts', text))).toEqual([]);
  });
});

describe('what grows too big is noticed', () => {
  const long = file('src/core/der/element.ts', `export function f() {\n${'\n'.repeat(60)}}\n`);

  test('a function, unless its reason is listed', () => {
    expect(unexplained(oversizes(long), [])).toEqual(['src/core/der/element.ts#f: functionLines is 62, at most 60']);
    const reason = { what: 'src/core/der/element.ts#f', limit: 'functionLines', reason: 'one table of cases' } as const;
    expect(unexplained(oversizes(long), [reason])).toEqual([]);
  });

  test('a stale exception', () => {
    const stale = { what: 'src/gone.ts', limit: 'fileLines', reason: 'a table of data' } as const;
    expect(unexplained([], [stale])).toEqual([
      'src/gone.ts: no longer over fileLines, take it out of architecture-exceptions.json',
    ]);
  });

  test('a file, a rule, a list of parameters', () => {
    const rule = 'src/core/requirements/rules/certgate/crt-not-ca.ts';
    expect(oversizes(file('src/a.ts', '\n'.repeat(400) + 'let a'))).toMatchObject([
      { limit: 'fileLines', actual: 401 },
    ]);
    expect(oversizes(file(rule, '\n'.repeat(120) + 'let a'))).toMatchObject([{ limit: 'ruleLines', actual: 121 }]);
    expect(oversizes(file('src/a.ts', 'const f = (a, b, c, d, e) => a'))).toMatchObject([
      { what: 'src/a.ts#f', actual: 5 },
    ]);
  });

  test('a folder', () => {
    expect(vagueFolders(['src/core/utils/a.ts', 'src/core/der/utilities.ts'])).toEqual(['src/core/utils/a.ts']);
  });
});
