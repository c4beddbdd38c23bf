import { decodeBase64 } from '../../core/files/base64.ts';
import { isBlank } from './chunks.ts';
import { decodeRegularBase64 } from './native-base64.ts';
import type { Chunk } from './protocol.ts';

/** One record of a chunk. What `der` holds is good until the next record is asked for. */
export type Found =
  | {
      readonly name: string;
      /** Undefined where the record holds no certificate, or a damaged one. */
      readonly der: Uint8Array | undefined;
      /** The record as it came: PEM text, a line, or DER. */
      readonly source: Uint8Array;
    }
  /** A PEM block that says itself that it is no certificate. */
  | 'passed-over';

const BEGIN = Buffer.from('-----BEGIN ');
const END = Buffer.from('-----END ');
const DASHES = '-----';
const LONGEST_LABEL = 64;
const CERTIFICATE_LABELS = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'].map((label) =>
  Buffer.from(`${BEGIN.toString()}${label}${DASHES}`),
);

/** The records of a chunk in order, each called `NAME#n` unless it brings a name of its own. */
export function recordsOf(chunk: Chunk, name: string): Iterable<Found> {
  const bytes = Buffer.from(chunk.bytes.buffer, chunk.bytes.byteOffset, chunk.bytes.byteLength);
  const numbered = { bytes, name, first: chunk.firstRecord };
  switch (chunk.form) {
    case 'pem':
      return pemRecords(numbered);
    case 'jsonl':
      return lineRecords(numbered);
    case 'der':
      return derRecords(numbered);
    case 'whole':
      return [{ name, der: undefined, source: chunk.bytes }];
  }
}

interface Numbered {
  readonly bytes: Buffer;
  readonly name: string;
  /** Of the first record. */
  readonly first: number;
}

function* pemRecords({ bytes, name, first }: Numbered): Generator<Found> {
  let number = first;
  for (let begin = bytes.indexOf(BEGIN); begin !== -1;) {
    const next = bytes.indexOf(BEGIN, begin + BEGIN.length);
    yield pemRecord(bytes.subarray(begin, next === -1 ? bytes.length : next), `${name}#${number++}`);
    begin = next;
  }
}

/** `source` begins with BEGIN and holds no second one. */
function pemRecord(source: Buffer, name: string): Found {
  const label = CERTIFICATE_LABELS.find((line) => source.subarray(0, line.length).equals(line));
  if (label === undefined) {
    const labelEnd = source.indexOf(DASHES, BEGIN.length);
    const isLabel = labelEnd !== -1 && labelEnd <= BEGIN.length + LONGEST_LABEL;
    return isLabel ? 'passed-over' : { name, der: undefined, source };
  }
  const end = source.indexOf(END, label.length);
  return { name, der: end === -1 ? undefined : decode(source, label.length, end), source };
}

/** Undefined where the text is no Base64. */
function decode(text: Buffer, start: number, end: number): Uint8Array | undefined {
  const quick = decodeRegularBase64(text, start, end);
  if (quick !== undefined) return quick;
  const { bytes, faults } = decodeBase64(text, start, end, 1);
  return faults.length === 0 && bytes.length > 0 ? bytes : undefined;
}

// A DER certificate knows its length; what does not begin as one is one damaged record to the end.
function* derRecords({ bytes, name, first }: Numbered): Generator<Found> {
  let number = first;
  for (let start = 0; start < bytes.length;) {
    const end = derEnd(bytes, start) ?? bytes.length;
    const source = new Uint8Array(bytes.buffer, bytes.byteOffset + start, Math.min(end, bytes.length) - start);
    yield { name: `${name}#${number++}`, der: source, source };
    start = end;
  }
}

/** One past the SEQUENCE that begins at `start`, which may lie past the end of `bytes`; undefined where none begins. */
export function derEnd(bytes: Uint8Array, start: number): number | undefined {
  const first = bytes[start + 1];
  if (bytes[start] !== 0x30 || first === undefined) return undefined;
  if (first < 0x80) return start + 2 + first;
  const octets = first & 0x7f;
  if (octets === 0 || octets > 4) return undefined;
  let length = 0;
  for (let i = 0; i < octets; i++) length = length * 256 + (bytes[start + 2 + i] ?? 0);
  return start + 2 + octets + length;
}

function* lineRecords({ bytes, name, first }: Numbered): Generator<Found> {
  let number = first;
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    if (!isBlank(bytes, start, end)) yield* lineRecord(bytes.subarray(start, end), `${name}#${number++}`);
    start = end + 1;
  }
}

/** The names under which exports carry a certificate, in PEM or Base64, and what it is called. */
const CERTIFICATE_FIELDS = ['crt', 'certificate', 'cert', 'pem', 'der', 'raw'] as const;
const NAME_FIELDS = ['name', 'bundle', 'id'] as const;

/** The certificates of one line: a string, or an object with a field that holds one or several. */
function* lineRecord(source: Buffer, called: string): Generator<Found> {
  const value = parseJson(source);
  const text = typeof value === 'string' ? value : stringField(value, CERTIFICATE_FIELDS);
  const name = stringField(value, NAME_FIELDS) ?? called;
  if (text === undefined) return yield { name, der: undefined, source };
  const bytes = Buffer.from(text, 'utf8');
  let count = 0;
  for (const record of pemRecords({ bytes, name, first: 1 })) {
    if (record === 'passed-over') continue;
    count++;
    yield count === 1 ? { ...record, name } : record;
  }
  if (count === 0) yield { name, der: decode(bytes, 0, bytes.length), source: bytes };
}

function parseJson(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    return undefined;
  }
}

function stringField(value: unknown, names: readonly string[]): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as { readonly [field: string]: unknown };
  for (const name of names) {
    const field = fields[name];
    if (typeof field === 'string') return field;
  }
  return undefined;
}
