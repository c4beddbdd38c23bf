import type { Chunk, RecordForm } from './protocol.ts';
import { derEnd } from './records.ts';

/** Numbers of a bulk run, each with the reason for its size. */
export const BULK_BUDGET = {
  /** Work for about 10 ms: long enough for handing over to cost nothing, short enough for order to cost no memory. */
  chunkBytes: 512 * 1024,
  /** A certificate that needs more does not exist; a record that never ends must not fill the memory. */
  recordBytes: 1024 * 1024,
} as const;

const BEGIN = Buffer.from('-----BEGIN ');
const END = Buffer.from('-----END ');
const NEWLINE = 0x0a;

/**
 * Cuts a stream into chunks of whole records: PEM blocks, lines, or DER. A record longer than the budget is cut short
 * at it, and so becomes a damaged record of its own; what follows is read on.
 */
export async function* chunksOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Chunk> {
  const cutter = new Cutter();
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const piece of stream) {
    pending.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
    pendingBytes += piece.byteLength;
    if (pendingBytes < BULK_BUDGET.chunkBytes) continue;
    const { chunks, rest } = cutter.cut(Buffer.concat(pending));
    yield* chunks;
    pending = [rest];
    pendingBytes = rest.length;
  }
  const rest = Buffer.concat(pending);
  if (rest.length > 0) yield cutter.chunk(rest);
}

/** Numbers what it cuts. */
class Cutter {
  #form: RecordForm | undefined;
  #sequence = 0;
  #firstRecord = 1;

  /** As many chunks as are whole in `bytes`, and what is left. */
  cut(bytes: Buffer): { chunks: Chunk[]; rest: Buffer } {
    this.#form ??= formOf(bytes);
    const chunks: Chunk[] = [];
    let rest = bytes;
    while (rest.length >= BULK_BUDGET.chunkBytes) {
      const at = cutOf(rest, this.#form);
      if (at === 0) break;
      chunks.push(this.chunk(rest.subarray(0, at)));
      rest = rest.subarray(at);
    }
    return { chunks, rest };
  }

  chunk(bytes: Buffer): Chunk {
    const form = (this.#form ??= formOf(bytes));
    const made = { sequence: this.#sequence++, form, bytes, firstRecord: this.#firstRecord };
    this.#firstRecord += countRecords(bytes, form);
    return made;
  }
}

function countRecords(bytes: Buffer, form: RecordForm): number {
  switch (form) {
    case 'pem':
      return count(bytes, BEGIN);
    case 'jsonl':
      return countLines(bytes);
    case 'der':
      return countDer(bytes);
    case 'whole':
      return 1;
  }
}

/** A DER certificate starts with a SEQUENCE of two length octets; JSON Lines with a quote or a brace. */
function formOf(start: Buffer): RecordForm {
  if (start[0] === 0x30 && (start[1] === 0x82 || start[1] === 0x81 || start[1] === 0x83)) return 'der';
  const text = start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf ? start.subarray(3) : start;
  const first = text.find((byte) => byte > 0x20);
  return first === 0x7b || first === 0x22 ? 'jsonl' : 'pem';
}

/** One past the last whole record within the first chunk's worth of bytes; 0 where there is none yet. */
function cutOf(bytes: Buffer, form: RecordForm): number {
  const window = Math.min(bytes.length, BULK_BUDGET.chunkBytes);
  const at = lastEnd(bytes, window, form);
  if (at > 0) return at;
  // The record is longer than the window: up to its end, or to the budget.
  const end = firstEnd(bytes, window, form);
  if (end > 0 && end <= Math.min(BULK_BUDGET.recordBytes, bytes.length)) return end;
  return bytes.length >= BULK_BUDGET.recordBytes ? BULK_BUDGET.recordBytes : 0;
}

/** One past the last record that ends in the window. */
function lastEnd(bytes: Buffer, window: number, form: RecordForm): number {
  if (form === 'jsonl') return bytes.lastIndexOf(NEWLINE, window - 1) + 1;
  return form === 'der' ? derCut(bytes, window) : pemCut(bytes, window);
}

/** One past the record that ends first behind the window. */
function firstEnd(bytes: Buffer, window: number, form: RecordForm): number {
  if (form === 'jsonl') return bytes.indexOf(NEWLINE, window) + 1;
  return form === 'der' ? (derEnd(bytes, 0) ?? 0) : lineAfter(bytes, bytes.indexOf(END, window));
}

function derCut(bytes: Buffer, window: number): number {
  let at = 0;
  for (let end = derEnd(bytes, at); end !== undefined && end <= window; end = derEnd(bytes, at)) at = end;
  return at;
}

/** As many as are read out of the chunk: what does not begin as DER is one damaged record to the end. */
function countDer(bytes: Buffer): number {
  let found = 0;
  for (let at = 0; at < bytes.length; at = derEnd(bytes, at) ?? bytes.length) found++;
  return found;
}

/** After the line of the last END whose line is whole. */
function pemCut(bytes: Buffer, window: number): number {
  for (
    let end = bytes.lastIndexOf(END, window - 1);
    end !== -1;
    end = end === 0 ? -1 : bytes.lastIndexOf(END, end - 1)
  ) {
    const cut = lineAfter(bytes, end);
    if (cut > 0 && cut <= window) return cut;
  }
  return 0;
}

const lineAfter = (bytes: Buffer, at: number): number => (at === -1 ? 0 : bytes.indexOf(NEWLINE, at) + 1);

function count(bytes: Buffer, what: Buffer): number {
  let found = 0;
  for (let at = bytes.indexOf(what); at !== -1; at = bytes.indexOf(what, at + what.length)) found++;
  return found;
}

/** Lines with anything on them: each is a record. */
export function countLines(bytes: Buffer): number {
  let found = 0;
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    if (!isBlank(bytes, start, end)) found++;
    start = end + 1;
  }
  return found;
}

export function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i]! > 0x20) return false;
  return true;
}
