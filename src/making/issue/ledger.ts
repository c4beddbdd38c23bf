import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { PRIVATE } from './durable-files.ts';

/** What a CA did, one line of JSON each, only ever appended to. Serial numbers in lower-case hex. */
export type LedgerEntry =
  | {
      readonly event: 'issued';
      readonly at: string;
      readonly serial: string;
      readonly subject: string;
      readonly notBefore: string;
      readonly notAfter: string;
      /** SHA-256 of the certificate, hex. */
      readonly fingerprint: string;
      /** SHA-256 of the SubjectPublicKeyInfo, hex. */
      readonly key?: string;
      readonly commonName?: string;
    }
  | { readonly event: 'revoked'; readonly at: string; readonly serial: string; readonly reason: number }
  | { readonly event: 'crl'; readonly at: string; readonly number: string; readonly nextUpdate: string };

/**
 * Appends and makes sure of it: an entry is on the disk before what it tells of leaves the CA. Only under the lock of
 * the folder: a line that another is just writing would be taken for a torn one.
 */
export function appendToLedger(path: string, entry: LedgerEntry): void {
  const whole = wholeLines(path);
  const descriptor = openSync(path, 'a', PRIVATE);
  try {
    ftruncateSync(descriptor, whole);
    writeSync(descriptor, `${JSON.stringify(entry)}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Bytes up to the last complete line; what follows was torn off by a crash and never took effect. */
function wholeLines(path: string): number {
  return existsSync(path) ? readFileSync(path).lastIndexOf(0x0a) + 1 : 0;
}

/** @throws {LedgerError} naming the line that cannot be read; a last line cut off by a crash is left out. */
export function readLedger(path: string): LedgerEntry[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  // Empty after a complete line, the torn one after a crash: it tells of something that never left the CA.
  lines.pop();
  return lines.map((line, at) => parseEntry(path, line, at));
}

export class LedgerError extends Error {
  override readonly name = 'LedgerError';
}

function parseEntry(path: string, line: string, at: number): LedgerEntry {
  try {
    return JSON.parse(line) as LedgerEntry;
  } catch {
    throw new LedgerError(`Line ${at + 1} of the ledger ${path} is damaged. Restore the file from a backup.`);
  }
}
