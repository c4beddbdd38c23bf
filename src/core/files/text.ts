/** A file as characters of one byte each, with the way back to its own bytes. */
export interface Text {
  /** One entry per character; characters beyond Latin-1 in UTF-16 stand as `NOT_LATIN`. UTF-8 is left as it is. */
  readonly characters: Uint8Array;
  readonly bom: boolean;
  readonly utf16: boolean;
  /** The offset in the file of a character. */
  offsetOf(character: number): number;
  /** What people see at that place: one character, or its name where it has no shape. */
  nameOf(character: number): string;
}

/** Stands for a UTF-16 code unit above 0xFF: a control character that no PEM file has. */
const NOT_LATIN = 0x1a;

/** Reads byte order marks and UTF-16, with or without one. UTF-16 is copied: the caller wipes `characters`. */
export function readText(bytes: Uint8Array): Text {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return bytewise(bytes, 3);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return utf16(bytes, 2, 0);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return utf16(bytes, 2, 1);
  const low = utf16WithoutMark(bytes);
  return low === undefined ? bytewise(bytes, 0) : utf16(bytes, 0, low);
}

function bytewise(bytes: Uint8Array, start: number): Text {
  return {
    characters: start === 0 ? bytes : bytes.subarray(start),
    bom: start > 0,
    utf16: false,
    offsetOf: (character) => character + start,
    nameOf: (character) => nameOf(codePointAt(bytes, character + start)),
  };
}

/** `low`: which byte of a pair is the low one. */
function utf16(bytes: Uint8Array, start: number, low: 0 | 1): Text {
  const characters = new Uint8Array((bytes.length - start) >>> 1);
  for (let i = 0, at = start; i < characters.length; i++, at += 2) {
    characters[i] = bytes[at + 1 - low] === 0 ? bytes[at + low]! : NOT_LATIN;
  }
  const unit = (i: number): number => (bytes[start + 2 * i + 1 - low]! << 8) | bytes[start + 2 * i + low]!;
  return {
    characters,
    bom: start > 0,
    utf16: true,
    offsetOf: (character) => start + 2 * character,
    nameOf: (character) => (character < characters.length ? nameOf(unit(character)) : nameOf(undefined)),
  };
}

// Windows PowerShell's `>` writes UTF-16; some editors drop its mark. Text of one script has every other byte zero.
function utf16WithoutMark(bytes: Uint8Array): 0 | 1 | undefined {
  const pairs = Math.min(bytes.length >>> 1, 32);
  if (pairs < 8) return undefined;
  const isText = (byte: number): boolean => (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d);
  for (const low of [0, 1] as const) {
    let fits = true;
    for (let i = 0; i < pairs && fits; i++) {
      fits = bytes[2 * i + 1 - low] === 0 && isText(bytes[2 * i + low]!);
    }
    if (fits) return low;
  }
  return undefined;
}

/** The code point that starts at `at` in UTF-8; a stray byte as itself. */
function codePointAt(bytes: Uint8Array, at: number): number | undefined {
  const first = bytes[at];
  if (first === undefined || first < 0x80) return first;
  const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : 0;
  if (more === 0 || first > 0xf4) return first;
  let point = first & (0x3f >> more);
  for (let i = 1; i <= more; i++) {
    const next = bytes[at + i];
    if (next === undefined || (next & 0xc0) !== 0x80) return first;
    point = (point << 6) | (next & 0x3f);
  }
  return point <= 0x10ffff ? point : first;
}

const NAMES: Readonly<Record<number, string>> = {
  0x00: 'a NUL byte',
  0x09: 'a tab',
  0x0a: 'a line break',
  0x0d: 'a carriage return',
  0x20: 'a space',
  0xa0: 'a no-break space (U+00A0)',
  0xad: 'a soft hyphen (U+00AD)',
  0x200b: 'a zero-width space (U+200B)',
  0x2028: 'a line separator (U+2028)',
  0xfeff: 'a byte order mark (U+FEFF)',
  0xfffd: 'a replacement character (U+FFFD: a character was lost in a conversion)',
};

/** `"|"`, or `a no-break space (U+00A0)`, or `U+0007`. Nothing of it can move a terminal's cursor. */
export function nameOf(point: number | undefined): string {
  if (point === undefined) return 'the end of the file';
  const name = NAMES[point];
  if (name !== undefined) return name;
  const hex = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return `a control character (${hex})`;
  // Marks that join to, turn around or hide their neighbours.
  if ((point >= 0x300 && point < 0x370) || (point >= 0x2000 && point < 0x2070) || (point >= 0xd800 && point < 0xf900)) {
    return hex;
  }
  return point < 0x7f ? `"${String.fromCodePoint(point)}"` : `"${String.fromCodePoint(point)}" (${hex})`;
}

/** Line and column, both from 1, for offsets asked in ascending order: one pass over the text, however many are asked. */
export class LineCounter {
  readonly #text: Uint8Array;
  #at = 0;
  #line = 1;
  #column = 1;

  constructor(text: Uint8Array) {
    this.#text = text;
  }

  /** Columns count characters, not bytes: UTF-8 continuation bytes have none. CR, LF and CR LF end a line. */
  locate(offset: number): { line: number; column: number } {
    const text = this.#text;
    const end = Math.min(offset, text.length);
    let line = this.#line;
    let column = this.#column;
    let at = this.#at;
    for (; at < end; at++) {
      const byte = text[at]!;
      if (byte === 0x0a || (byte === 0x0d && text[at + 1] !== 0x0a)) {
        line++;
        column = 1;
      } else if ((byte & 0xc0) !== 0x80) column++;
    }
    this.#at = at;
    this.#line = line;
    this.#column = column;
    return { line, column };
  }
}
