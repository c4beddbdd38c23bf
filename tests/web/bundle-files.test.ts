import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pasted, withDropped, withoutPart, withPart } from '../../web/src/appliance/bundle-files.ts';
import type { NamedFile } from '../../web/src/check/request.ts';
import { type Files, issue } from './appliance-lab.ts';
import { Plant } from './plant.ts';

describe('files that are dropped one after another', () => {
  const folder = mkdtempSync(join(tmpdir(), 'certgate-files-'));
  let plant: Plant;
  let first: Files;
  let second: Files;

  beforeAll(async () => {
    plant = await Plant.make(folder, 'Contoso');
    [first, second] = await Promise.all([
      issue(plant, 'a.contoso.com', { name: 'a' }),
      issue(plant, 'a.contoso.com', { name: 'b' }),
    ]);
  });
  afterAll(() => {
    plant.stop();
    rmSync(folder, { recursive: true });
  });

  const read = (path: string, name = basename(path)): NamedFile => ({
    name,
    bytes: new Uint8Array(readFileSync(path)),
  });
  const names = (files: readonly NamedFile[]): string[] => files.map(({ name }) => name).toSorted();

  test('add up to a bundle', () => {
    const files = [first.key, first.chain, first.crt].reduce<readonly NamedFile[]>(
      (before, path) => withDropped(before, [read(path)]),
      [],
    );
    expect(names(files)).toEqual(['a.crt', 'a.key', 'chain.pem']);
  });

  test('a new certificate and a new key take the place of the old ones, and CAs stay', () => {
    const before = withDropped(
      [],
      [first.crt, first.key, first.chain].map((path) => read(path)),
    );
    expect(names(withDropped(before, [read(second.crt)]))).toEqual(['a.key', 'b.crt', 'chain.pem']);
    expect(names(withDropped(before, [read(second.key), read(second.crt)]))).toEqual(['b.crt', 'b.key', 'chain.pem']);
  });

  test('CAs from several files add up, and a file of the same name is replaced', () => {
    const issuing = read(join(folder, 'issuing.crt'));
    const root = read(join(folder, 'root.crt'));
    const both = withDropped(withDropped([read(first.crt)], [issuing]), [root]);
    expect(names(both)).toEqual(['a.crt', 'issuing.crt', 'root.crt']);
    const mended = withDropped([read(first.crt)], [read(second.crt, 'a.crt')]);
    expect(mended).toEqual([read(second.crt, 'a.crt')]);
  });

  test('what the user says a file is goes before its content, until it is taken away', () => {
    const said = withPart([read(first.crt), read(first.key)], 'crt', read(first.chain));
    expect(said.find(({ as }) => as === 'crt')?.name).toBe('chain.pem');
    expect(names(withoutPart([read(first.crt), read(first.key)], 'key'))).toEqual(['a.crt']);
  });

  test('what is unusable stays to be explained, until something takes its place', () => {
    const notes: NamedFile = { name: 'notes.txt', bytes: new TextEncoder().encode('call Bob') };
    const before = withDropped([], [notes]);
    expect(names(before)).toEqual(['notes.txt']);
    expect(names(withDropped(before, [read(first.crt)]))).toEqual(['a.crt']);
    expect(names(withDropped([read(first.crt)], [pasted(readFileSync(second.key, 'utf8'), [])]))).toEqual([
      'a.crt',
      'pasted text',
    ]);
  });
});
