import { decodeBase64 } from '../../core/files/base64.ts';
import { isBlank } from './chunks.ts';
import { decodeRegularBase64 } from './native-base64.ts';
import { BEGIN, beginBehind, certificateLabelEnd, DASHES, END, LONGEST_LABEL, plainEnd } from './pem-blocks.ts';
import type { Chunk } from './protocol.ts';

/** How the certificate of a record is written; `none`: there is none, or a damaged one. */
type Writing = 'base64' | 'der' | 'none';

/** One record of a chunk, which nobody has decoded yet. */
export class FoundRecord {
  readonly name: string;
  /** What the record lies in. */
  readonly bytes: Buffer;
  /** The record as it came, PEM text, a line, or DER, begins here; so does what tells it from others. */
  readonly start: number;
  /** One past what tells it from others: the certificate, without what follows it. */
  readonly end: number;
  readonly #sourceEnd: number;
  readonly #writing: Writing;
  /** Where the Base64 begins; it ends at `end`. */
  readonly #textStart: number;

  constructor(name: string, place: Place, writing: Writing) {
    this.name = name;
    this.bytes = place.bytes;
    this.start = place.start;
    this.end = place.end;
    this.#sourceEnd = place.sourceEnd;
    this.#textStart = place.textStart;
    this.#writing = writing;
  }

  /** The certificate, good until the next is decoded; undefined where there is none, or a damaged one. */
  decode(): Uint8Array | undefined {
    const { bytes, start, end } = this;
    switch (this.#writing) {
      case 'base64':
        return decodeText(bytes, this.#textStart, end);
      case 'der':
        return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
      case 'none':
        return undefined;
    }
  }

  /** The same under another name. */
  called(name: string): FoundRecord {
    const { bytes, start, end } = this;
    const place = { bytes, start, textStart: this.#textStart, end, sourceEnd: this.#sourceEnd };
    return new FoundRecord(name, place, this.#writing);
  }

  /** The record as it came. */
  get source(): Uint8Array {
    return this.bytes.subarray(this.start, this.#sourceEnd);
  }
}

interface Place {
  readonly bytes: Buffer;
  readonly start: number;
  readonly textStart: number;
  readonly end: number;
  readonly sourceEnd: number;
}

/** `passed-over`: a PEM block that says itself that it is no certificate. */
export type Found = FoundRecord | 'passed-over';

/** Beside plain CERTIFICATE, which nearly all are. */
const OTHER_CERTIFICATE_LABELS = ['X509 CERTIFICATE', 'TRUSTED CERTIFICATE'].map((label) =>
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
      return [undecodable(name, bytes)];
  }
}

/** What is `source` as a whole, and no certificate. */
const undecodable = (name: string, source: Buffer): FoundRecord => new FoundRecord(name, whole(source), 'none');

const whole = (bytes: Buffer): Place => ({
  bytes,
  start: 0,
  textStart: 0,
  end: bytes.length,
  sourceEnd: bytes.length,
});

interface Numbered {
  readonly bytes: Buffer;
  readonly name: string;
  /** Of the first record. */
  readonly first: number;
}

function* pemRecords({ bytes, name, first }: Numbered): Generator<Found> {
  let number = first;
  for (let begin = bytes.indexOf(BEGIN); begin !== -1; number++) {
    const textStart = certificateLabelEnd(bytes, begin);
    const end = textStart === 0 ? -1 : plainEnd(bytes, textStart);
    if (end === -1) {
      const next = bytes.indexOf(BEGIN, begin + BEGIN.length);
      yield oddBlock(bytes.subarray(begin, next === -1 ? bytes.length : next), `${name}#${number}`);
      begin = next;
    } else {
      const next = beginBehind(bytes, end);
      const sourceEnd = next === -1 ? bytes.length : next;
      yield new FoundRecord(`${name}#${number}`, { bytes, start: begin, textStart, end, sourceEnd }, 'base64');
      begin = next;
    }
  }
}

/** A block with another label, with dashes in its text, or without END. `source` begins with BEGIN and holds no second one. */
function oddBlock(source: Buffer, name: string): Found {
  const textStart = certificateLabelEnd(source, 0) || otherLabelEnd(source);
  if (textStart === 0) {
    const labelEnd = source.indexOf(DASHES, BEGIN.length);
    const isLabel = labelEnd !== -1 && labelEnd <= BEGIN.length + LONGEST_LABEL;
    return isLabel ? 'passed-over' : undecodable(name, source);
  }
  const end = source.indexOf(END, textStart);
  if (end === -1) return undecodable(name, source);
  return new FoundRecord(name, { bytes: source, start: 0, textStart, end, sourceEnd: source.length }, 'base64');
}

const otherLabelEnd = (source: Buffer): number =>
  OTHER_CERTIFICATE_LABELS.find((line) => source.subarray(0, line.length).equals(line))?.length ?? 0;

/** Undefined where the text is no Base64. */
function decodeText(text: Buffer, start: number, end: number): Uint8Array | undefined {
  const quick = decodeRegularBase64(text, start, end);
  if (quick !== undefined) return quick;
  const { bytes, faults } = decodeBase64(text, start, end, 1);
  return faults.length === 0 && bytes.length > 0 ? bytes : undefined;
}

// A DER certificate knows its length; what does not begin as one is one damaged record to the end.
function* derRecords({ bytes, name, first }: Numbered): Generator<Found> {
  let number = first;
  for (let start = 0; start < bytes.length; number++) {
    const end = Math.min(derEnd(bytes, start) ?? bytes.length, bytes.length);
    yield new FoundRecord(`${name}#${number}`, { bytes, start, textStart: start, end, sourceEnd: end }, 'der');
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
  if (text === undefined) return yield undecodable(name, source);
  const bytes = Buffer.from(text, 'utf8');
  let count = 0;
  for (const record of pemRecords({ bytes, name, first: 1 })) {
    if (record === 'passed-over') continue;
    count++;
    yield count === 1 ? record.called(name) : record;
  }
  if (count === 0) yield new FoundRecord(name, whole(bytes), 'base64');
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
