import { asUtf8 } from './as-utf8.ts';
import { BEGIN, blockEnd, countBlocks, END } from './pem-blocks.ts';
import type { Chunk, RecordForm } from './protocol.ts';
import { derEnd } from './records.ts';

/** Numbers of a bulk run, each with the reason for its size. */
export const BULK_BUDGET = {
  /** Work for about 10 ms: long enough for handing over to cost nothing, short enough for order to cost no memory. */
  chunkBytes: 512 * 1024,
  /** A certificate that needs more does not exist; a record that never ends must not fill the memory. */
  recordBytes: 1024 * 1024,
} as const;

const NEWLINE = 0x0a;

/**
 * Cuts a stream into chunks of whole records: PEM blocks, lines, or DER. A record longer than the budget is cut short
 * at it, and so becomes a damaged record of its own; what follows is read on.
 * @throws {NoRecordsError}
 * @param stream its pieces are copied, so each may be overwritten by the next
 * @param spare memory to put chunks into, of `recordBytes` each; whoever is done with a chunk may give its memory back
 */
export async function* chunksOf(
  stream: AsyncIterable<Uint8Array>,
  spare: ArrayBuffer[] = [],
): AsyncGenerator<Chunk, void, undefined> {
  const cutter = new Cutter(spare);
  for await (const piece of asUtf8(stream)) {
    for (let at = 0; at < piece.length;) {
      at += cutter.take(piece, at);
      for (let chunk = cutter.cut(); chunk !== undefined; chunk = cutter.cut()) yield chunk;
    }
  }
  for (let chunk = cutter.cut(true); chunk !== undefined; chunk = cutter.cut(true)) yield chunk;
}

/** Numbers what it cuts. */
class Cutter {
  readonly #spare: ArrayBuffer[];
  #memory: Buffer;
  /** Of `#memory`, how much there is. */
  #length = 0;
  /** How much there must be before looking for a cut is worth it. */
  #enough: number = BULK_BUDGET.chunkBytes;
  #form: RecordForm | undefined;
  #sequence = 0;
  #firstRecord = 1;

  constructor(spare: ArrayBuffer[]) {
    this.#spare = spare;
    this.#memory = this.#newMemory();
  }

  /** Takes what there is room for from `piece`, beginning at `at`; gives how much that was. */
  take(piece: Uint8Array, at: number): number {
    const some = piece.subarray(at, at + this.#enough - this.#length);
    this.#memory.set(some, this.#length);
    this.#length += some.length;
    return some.length;
  }

  /** The next chunk, if there is a whole one; at the end what is left is one, too. */
  cut(atEnd = false): Chunk | undefined {
    if (this.#length === 0 || (!atEnd && this.#length < this.#enough)) return undefined;
    const all = this.#memory.subarray(0, this.#length);
    const form = (this.#form ??= formOf(all));
    if (this.#sequence === 0 && startsJsonArray(all)) throw new NoRecordsError();
    const at = atEnd && this.#length < BULK_BUDGET.chunkBytes ? this.#length : cutOf(all, form);
    if (at === 0 && !atEnd) {
      this.#enough = Math.min(this.#enough + BULK_BUDGET.chunkBytes / 4, BULK_BUDGET.recordBytes);
      return undefined;
    }
    return this.#cutAt(at === 0 ? this.#length : at, form);
  }

  #cutAt(at: number, form: RecordForm): Chunk {
    const bytes = this.#memory.subarray(0, at);
    const next = this.#newMemory();
    next.set(this.#memory.subarray(at, this.#length));
    this.#memory = next;
    this.#length -= at;
    this.#enough = BULK_BUDGET.chunkBytes;
    const chunk = { sequence: this.#sequence++, form, bytes, firstRecord: this.#firstRecord };
    this.#firstRecord += countRecords(bytes, form);
    return chunk;
  }

  #newMemory(): Buffer {
    return Buffer.from(this.#spare.pop() ?? new ArrayBuffer(BULK_BUDGET.recordBytes));
  }
}

function countRecords(bytes: Buffer, form: RecordForm): number {
  switch (form) {
    case 'pem':
      return countBlocks(bytes);
    case 'jsonl':
      return countLines(bytes);
    case 'der':
      return countDer(bytes);
    case 'whole':
      return 1;
  }
}

/** A document that would have to be read whole, and is no stream of records. */
export class NoRecordsError extends Error {
  override readonly name = 'NoRecordsError';
}

/** `[{` or `["`: what stands in brackets otherwise may be a text before the first PEM block. */
const startsJsonArray = (start: Buffer): boolean => /^\s*\[\s*["{]/.test(start.toString('latin1', 0, 1024));

/** A DER certificate starts with a SEQUENCE of two length octets; JSON Lines with a quote or a brace. */
function formOf(start: Buffer): RecordForm {
  if (start[0] === 0x30 && (start[1] === 0x82 || start[1] === 0x81 || start[1] === 0x83)) return 'der';
  const first = start.find((byte) => byte > 0x20);
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
  return bytes.length >= BULK_BUDGET.recordBytes ? cutInside(bytes, form) : 0;
}

/** Where no record ends within the budget: not in the middle of a line that may begin the next one. */
function cutInside(bytes: Buffer, form: RecordForm): number {
  if (form !== 'pem') return bytes.length;
  const begin = bytes.lastIndexOf(BEGIN);
  return begin > 0 ? begin : bytes.length - BEGIN.length;
}

/** One past the last record that ends in the window. */
function lastEnd(bytes: Buffer, window: number, form: RecordForm): number {
  if (form === 'jsonl') return bytes.lastIndexOf(NEWLINE, window - 1) + 1;
  return form === 'der' ? derCut(bytes, window) : pemCut(bytes, window);
}

/** One past the record that ends first behind the window. */
function firstEnd(bytes: Buffer, window: number, form: RecordForm): number {
  if (form === 'jsonl') return bytes.indexOf(NEWLINE, window) + 1;
  if (form === 'der') return derEnd(bytes, 0) ?? 0;
  // Its END may begin inside and end outside.
  const inside = bytes.lastIndexOf(END, window - 1);
  return (inside === -1 ? 0 : blockEnd(bytes, inside)) || blockEnd(bytes, bytes.indexOf(END, window));
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

/** After the last END that is whole. */
function pemCut(bytes: Buffer, window: number): number {
  for (
    let end = bytes.lastIndexOf(END, window - 1);
    end !== -1;
    end = end === 0 ? -1 : bytes.lastIndexOf(END, end - 1)
  ) {
    const cut = blockEnd(bytes, end);
    if (cut > 0 && cut <= window) return cut;
  }
  return 0;
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
