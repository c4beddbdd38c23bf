import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PRIVATE, removeTemporaryFiles, replaceFile, writeNew } from './durable-files.ts';
import { FolderInUseError, FolderLock, withLock } from './folder-lock.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'certgate-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('files', () => {
  test('a new one is written once, for its owner alone, and leaves nothing beside it', () => {
    expect(writeNew(at('a.key'), 'first', PRIVATE)).toBe(true);
    expect(writeNew(at('a.key'), 'second', PRIVATE)).toBe(false);
    expect(readFileSync(at('a.key'), 'utf8')).toBe('first');
    expect(statSync(at('a.key')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['a.key']);
  });

  test('one in the place of another takes over the permissions that are asked for', () => {
    writeFileSync(at('b'), 'open', { mode: 0o644 });
    replaceFile(at('b'), 'secret', PRIVATE);
    expect([readFileSync(at('b'), 'utf8'), statSync(at('b')).mode & 0o777]).toEqual(['secret', 0o600]);
    expect(readdirSync(folder)).toEqual(['b']);
  });

  test('what a kill left half written is taken away, and nothing else', () => {
    for (const name of ['.certgate-0123456789abcdef.tmp', '.certgate-x.tmp', 'c.tmp']) writeFileSync(at(name), 'half');
    removeTemporaryFiles(folder);
    expect(readdirSync(folder)).toEqual(['.certgate-x.tmp', 'c.tmp']);
  });

  test('where it cannot be written, nothing is left either', () => {
    expect(() => writeNew(at('no/such'), 'x')).toThrow('ENOENT');
    expect(() => replaceFile(folder, 'x')).toThrow();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the lock of a folder', () => {
  test('one at a time, and free again', () => {
    const lock = FolderLock.take(folder);
    expect(() => FolderLock.take(folder)).toThrow(FolderInUseError);
    lock.release();
    expect(withLock(folder, () => 7)).toBe(7);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that of a process that is gone, or whose number another has by now, counts for nothing', () => {
    const gone = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim();
    for (const text of [`${gone} 1 x\n`, `${process.pid} 1 x\n`, 'nonsense\n', '']) {
      writeFileSync(at('.certgate.lock'), text);
      FolderLock.take(folder).release();
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  test('is given back where what was done fails', () => {
    expect(() =>
      withLock(folder, () => {
        throw new Error('full');
      }),
    ).toThrow('full');
    expect(readdirSync(folder)).toEqual([]);
  });
});
