import { encodeOid } from '../../core/der/oid.ts';
import { TAG, contextConstructed, contextPrimitive } from '../../core/der/tags.ts';

/**
 * Writes DER. Byte by byte under control, because this is also how certificates that are wrong in exactly one way are
 * made; `core/der` reads back whatever is meant to be right. Pure, as all of this folder: a browser makes its CSR with it.
 */
export function tlv(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const length = contents.reduce((sum, part) => sum + part.length, 0);
  return concat([Uint8Array.of(tag), encodeLength(length), ...contents]);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function encodeLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Uint8Array.of(0x80 | octets.length, ...octets);
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => tlv(TAG.SEQUENCE, ...parts);

/** A SET OF: X.690 §11.6 wants its elements in ascending order of their encodings. */
export const setOf = (...parts: readonly Uint8Array[]): Uint8Array => tlv(TAG.SET, ...parts.toSorted(compareOctets));

function compareOctets(a: Uint8Array, b: Uint8Array): number {
  const differs = a.findIndex((octet, i) => octet !== b[i]);
  return differs < 0 ? a.length - b.length : a[differs]! - (b[differs] ?? -1);
}

export const oid = (dotted: string): Uint8Array => tlv(TAG.OBJECT_IDENTIFIER, encodeOid(dotted));
export const nullValue = (): Uint8Array => Uint8Array.of(TAG.NULL, 0);
export const boolean = (value: boolean): Uint8Array => Uint8Array.of(TAG.BOOLEAN, 1, value ? 0xff : 0);
export const octetString = (...contents: readonly Uint8Array[]): Uint8Array => tlv(TAG.OCTET_STRING, ...contents);
/** Whole octets, no unused bits. */
export const bitString = (...contents: readonly Uint8Array[]): Uint8Array =>
  tlv(TAG.BIT_STRING, Uint8Array.of(0), ...contents);
export const explicit = (number: number, ...contents: readonly Uint8Array[]): Uint8Array =>
  tlv(contextConstructed(number), ...contents);
/** `[number] IMPLICIT` over a primitive type. */
export const implicit = (number: number, contents: Uint8Array): Uint8Array => tlv(contextPrimitive(number), contents);

export function integer(value: bigint | number): Uint8Array {
  const number = BigInt(value);
  let octets = 1n;
  while (number >= 1n << (8n * octets - 1n) || number < -(1n << (8n * octets - 1n))) octets++;
  const hex = BigInt.asUintN(Number(8n * octets), number)
    .toString(16)
    .padStart(Number(2n * octets), '0');
  return tlv(
    TAG.INTEGER,
    Uint8Array.from(hex.match(/../g)!, (octet) => parseInt(octet, 16)),
  );
}

/** A NamedBitList: the numbers of the bits that are set; trailing zero bits removed (X.690 §11.2.2). */
export function namedBits(bits: readonly number[]): Uint8Array {
  if (bits.length === 0) return tlv(TAG.BIT_STRING, Uint8Array.of(0));
  const highest = Math.max(...bits);
  const octets = new Uint8Array(Math.floor(highest / 8) + 1);
  for (const bit of bits) octets[Math.floor(bit / 8)]! |= 0x80 >>> (bit % 8);
  return tlv(TAG.BIT_STRING, Uint8Array.of(7 - (highest % 8)), octets);
}

/** One octet a character. */
export const latin1 = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);

const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;
export const utf8String = (text: string): Uint8Array => tlv(TAG.UTF8_STRING, new TextEncoder().encode(text));
export const printableString = (text: string): Uint8Array => tlv(TAG.PRINTABLE_STRING, latin1(text));
export const ia5String = (text: string): Uint8Array => tlv(TAG.IA5_STRING, latin1(text));
/** PrintableString where the characters allow it, else UTF8String: what RFC 5280 §4.1.2.4 wants of new names. */
export const directoryString = (text: string): Uint8Array =>
  PRINTABLE.test(text) ? printableString(text) : utf8String(text);

/** RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050 on (and before 1950). */
export function time(at: Date): Uint8Array {
  const digits = at
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:T]/g, '');
  const year = at.getUTCFullYear();
  return year >= 1950 && year < 2050
    ? tlv(TAG.UTC_TIME, latin1(digits.slice(2)))
    : tlv(TAG.GENERALIZED_TIME, latin1(digits));
}

export function toPem(label: string, der: Uint8Array): string {
  const base64 = toBase64(der);
  return `-----BEGIN ${label}-----\n${base64.replaceAll(/.{64}(?=.)/g, '$&\n')}\n-----END ${label}-----\n`;
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  // In pieces: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}
