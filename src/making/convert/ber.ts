import { concat, tlv } from '../encode/der.ts';
import { ConversionError } from './conversion-error.ts';

// PKCS#12 nests some fifteen levels deep.
const DEEPEST = 40;

const CONSTRUCTED = 0x20;
const OCTET_STRING = 0x04;

/**
 * The same value with definite, minimal lengths and strings in one piece. Windows, Java and Bouncy Castle write PKCS#7
 * and PKCS#12 in BER; the strict reader wants DER. What already is DER comes out byte for byte the same.
 * @throws {ConversionError} where the bytes are not even BER.
 */
export function toDefiniteLengths(ber: Uint8Array): Uint8Array {
  const walker = new Walker(ber);
  return walker.element(0).bytes;
}

interface Rewritten {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly bytes: Uint8Array;
}

class Walker {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  element(depth: number, end = this.#bytes.length): Rewritten {
    if (depth > DEEPEST) throw damaged('it is nested too deeply');
    const tag = this.#octet(end);
    if ((tag & 0x1f) === 0x1f) throw damaged('it uses a tag that no certificate file uses');
    const length = this.#length(end);
    if (length === undefined && (tag & CONSTRUCTED) === 0) throw damaged('a simple value has no length');
    if ((tag & CONSTRUCTED) === 0) return this.#leaf(tag, length!, end);
    const parts = this.#parts(depth, length === undefined ? undefined : this.#at + length, end);
    // X.690 §8.7: an OCTET STRING may come in pieces; DER wants it whole (§10.2).
    if (tag === (OCTET_STRING | CONSTRUCTED))
      return rewritten(OCTET_STRING, concat(parts.map(({ content }) => content)));
    return rewritten(tag, concat(parts.map(({ bytes }) => bytes)));
  }

  #leaf(tag: number, length: number, end: number): Rewritten {
    const stop = this.#at + length;
    if (stop > end) throw damaged('it is cut off');
    const content = this.#bytes.subarray(this.#at, stop);
    this.#at = stop;
    return rewritten(tag, content);
  }

  #parts(depth: number, stop: number | undefined, end: number): Rewritten[] {
    if (stop !== undefined && stop > end) throw damaged('it is cut off');
    const parts: Rewritten[] = [];
    for (;;) {
      if (stop !== undefined && this.#at >= stop) return parts;
      // X.690 §8.1.5: end-of-contents.
      if (stop === undefined && this.#bytes[this.#at] === 0 && this.#bytes[this.#at + 1] === 0) {
        this.#at += 2;
        return parts;
      }
      parts.push(this.element(depth + 1, stop ?? end));
    }
  }

  #length(end: number): number | undefined {
    const first = this.#octet(end);
    if (first < 0x80) return first;
    if (first === 0x80) return undefined;
    let length = 0;
    for (let octets = first & 0x7f; octets > 0; octets--) length = length * 256 + this.#octet(end);
    if (!Number.isSafeInteger(length)) throw damaged('it claims an impossible length');
    return length;
  }

  #octet(end: number): number {
    if (this.#at >= end) throw damaged('it is cut off');
    return this.#bytes[this.#at++]!;
  }
}

const rewritten = (tag: number, content: Uint8Array): Rewritten => ({ tag, content, bytes: tlv(tag, content) });

const damaged = (why: string): ConversionError =>
  new ConversionError(`The file is damaged: ${why}.`, 'Copy the file again from where it was made, in binary mode.');
