/** A DER encoder of the tests' own, so that the reader is not held against itself. */
export const tlv = (tag: number, ...parts: (Uint8Array | readonly number[])[]): Uint8Array => {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const length = content.length;
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), content]);
  const octets = Buffer.from(length.toString(16).padStart(2 * Math.ceil(length.toString(16).length / 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | octets.length]), octets, content]);
};

export const sequence = (...parts: Uint8Array[]): Uint8Array => tlv(0x30, ...parts);
export const set = (...parts: Uint8Array[]): Uint8Array => tlv(0x31, ...parts);
export const nil = (): Uint8Array => tlv(0x05);
export const bool = (value: boolean): Uint8Array => tlv(0x01, [value ? 0xff : 0]);
export const octets = (...parts: Uint8Array[]): Uint8Array => tlv(0x04, ...parts);
export const ascii = (tag: number, text: string): Uint8Array => tlv(tag, Buffer.from(text, 'latin1'));

/** Two's complement, counted up from one octet until the value fits. */
export function integerOctets(value: bigint): number[] {
  let size = 1;
  while (value < -(1n << BigInt(8 * size - 1)) || value >= 1n << BigInt(8 * size - 1)) size += 1;
  const unsigned = BigInt.asUintN(8 * size, value);
  return Array.from({ length: size }, (_, i) => Number((unsigned >> BigInt(8 * (size - 1 - i))) & 0xffn));
}

export const integer = (value: bigint | number): Uint8Array => tlv(0x02, integerOctets(BigInt(value)));

export function oid(dotted: string): Uint8Array {
  const [first, second, ...rest] = dotted.split('.').map(BigInt);
  const base128 = (arc: bigint): number[] => {
    const digits = arc.toString(2);
    const groups = digits.padStart(7 * Math.ceil(digits.length / 7), '0').match(/.{7}/g)!;
    return groups.map((group, i) => Number.parseInt(group, 2) + (i < groups.length - 1 ? 128 : 0));
  };
  return tlv(0x06, [40n * first! + second!, ...rest].flatMap(base128));
}
