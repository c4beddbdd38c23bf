import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeNew } from './durable-files.ts';

/** Somebody else works in the folder. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
}

const NAME = '.certgate.lock';
const PAUSE_MS = 20;

/**
 * One process at a time works in a folder. The lock of a process that was killed counts for nothing; it stands between
 * processes of one machine only.
 */
export class FolderLock {
  readonly #path: string;
  readonly #own: string;

  private constructor(path: string, own: string) {
    this.#path = path;
    this.#own = own;
  }

  /** @throws {FolderInUseError} where another process still has it after `patienceMs` */
  static take(folder: string, patienceMs = 0): FolderLock {
    const path = join(folder, NAME);
    const own = `${process.pid} ${startOf(process.pid)} ${randomBytes(8).toString('hex')}\n`;
    for (let waited = 0; ; waited += PAUSE_MS) {
      if (writeNew(path, own)) return new FolderLock(path, own);
      const holder = read(path);
      if (holder === undefined || (!isAlive(holder) && remove(path, holder))) continue;
      if (waited >= patienceMs) {
        const pid = holder.split(' ')[0];
        throw new FolderInUseError(`Process ${pid} works in ${folder}. Wait for it to end, then try again.`);
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }

  release(): void {
    if (read(this.#path) === this.#own) rmSync(this.#path, { force: true });
  }
}

/** Does something short while nobody else works in the folder, waiting for its turn. */
export function withLock<T>(folder: string, action: () => T): T {
  const lock = FolderLock.take(folder, 10_000);
  try {
    return action();
  } finally {
    lock.release();
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Takes a dead process's lock away; another may do the same at the same time, and have a living one there by now. */
function remove(path: string, dead: string): boolean {
  const aside = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
  try {
    if (read(aside) === dead) return true;
    linkSync(aside, path);
    return false;
  } finally {
    rmSync(aside, { force: true });
  }
}

function isAlive(holder: string): boolean {
  const [pid = '', start = ''] = holder.trim().split(' ');
  const number = Number(pid);
  if (!Number.isSafeInteger(number) || number <= 0) return false;
  try {
    process.kill(number, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // Process numbers come round again: the one of that number must also have started at that time.
  return startOf(number) === start;
}

/** Field 22 of /proc/PID/stat, in clock ticks since boot; `-` where there is no /proc. */
function startOf(pid: number): string {
  const stat = read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
}
