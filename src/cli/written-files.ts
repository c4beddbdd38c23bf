import { existsSync } from 'node:fs';
import { PUBLIC, replaceFile, writeNew } from '../making/issue/durable-files.ts';
import { systemReason, UsageError } from './failure.ts';

/** Files that commands make. Nothing that is there is written over unless the user says so, and a key never. */

const WRITE_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'the folder does not exist',
  ENOTDIR: 'part of the path is a file, not a folder',
  EACCES: 'you have no permission to write there',
  EPERM: 'you have no permission to write there',
  EROFS: 'the disk can only be read',
  ENOSPC: 'the disk is full',
  EISDIR: 'it is a folder; a file is needed here',
};

export interface Writing {
  readonly mode?: number;
  /** Write over what is there. */
  readonly force?: boolean;
  /** What to do where the file is there and may not be written over; a sentence. */
  readonly instead?: string;
}

/** @throws {UsageError} where the file is there already, or cannot be written */
export function writeFile(path: string, content: string | Uint8Array, options: Writing = {}): void {
  const { mode = PUBLIC, force = false, instead = 'Name another file, or add --force to write over it.' } = options;
  try {
    if (force) replaceFile(path, content, mode);
    else if (!writeNew(path, content, mode)) throw new UsageError(`${path} is there already. ${instead}`);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** Says so before any work is done. @throws {UsageError} where one of the files is there already */
export function mustBeNew(paths: readonly string[], { force = false, instead }: Writing = {}): void {
  const there = paths.find((path) => existsSync(path));
  if (there === undefined || force) return;
  throw new UsageError(
    `${there} is there already. ${instead ?? 'Name another file, or add --force to write over it.'}`,
  );
}

export const KEYS_STAY = 'Keys are never written over: name another file, or move this one away.';

export function cannotWrite(path: string, error: unknown): Error {
  if (error instanceof UsageError) return error;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string' || !/^E[A-Z]+$/.test(code) || syscall === 'listen') return error as Error;
  return new UsageError(`${path} cannot be written: ${WRITE_REASONS[code] ?? systemReason(error)}.`);
}
