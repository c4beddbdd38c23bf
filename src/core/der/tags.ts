/** Identifier octets, X.690 §8.1.2 with constructed bit where DER demands it. */
export const TAG = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  NULL: 0x05,
  OBJECT_IDENTIFIER: 0x06,
  ENUMERATED: 0x0a,
  UTF8_STRING: 0x0c,
  SEQUENCE: 0x30,
  SET: 0x31,
  NUMERIC_STRING: 0x12,
  PRINTABLE_STRING: 0x13,
  TELETEX_STRING: 0x14,
  IA5_STRING: 0x16,
  UTC_TIME: 0x17,
  GENERALIZED_TIME: 0x18,
  VISIBLE_STRING: 0x1a,
  UNIVERSAL_STRING: 0x1c,
  BMP_STRING: 0x1e,
} as const;

/** `[n]` holding a primitive value, IMPLICIT. */
export const contextPrimitive = (number: number): number => 0x80 | number;
/** `[n]` holding a constructed value: EXPLICIT, or IMPLICIT SEQUENCE/SET. */
export const contextConstructed = (number: number): number => 0xa0 | number;

// The names of X.680, for messages.
const NAMES = new Map<number, string>([
  [TAG.BOOLEAN, 'BOOLEAN'],
  [TAG.INTEGER, 'INTEGER'],
  [TAG.BIT_STRING, 'BIT STRING'],
  [TAG.OCTET_STRING, 'OCTET STRING'],
  [TAG.NULL, 'NULL'],
  [TAG.OBJECT_IDENTIFIER, 'OBJECT IDENTIFIER'],
  [TAG.ENUMERATED, 'ENUMERATED'],
  [TAG.UTF8_STRING, 'UTF8String'],
  [TAG.SEQUENCE, 'SEQUENCE'],
  [TAG.SET, 'SET'],
  [TAG.NUMERIC_STRING, 'NumericString'],
  [TAG.PRINTABLE_STRING, 'PrintableString'],
  [TAG.TELETEX_STRING, 'TeletexString'],
  [TAG.IA5_STRING, 'IA5String'],
  [TAG.UTC_TIME, 'UTCTime'],
  [TAG.GENERALIZED_TIME, 'GeneralizedTime'],
  [TAG.VISIBLE_STRING, 'VisibleString'],
  [TAG.UNIVERSAL_STRING, 'UniversalString'],
  [TAG.BMP_STRING, 'BMPString'],
]);

export function tagName(tag: number): string {
  const name = NAMES.get(tag);
  if (name !== undefined) return name;
  const hex = `0x${tag.toString(16).padStart(2, '0')}`;
  return (tag & 0xc0) === 0x80 ? `[${tag & 0x1f}]` : `tag ${hex}`;
}
