const LF = 0x0a;
const CR = 0x0d;
const PAD = 0x3d;

/** Memory for one certificate at a time: what was decoded is good until the next. */
let scratch = Buffer.allocUnsafeSlow(16 * 1024);

/**
 * Decodes Base64 as programs write it: lines of equal length, no other white space, the last one shorter or equal.
 * Several times quicker than the careful decoder, which has to read everything else: for that the answer is undefined.
 * The bytes are good until the next call.
 */
export function decodeRegularBase64(text: Buffer, start: number, end: number): Uint8Array | undefined {
  let from = start;
  while (from < end && isLineEnd(text[from])) from++;
  let to = end;
  while (to > from && isLineEnd(text[to - 1])) to--;
  const characters = charactersBetween(text, from, to);
  if (characters === undefined || characters === 0 || characters % 4 !== 0) return undefined;
  const pads = text[to - 1] !== PAD ? 0 : text[to - 2] !== PAD ? 1 : 2;
  const length = (characters / 4) * 3 - pads;
  if (length > scratch.length) scratch = Buffer.allocUnsafeSlow(length * 2);
  const body = text.toString('latin1', from, to);
  // Node leaves out what is no Base64, which then shows in the length, and takes the URL-safe letters, too.
  const written = scratch.write(body, 0, 'base64');
  if (written !== length || body.includes('-') || body.includes('_')) return undefined;
  return new Uint8Array(scratch.buffer, scratch.byteOffset, length);
}

const isLineEnd = (octet: number | undefined): boolean => octet === LF || octet === CR;

/** How many there are without the line ends; undefined where lines are not alike. */
function charactersBetween(text: Buffer, from: number, to: number): number | undefined {
  const first = text.indexOf(LF, from);
  if (first === -1 || first >= to) return to - from;
  const step = first + 1 - from;
  const lineEnd = text[first - 1] === CR ? 2 : 1;
  if (step === lineEnd || (step - lineEnd) % 4 !== 0) return undefined;
  let characters = to - from;
  for (let at = first; at < to; at += step) {
    if (text[at] !== LF || (lineEnd === 2 && text[at - 1] !== CR)) return undefined;
    characters -= lineEnd;
  }
  return characters;
}
