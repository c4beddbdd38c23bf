import { TextDecoder } from 'node:util';

const UTF_8_MARK = [0xef, 0xbb, 0xbf];
const UTF_16_MARKS = [
  { mark: [0xff, 0xfe], encoding: 'utf-16le' },
  { mark: [0xfe, 0xff], encoding: 'utf-16be' },
] as const;

/**
 * The stream without the byte order mark that Windows programs put before a text; UTF-16, which its shell writes into
 * files, as UTF-8. Whatever has no mark is passed on as it is.
 */
export async function* asUtf8(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let decoder: TextDecoder | undefined;
  let start: Buffer | undefined = Buffer.alloc(0);
  for await (const piece of stream) {
    if (start === undefined) {
      yield decoder === undefined ? piece : Buffer.from(decoder.decode(piece, { stream: true }));
      continue;
    }
    start = Buffer.concat([start, piece]);
    if (start.length < UTF_8_MARK.length) continue;
    decoder = decoderFor(start);
    yield unmarked(start, decoder);
    start = undefined;
  }
  if (start !== undefined && start.length > 0) yield unmarked(start, (decoder = decoderFor(start)));
  const rest = decoder?.decode() ?? '';
  if (rest !== '') yield Buffer.from(rest);
}

const begins = (bytes: Buffer, mark: readonly number[]): boolean => mark.every((octet, i) => bytes[i] === octet);

function decoderFor(start: Buffer): TextDecoder | undefined {
  const found = UTF_16_MARKS.find(({ mark }) => begins(start, mark));
  return found && new TextDecoder(found.encoding);
}

// A decoder takes the mark away itself.
function unmarked(start: Buffer, decoder: TextDecoder | undefined): Buffer {
  if (decoder !== undefined) return Buffer.from(decoder.decode(start, { stream: true }));
  return begins(start, UTF_8_MARK) ? start.subarray(UTF_8_MARK.length) : start;
}
