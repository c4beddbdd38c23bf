import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Files that are there whole or not at all, whenever the power fails: written beside their place, brought to the disk,
 * then put in place in one step.
 */

/** Only the owner may read: keys and passphrases. */
export const PRIVATE = 0o600;
export const PUBLIC = 0o644;

/** Writes a file that must not be there yet. False, and nothing changed, where it is. */
export function writeNew(path: string, content: string | Uint8Array, mode = PUBLIC): boolean {
  if (existsSync(path)) return false;
  const temporary = writeBeside(path, content, mode);
  try {
    // Unlike renaming, linking fails where there is a file by now: of two writers one wins, and knows it.
    linkSync(temporary, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // FAT on a USB stick knows no links.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error;
    if (existsSync(path)) return false;
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
  syncFolder(dirname(path));
  return true;
}

/** Makes a folder that only its owner can enter, and makes sure of it; nothing happens where there is one. */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  mkdirSync(path, { recursive: true, mode: 0o700 });
  syncFolder(dirname(path));
}

/** Writes a file, in place of the one that may be there. */
export function replaceFile(path: string, content: string | Uint8Array, mode = PUBLIC): void {
  const temporary = writeBeside(path, content, mode);
  try {
    renameSync(temporary, path);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
  syncFolder(dirname(path));
}

const TEMPORARY = /^\.certgate-[0-9a-f]{16}\.tmp$/;

/** Takes away what a killed run left half written. Only while nobody else writes there. */
export function removeTemporaryFiles(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) if (TEMPORARY.test(name)) rmSync(join(folder, name), { force: true });
}

function writeBeside(path: string, content: string | Uint8Array, mode: number): string {
  const temporary = join(dirname(path), `.certgate-${randomBytes(8).toString('hex')}.tmp`);
  const descriptor = openSync(temporary, 'wx', mode);
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
  return temporary;
}

/** A new name is on the disk only when its folder is. */
function syncFolder(folder: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(folder, 'r');
  } catch {
    // Windows opens no folders.
    return;
  }
  try {
    fsyncSync(descriptor);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
  } finally {
    closeSync(descriptor);
  }
}
