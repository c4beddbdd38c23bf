const FIRST_SIZE = 64 * 1024;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

// What a terminal could obey or hide when somebody looks at the output: controls, formatting characters, separators,
// lone surrogates, variation selectors.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Variation_Selector}]/gu;

const encoder = new TextEncoder();

/** UTF-8 of any text. */
export const encodeText = (text: string): Uint8Array => encoder.encode(text);

/** JSON of any value on one line, safe to look at: what JSON leaves raw and a terminal could obey becomes `\uXXXX`. */
export const harmlessJson = (value: unknown): string => JSON.stringify(value).replace(UNSAFE, escapeUnits);

const escapeUnits = (character: string): string => {
  let escaped = '';
  for (let i = 0; i < character.length; i++) escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  return escaped;
};

/** Output as bytes, in memory that grows: a million reports are too many strings to put together first. */
export class ByteWriter {
  #bytes = new Uint8Array(FIRST_SIZE);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  raw(bytes: Uint8Array): void {
    const at = this.#length;
    if (at + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
    this.#length = at + bytes.length;
  }

  text(text: string): void {
    this.raw(encodeText(text));
  }

  /** `text` as a JSON string with its quotes. */
  json(text: string): void {
    if (!this.#asciiJson(text)) this.raw(encodeText(harmlessJson(text)));
  }

  /** A whole number from 0 on. */
  number(value: number): void {
    if (this.#length + 16 > this.#bytes.length) this.#grow(16);
    const bytes = this.#bytes;
    let digits = 1;
    for (let most = 10; value >= most; most *= 10) digits++;
    const end = this.#length + digits;
    for (let i = end - 1, rest = value; i >= this.#length; i--) {
      const next = Math.floor(rest / 10);
      bytes[i] = 0x30 + rest - next * 10;
      rest = next;
    }
    this.#length = end;
  }

  /** A copy of what was written since `length` was `start`. */
  since(start: number): Uint8Array {
    return this.#bytes.slice(start, this.#length);
  }

  /** What was written, and the memory it lies in with it; the next write begins in `memory`, or in new one. */
  handOver(memory: ArrayBuffer = new ArrayBuffer(FIRST_SIZE)): Uint8Array {
    const written = this.#bytes.subarray(0, this.#length);
    this.#bytes = new Uint8Array(memory);
    this.#length = 0;
    return written;
  }

  /** A copy of what was written; the next write begins anew. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  /** Writes a text of printable ASCII, as nearly every text is: one loop is much quicker than encoding. Else false. */
  #asciiJson(text: string): boolean {
    const { length } = text;
    if (this.#length + 2 * length + 2 > this.#bytes.length) this.#grow(2 * length + 2);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = QUOTE;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x20 || unit > 0x7e) return false;
      if (unit === QUOTE || unit === BACKSLASH) bytes[at++] = BACKSLASH;
      bytes[at++] = unit;
    }
    bytes[at++] = QUOTE;
    this.#length = at;
    return true;
  }

  #grow(more: number): void {
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
