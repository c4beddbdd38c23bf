import { DerError } from './errors.ts';
import { tagName } from './tags.ts';

/** One TLV in place: nothing is copied, every value knows its bytes. */
export class Element {
  /** The array that is being read, whole; offsets count from its start. */
  readonly bytes: Uint8Array;
  readonly tag: number;
  /** Of the identifier octet. */
  readonly offset: number;
  /** Of the first content octet. */
  readonly contentOffset: number;
  /** One past the last content octet. */
  readonly end: number;

  constructor(bytes: Uint8Array, tag: number, offset: number, contentOffset: number, end: number) {
    this.bytes = bytes;
    this.tag = tag;
    this.offset = offset;
    this.contentOffset = contentOffset;
    this.end = end;
  }

  /** Bytes of header and content. */
  get length(): number {
    return this.end - this.offset;
  }

  get contentLength(): number {
    return this.end - this.contentOffset;
  }

  /** Header and content, a view. */
  der(): Uint8Array {
    return this.bytes.subarray(this.offset, this.end);
  }

  /** Content octets, a view. */
  content(): Uint8Array {
    return this.bytes.subarray(this.contentOffset, this.end);
  }

  /** Reads what is inside, element by element. */
  reader(): Reader {
    return new Reader(this.bytes, this.contentOffset, this.end);
  }

  sameBytes(other: Element): boolean {
    const length = this.end - this.offset;
    if (other.end - other.offset !== length) return false;
    for (let i = 0; i < length; i++) {
      if (this.bytes[this.offset + i] !== other.bytes[other.offset + i]) return false;
    }
    return true;
  }
}

/**
 * Reads the elements of one constructed value in order. Strict X.690 DER: definite, minimal lengths, nothing past the
 * end. Never recurses, so depth costs nothing until someone walks it.
 */
export class Reader {
  readonly bytes: Uint8Array;
  position: number;
  readonly end: number;

  constructor(bytes: Uint8Array, position = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  get atEnd(): boolean {
    return this.position >= this.end;
  }

  /** The identifier octet of the next element; -1 at the end. */
  peekTag(): number {
    return this.position < this.end ? this.bytes[this.position]! : -1;
  }

  /** The next element, whatever its tag. */
  read(what: string): Element {
    const { bytes, position, end } = this;
    if (position >= end) throw new DerError('missing-element', position, `${what} is missing`);
    const tag = bytes[position]!;
    // X.690 §8.1.2.4: no type of X.509 needs a tag number above 30.
    if ((tag & 0x1f) === 0x1f) {
      throw new DerError('high-tag-number', position, `${what} has a multi-byte tag, which no X.509 type uses`);
    }
    if (position + 1 >= end) throw new DerError('truncated', position, `${what} ends before its length`);
    let contentOffset = position + 2;
    let length = bytes[position + 1]!;
    if (length >= 0x80) {
      length = this.#longLength(length, what);
      contentOffset += bytes[position + 1]! & 0x7f;
    }
    const elementEnd = contentOffset + length;
    if (elementEnd > end) this.#tooLong(what, length, end - contentOffset);
    this.position = elementEnd;
    return new Element(bytes, tag, position, contentOffset, elementEnd);
  }

  // X.690 §10.1: the definite form, encoded in the minimum number of octets.
  #longLength(first: number, what: string): number {
    const at = this.position + 1;
    if (first === 0x80) {
      throw new DerError('indefinite-length', at, `${what} has an indefinite length: BER, not DER`);
    }
    const octets = first & 0x7f;
    if (octets > 4) throw new DerError('length-too-large', at, `${what} claims a length of ${octets} octets`);
    if (at + octets >= this.end) throw new DerError('truncated', at, `${what} ends inside its length`);
    let length = 0;
    for (let i = 1; i <= octets; i++) length = length * 256 + this.bytes[at + i]!;
    if (length < 0x80 || this.bytes[at + 1] === 0) {
      throw new DerError('non-minimal-length', at, `${what} has a length in more octets than needed: BER, not DER`);
    }
    return length;
  }

  #tooLong(what: string, claimed: number, available: number): never {
    const inside = this.end < this.bytes.length;
    throw new DerError(
      inside ? 'length-beyond-parent' : 'truncated',
      this.position,
      `${what} claims ${claimed} content bytes where ${available} ${inside ? 'fit in what encloses it' : 'are left'}`,
    );
  }

  /** The next element, which must carry `tag`. */
  expect(tag: number, what: string): Element {
    const at = this.position;
    const actual = this.peekTag();
    if (actual === -1) throw new DerError('missing-element', at, `${what} is missing`);
    if (actual !== tag) {
      throw new DerError('unexpected-tag', at, `${what} must be ${tagName(tag)}, found ${tagName(actual)}`);
    }
    return this.read(what);
  }

  /** The next element if it carries `tag`, else undefined. */
  optional(tag: number, what: string): Element | undefined {
    return this.peekTag() === tag ? this.read(what) : undefined;
  }

  /** Says that nothing may follow. */
  finish(what: string): void {
    if (this.position < this.end) {
      const extra = this.end - this.position;
      throw new DerError(
        'trailing-bytes',
        this.position,
        `${what} has ${extra} byte${extra === 1 ? '' : 's'} after its last field`,
      );
    }
  }
}

/** The one element that fills `bytes` completely. */
export function readSingle(bytes: Uint8Array, tag: number, what: string): Element {
  const reader = new Reader(bytes);
  const element = reader.expect(tag, what);
  if (!reader.atEnd) {
    const extra = bytes.length - element.end;
    throw new DerError('trailing-bytes', element.end, `${extra} byte${extra === 1 ? '' : 's'} after the ${what}`);
  }
  return element;
}
