/** A character where Base64 has none, or a place where characters are missing. */
export interface Base64Fault {
  readonly code: 'bad-base64' | 'inner-space' | 'written-newline';
  /** Into the text that was read. */
  readonly offset: number;
  readonly reason: 'character' | 'space' | 'written-newline' | 'data-after-padding' | 'incomplete' | 'padding-wrong';
}

export interface Base64Result {
  readonly bytes: Uint8Array;
  /** In the order of the text; at most `maxFaults`. */
  readonly faults: readonly Base64Fault[];
  /** How many more there were. */
  readonly moreFaults: number;
}

const BAD = 255;
const SPACE = 254;
const LINE_END = 253;
const PAD = 252;

// RFC 4648 §4; what is no letter of it is BAD, white space or the pad.
const VALUE = new Uint8Array(256).fill(BAD);
for (const [value, letter] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  VALUE[letter.charCodeAt(0)] = value;
}
VALUE[0x3d] = PAD;
for (const space of [0x20, 0x09, 0x0b, 0x0c]) VALUE[space] = SPACE;
VALUE[0x0a] = VALUE[0x0d] = LINE_END;

/**
 * Decodes the Base64 of `text[start, end)`, white space allowed, and says what else stood there. What is no Base64 is
 * dropped, so that a damaged certificate can still be looked at. Linear; needs 3/4 of the text.
 *
 * Spaces between characters of one line are reported too (`inner-space`): OpenSSL skips them, but in a file that was
 * copied from a page they often stand where a character was lost.
 */
export function decodeBase64(text: Uint8Array, start: number, end: number, maxFaults: number): Base64Result {
  const decoder = new Decoder(text, start, end, maxFaults);
  while (decoder.position < end) {
    // Nearly every file is whole groups of four and line ends; the rest is for what is not.
    decoder.wholeGroups();
    if (decoder.position < end) decoder.character();
  }
  return decoder.result();
}

/** What was decoded so far, and what the next character means after it. */
class Decoder {
  /** Of the next character. */
  position: number;
  readonly #text: Uint8Array;
  readonly #end: number;
  readonly #faults: FaultList;
  readonly #bytes: Uint8Array;
  #length = 0;
  /** Of the group begun. */
  #bits = 0;
  #characters = 0;
  #pads = 0;
  /** Where white space began inside a line; -1: nowhere. */
  #spaceAt = -1;
  #lineHasData = false;

  constructor(text: Uint8Array, start: number, end: number, maxFaults: number) {
    this.#text = text;
    this.position = start;
    this.#end = end;
    this.#faults = new FaultList(maxFaults);
    this.#bytes = new Uint8Array(Math.ceil((end - start) / 4) * 3);
  }

