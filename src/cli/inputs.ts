import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FILE_BUDGET } from '../core/files/budget.ts';
import { systemReason, UsageError } from './failure.ts';
import { readUpTo } from './read.ts';

/** What options name: passphrases, times, anchors. Every mistake is a UsageError that says what would have been right. */

/** Nobody has a list of revoked certificates longer than this; a device that never ends has. */
const MOST_OCTETS = 1 << 30;

/** Reads a file that an option names, of at most `most` octets. @throws {UsageError} where it cannot be opened. */
export async function readOptionFile(option: string, path: string, most = MOST_OCTETS): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await readUpTo(path, most + 1);
  } catch (error) {
    throw new UsageError(`${option} ${path} cannot be opened: ${systemReason(error)}.`);
  }
  if (bytes.length <= most) return bytes;
  throw new UsageError(`${option} ${path} is longer than ${sizeOf(most)}: it cannot be the right file.`);
}

const sizeOf = (octets: number): string => (octets < 1 << 20 ? `${octets / 1024} KiB` : `${octets / (1 << 20)} MiB`);

const MOST_OF_A_PASSPHRASE = 64 * 1024;

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
  const bytes = await readOptionFile('--passphrase-file', passphraseFile, MOST_OF_A_PASSPHRASE);
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

/** The files that `--trust` names: the file itself, or every file in the folder (not below it). */
export async function trustFiles(path: string): Promise<{ path: string; bytes: Uint8Array }[]> {
  let files = [path];
  try {
    if ((await stat(path)).isDirectory()) {
      files = [];
      for (const name of (await readdir(path)).toSorted()) {
        const file = join(path, name);
        if (!name.startsWith('.') && (await stat(file)).isFile()) files.push(file);
      }
    }
  } catch (error) {
    throw new UsageError(`--trust ${path} cannot be opened: ${systemReason(error)}.`);
  }
  return Promise.all(
    files.map(async (file) => ({ path: file, bytes: await readOptionFile('--trust', file, FILE_BUDGET.fileOctets) })),
  );
}
