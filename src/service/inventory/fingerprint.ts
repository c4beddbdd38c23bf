import { createHash } from 'node:crypto';

/** Lower-case hex, as the database has it. */
export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** As people compare it: `AB:CD:…`. */
export const spoken = (fingerprint: string): string => fingerprint.toUpperCase().replaceAll(/..(?=.)/g, '$&:');

/** What people paste, in any of the usual spellings, as the database has it. */
export const typed = (fingerprint: string): string =>
  fingerprint
    .replace(/^\s*sha-?256(?: fingerprint)?\s*[=:]/i, '')
    .replaceAll(/[\s:.-]/g, '')
    .toLowerCase();
