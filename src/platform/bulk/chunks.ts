import type { Chunk, RecordForm } from './protocol.ts';

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
 * Cuts a stream into chunks of whole records: PEM blocks, or lines. A record longer than the budget is cut short at it,
 * and so becomes a damaged record of its own; what follows is read on.
 */
export async function* chunksOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Chunk> {
  let form: RecordForm | undefined;
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let sequence = 0;
  let firstRecord = 1;
  let firstLine = 1;
  const chunk = (bytes: Buffer): Chunk => {
    const made = { sequence: sequence++, form: form!, bytes, firstRecord, firstLine };
    firstRecord += form === 'pem' ? count(bytes, BEGIN) : form === 'jsonl' ? countLines(bytes) : 1;
    firstLine += countByte(bytes, NEWLINE);
    return made;
  };
  for await (const piece of stream) {
    pending.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
    pendingBytes += piece.byteLength;
    if (pendingBytes < BULK_BUDGET.chunkBytes) continue;
    let whole = Buffer.concat(pending);
    form ??= formOf(whole);
    for (let cut = cutOf(whole, form); cut > 0; cut = whole.length < BULK_BUDGET.chunkBytes ? 0 : cutOf(whole, form)) {
      yield chunk(whole.subarray(0, cut));
      whole = whole.subarray(cut);
    }
    if (form === 'der' && whole.length > BULK_BUDGET.recordBytes) break;
    pending = [whole];
    pendingBytes = whole.length;
  }
  const rest = Buffer.concat(pending);
  if (rest.length === 0) return;
  form ??= formOf(rest);
  yield chunk(rest);
}

/** A DER certificate starts with a SEQUENCE of two length octets; JSON Lines with a quote or a brace. */
function formOf(start: Buffer): RecordForm {
  const text = start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf ? start.subarray(3) : start;
  const first = text.find((byte) => byte > 0x20);
  if (text[0] === 0x30 && (text[1] === 0x82 || text[1] === 0x81 || text[1] === 0x83)) return 'der';
  return first === 0x7b || first === 0x22 ? 'jsonl' : 'pem';
}

/** One past the last whole record within the first chunk's worth of bytes; 0 where there is none yet. DER is one record. */
function cutOf(bytes: Buffer, form: RecordForm): number {
  if (form === 'der') return 0;
  const window = Math.min(bytes.length, BULK_BUDGET.chunkBytes);
  const at = form === 'jsonl' ? bytes.lastIndexOf(NEWLINE, window - 1) + 1 : pemCut(bytes, window);
  if (at > 0) return at;
  // The record is longer than the window: up to its end, or to the budget.
  const end = form === 'jsonl' ? bytes.indexOf(NEWLINE, window) + 1 : lineAfter(bytes, bytes.indexOf(END, window));
  if (end > 0 && end <= BULK_BUDGET.recordBytes) return end;
  return bytes.length >= BULK_BUDGET.recordBytes ? BULK_BUDGET.recordBytes : 0;
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

function countByte(bytes: Buffer, byte: number): number {
  let found = 0;
  for (let at = bytes.indexOf(byte); at !== -1; at = bytes.indexOf(byte, at + 1)) found++;
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
