import type { Element } from './element.ts';
import { DerError } from './errors.ts';

export function readBoolean(element: Element, what: string): boolean {
  const value = element.bytes[element.contentOffset];
  // X.690 §11.1: TRUE is one octet with all bits set.
  if (element.contentLength !== 1 || (value !== 0 && value !== 0xff)) {
    throw new DerError('bad-boolean', element.offset, `${what} is not a DER BOOLEAN (00 or FF)`);
  }
  return value === 0xff;
}

/** X.690 §8.3.2: at least one octet, and the first nine bits neither all ones nor all zeros. */
export function checkInteger(element: Element, what: string): void {
  const { bytes, contentOffset } = element;
  const length = element.contentLength;
  if (length === 0) throw new DerError('bad-integer', element.offset, `${what} is an INTEGER without content`);
  if (length === 1) return;
  const first = bytes[contentOffset]!;
  const secondBit = bytes[contentOffset + 1]! >>> 7;
  if ((first === 0 && secondBit === 0) || (first === 0xff && secondBit === 1)) {
    throw new DerError('bad-integer', element.offset, `${what} is an INTEGER in more octets than needed: BER, not DER`);
  }
}

/** The value of an INTEGER that must be small (versions, path lengths): exact below 2^47, else `what` is refused. */
export function readSmallInteger(element: Element, what: string): number {
  checkInteger(element, what);
  if (element.contentLength > 6) throw new DerError('bad-value', element.offset, `${what} is too large`);
  let value = (element.bytes[element.contentOffset]! << 24) >> 24;
  for (let i = element.contentOffset + 1; i < element.end; i++) value = value * 256 + element.bytes[i]!;
  return value;
}

/** As `readSmallInteger`, for INTEGER (0..MAX). */
export function readNonNegativeInteger(element: Element, what: string): number {
  const value = readSmallInteger(element, what);
  if (value < 0) throw new DerError('bad-value', element.offset, `${what} is negative`);
  return value;
}

/** The value of an INTEGER of any size, signed. */
export function readBigInteger(element: Element, what: string): bigint {
  checkInteger(element, what);
  const negative = element.bytes[element.contentOffset]! >= 0x80;
  const magnitude = unsignedBigInteger(element.content());
  return negative ? magnitude - (1n << BigInt(8 * element.contentLength)) : magnitude;
}

/** Octets as one big-endian unsigned number. */
export function unsignedBigInteger(octets: Uint8Array): bigint {
  return octets.length === 0 ? 0n : BigInt(`0x${toHex(octets)}`);
}

export function readNull(element: Element, what: string): void {
  if (element.contentLength !== 0) throw new DerError('bad-null', element.offset, `${what} is a NULL with content`);
}

export interface BitString {
  /** 0 to 7: how many low bits of the last octet do not count. */
  readonly unusedBits: number;
  /** Into the same array as the element. */
  readonly offset: number;
  readonly end: number;
}

/** X.690 §11.2: unused bits are zero; an empty string has none. */
export function readBitString(element: Element, what: string): BitString {
  const { bytes, contentOffset, end } = element;
  const unusedBits = bytes[contentOffset] ?? 8;
  const empty = element.contentLength === 1;
  if (element.contentLength === 0 || unusedBits > 7 || (empty && unusedBits !== 0)) {
    throw new DerError('bad-bit-string', element.offset, `${what} is not a DER BIT STRING`);
  }
  if (unusedBits > 0 && (bytes[end - 1]! & ((1 << unusedBits) - 1)) !== 0) {
    throw new DerError('bad-bit-string', end - 1, `${what} has unused bits that are set: BER, not DER`);
  }
  return { unusedBits, offset: contentOffset + 1, end };
}

/** A BIT STRING that must hold whole octets (keys, signatures); a view of them. */
export function readBitStringOctets(element: Element, what: string): Uint8Array {
  const bits = readBitString(element, what);
  if (bits.unusedBits !== 0) {
    throw new DerError('bad-bit-string', element.offset, `${what} does not hold whole octets`);
  }
  return element.bytes.subarray(bits.offset, bits.end);
}

/**
 * A NamedBitList (KeyUsage, ReasonFlags) as a number: bit n of the list is bit n of the result, up to 31.
 * X.690 §11.2.2: trailing zero bits are removed; `minimal` says whether they were.
 */
export function readNamedBits(element: Element, what: string): { bits: number; minimal: boolean } {
  const { unusedBits, offset, end } = readBitString(element, what);
  if (end - offset > 4) throw new DerError('bad-value', element.offset, `${what} has more than 32 bits`);
  let bits = 0;
  for (let i = offset; i < end; i++) {
    const octet = element.bytes[i]!;
    for (let bit = 0; bit < 8; bit++) {
      if (octet & (0x80 >>> bit)) bits |= 1 << ((i - offset) * 8 + bit);
    }
  }
  const minimal = end === offset || (element.bytes[end - 1]! & (1 << unusedBits)) !== 0;
  return { bits: bits >>> 0, minimal };
}

const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

export function toHex(bytes: Uint8Array, separator = ''): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += (i > 0 ? separator : '') + HEX[bytes[i]!]!;
  return text;
}
