/** Where PEM blocks begin and end, told by their dashes: Base64 has none, so the first dash behind a label is its END. */

export const BEGIN = Buffer.from('-----BEGIN ');
export const END = Buffer.from('-----END ');
const BEGIN_CERTIFICATE = Buffer.from('-----BEGIN CERTIFICATE-----');
const END_CERTIFICATE = Buffer.from('-----END CERTIFICATE-----');
export const DASHES = '-----';
export const LONGEST_LABEL = 64;
const DASH = 0x2d;
const LF = 0x0a;
const CR = 0x0d;

/** One past the line that makes the block at `begin` a plain CERTIFICATE; 0 where it is something else. */
export const certificateLabelEnd = (bytes: Buffer, begin: number): number =>
  stands(bytes, begin, BEGIN_CERTIFICATE) ? begin + BEGIN_CERTIFICATE.length : 0;

/** Where the END line begins whose block's text begins at `start`; -1 where something else is in between. */
export function plainEnd(bytes: Buffer, start: number): number {
  const dash = bytes.indexOf(DASH, start);
  return dash !== -1 && stands(bytes, dash, END_CERTIFICATE) ? dash : -1;
}

/** The next BEGIN behind the END line of a certificate at `end`; -1 where there is none. */
export function beginBehind(bytes: Buffer, end: number): number {
  let next = end + END_CERTIFICATE.length;
  while (bytes[next] === LF || bytes[next] === CR) next++;
  return stands(bytes, next, BEGIN) ? next : bytes.indexOf(BEGIN, end + END.length);
}

/** One past the END that begins at `end`, its line end included where it is there; 0 while it is not whole, and for -1. */
export function blockEnd(bytes: Buffer, end: number): number {
  if (end === -1) return 0;
  const label = bytes.subarray(end + END.length, end + END.length + LONGEST_LABEL + DASHES.length);
  const dashes = label.indexOf(DASHES);
  if (dashes === -1) return 0;
  let past = end + END.length + dashes + DASHES.length;
  if (bytes[past] === CR) past++;
  if (bytes[past] === LF) past++;
  return past;
}

/** How many blocks begin. */
export function countBlocks(bytes: Buffer): number {
  let found = 0;
  for (let begin = bytes.indexOf(BEGIN); begin !== -1; found++) {
    const text = certificateLabelEnd(bytes, begin);
    const end = text === 0 ? -1 : plainEnd(bytes, text);
    begin = end === -1 ? bytes.indexOf(BEGIN, begin + BEGIN.length) : beginBehind(bytes, end);
  }
  return found;
}

function stands(bytes: Buffer, at: number, what: Buffer): boolean {
  if (at + what.length > bytes.length) return false;
  for (let i = 0; i < what.length; i++) if (bytes[at + i] !== what[i]) return false;
  return true;
}