  /** Groups of four letters as long as nothing else comes, where a group may begin. */
  wholeGroups(): void {
    if ((this.#characters & 3) !== 0 || this.#pads !== 0 || this.#spaceAt !== -1) return;
    const text = this.#text;
    const bytes = this.#bytes;
    const last = this.#end - 4;
    let i = this.position;
    let length = this.#length;
    for (; i <= last; i += 4) {
      const a = VALUE[text[i]!]!;
      const b = VALUE[text[i + 1]!]!;
      const c = VALUE[text[i + 2]!]!;
      const d = VALUE[text[i + 3]!]!;
      if ((a | b | c | d) > 63) break;
      const group = (a << 18) | (b << 12) | (c << 6) | d;
      bytes[length++] = group >>> 16;
      bytes[length++] = group >>> 8;
      bytes[length++] = group;
    }
    if (i > this.position) this.#lineHasData = true;
    this.#length = length;
    this.position = i;
  }

  /** The next character, whatever it is. */
  character(): void {
    const at = this.position++;
    const value = VALUE[this.#text[at]!]!;
    if (value === LINE_END) {
      this.#spaceAt = -1;
      this.#lineHasData = false;
    } else if (value === SPACE) {
      if (this.#lineHasData && this.#spaceAt === -1) this.#spaceAt = at;
    } else if (value === PAD) this.#pads++;
    else {
      if (this.#spaceAt !== -1) this.#faults.add('inner-space', this.#spaceAt, 'space');
      this.#spaceAt = -1;
      if (value === BAD) this.#bad(at);
      else this.#letter(value, at);
    }
  }

  #bad(at: number): void {
    const written = isWrittenNewline(this.#text, at, this.#end);
    this.#faults.add(written ? 'written-newline' : 'bad-base64', at, written ? 'written-newline' : 'character');
    if (written) this.position++;
  }

  #letter(value: number, at: number): void {
    this.#lineHasData = true;
    if (this.#pads > 0) {
      this.#faults.add('bad-base64', at, 'data-after-padding');
      this.#pads = 0;
    }
    this.#bits = (this.#bits << 6) | value;
    if ((++this.#characters & 3) !== 0) return;
    this.#bytes[this.#length++] = this.#bits >>> 16;
    this.#bytes[this.#length++] = this.#bits >>> 8;
    this.#bytes[this.#length++] = this.#bits;
    this.#bits = 0;
  }

  result(): Base64Result {
    const rest = this.#characters & 3;
    if (rest >= 2) this.#bytes[this.#length++] = rest === 2 ? this.#bits >>> 4 : this.#bits >>> 10;
    if (rest === 3) this.#bytes[this.#length++] = this.#bits >>> 2;
    const reason = faultAtEnd(rest, this.#pads);
    if (reason !== undefined) this.#faults.add('bad-base64', this.#end, reason);
    const { list, more } = this.#faults;
    return { bytes: this.#bytes.subarray(0, this.#length), faults: list, moreFaults: more };
  }
}

/** What is wrong with the last group of four: `rest` characters (0 to 3) and `pads` times `=`. */
function faultAtEnd(rest: number, pads: number): Base64Fault['reason'] | undefined {
  if (rest === 1) return 'incomplete';
  return pads === (rest === 0 ? 0 : 4 - rest) ? undefined : 'padding-wrong';
}

/** The first `most` faults, and how many came after them. */
class FaultList {
  readonly list: Base64Fault[] = [];
  more = 0;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  add(code: Base64Fault['code'], offset: number, reason: Base64Fault['reason']): void {
    if (this.list.length < this.#most) this.list.push({ code, offset, reason });
    else this.more++;
  }
}

/** A line break spelled as backslash and letter. */
const isWrittenNewline = (text: Uint8Array, at: number, end: number): boolean =>
  text[at] === 0x5c && at + 1 < end && (text[at + 1] === 0x6e || text[at + 1] === 0x72);

/**
 * Decodes damaged Base64 line by line, as PEM has it: every full line stands for the same number of bytes, so damage in
 * one line does not shift the next. A character that is no Base64 counts as the letter A. For looking at, not for use.
 */
export function decodeLinesApart(text: Uint8Array, start: number, end: number): Uint8Array {
  const lines = linesOf(text, start, end);
  const width = lines[0]?.length ?? 0;
  const bytes = new Uint8Array(Math.ceil((end - start) / 4) * 3);
  let length = 0;
  for (const [index, line] of lines.entries()) {
    const full = index < lines.length - 1 && width % 4 === 0 && Math.abs(line.length - width) <= 4;
    const group = full ? width : Math.ceil(line.length / 4) * 4;
    for (let i = 0; i < group; i += 4) {
      const bits =
        (valueAt(line, i) << 18) | (valueAt(line, i + 1) << 12) | (valueAt(line, i + 2) << 6) | valueAt(line, i + 3);
      bytes[length++] = bits >>> 16;
      bytes[length++] = bits >>> 8;
      bytes[length++] = bits;
    }
  }
  return bytes.subarray(0, length);
}

const valueAt = (line: Uint8Array, i: number): number => {
  const value = VALUE[line[i] ?? BAD]!;
  return value < 64 ? value : 0;
};

/** Without white space; no empty ones. */
function linesOf(text: Uint8Array, start: number, end: number): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let from = start;
  for (let i = start; i <= end; i++) {
    if (i < end && VALUE[text[i]!] !== LINE_END) continue;
    const line = text.subarray(from, i).filter((byte) => VALUE[byte] !== SPACE);
    if (line.length > 0) lines.push(line);
    from = i + 1;
  }
  return lines;
}
