import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemReason, UsageError } from './failure.ts';

/** What options name: passphrases, times, anchors. Every mistake is a UsageError that says what would have been right. */

/** Reads a file that an option names. @throws {UsageError} where it cannot be opened. */
export async function readOptionFile(option: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new UsageError(`${option} ${path} cannot be opened: ${systemReason(error)}.`);
  }
}

export interface PassphraseOptions {
  readonly passphraseFile?: string;
  readonly passphraseEnv?: string;
}

/**
 * The passphrase in UTF-8, or undefined where none was given. A file loses exactly one final newline (LF or CRLF), for
 * editors add one; every other octet counts.
 */
export async function readPassphrase(options: PassphraseOptions): Promise<Uint8Array | undefined> {
  const { passphraseFile, passphraseEnv } = options;
  if (passphraseFile !== undefined && passphraseEnv !== undefined) {
    throw new UsageError('--passphrase-file and --passphrase-env exclude each other; give one of them.');
  }
  if (passphraseEnv !== undefined) {
    const value = process.env[passphraseEnv];
    if (value === undefined) throw new UsageError(environmentMissing(passphraseEnv));
    return new TextEncoder().encode(value);
  }
  if (passphraseFile === undefined) return undefined;
  const bytes = await readOptionFile('--passphrase-file', passphraseFile);
  let end = bytes.length;
  if (end > 0 && bytes[end - 1] === 0x0a) {
    end -= 1;
    if (end > 0 && bytes[end - 1] === 0x0d) end -= 1;
  }
  return bytes.subarray(0, end);
}

// The name is shown only where it looks like one: people pass the passphrase itself by mistake.
function environmentMissing(name: string): string {
  const shown = /^[A-Z_][A-Z0-9_]*$/.test(name) ? name : '(not shown: it does not look like a variable name)';
  return `--passphrase-env ${shown}: there is no such environment variable. Give the name of a variable, not the passphrase.`;
}

const TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** `2027-01-31`, `2027-01-31T08:00:00Z`, `2027-01-31T08:00+01:00`; without an offset it is UTC. */
export function readTime(text: string): Date {
  const trimmed = text.trim();
  if (TIME.test(trimmed)) {
    const iso = trimmed.replace(' ', 'T');
    const date = new Date(iso.includes('T') && !/(?:Z|[+-]\d\d:?\d\d)$/.test(iso) ? `${iso}Z` : iso);
    // Date.parse takes 31 February for 3 March; a typing mistake must not become another day.
    if (!Number.isNaN(date.getTime()) && isRealDay(trimmed)) return date;
  }
  throw new UsageError(
    `--at ${text} is not a time. Write a date or a date and time: --at 2027-01-31, --at 2027-01-31T08:00:00Z.`,
  );
}

function isRealDay(text: string): boolean {
  const [year, month, day] = text.slice(0, 10).split('-').map(Number) as [number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** The files that `--trust` names: the file itself, or everything in the folder (not below it). */
export async function trustFiles(path: string): Promise<{ path: string; bytes: Uint8Array }[]> {
  let files = [path];
  try {
    if ((await stat(path)).isDirectory()) {
      const entries = await readdir(path, { withFileTypes: true });
      const named = entries.filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'));
      files = named.map((entry) => join(path, entry.name)).toSorted();
    }
  } catch (error) {
    throw new UsageError(`--trust ${path} cannot be opened: ${systemReason(error)}.`);
  }
  return Promise.all(files.map(async (file) => ({ path: file, bytes: await readOptionFile('--trust', file) })));
}
