import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { integer, integerOctets, oid, tlv } from '../../../tests/x509/encoder.ts';
import { readSingle } from './element.ts';
import { DerError } from './errors.ts';
import { encodeOid, readOid } from './oid.ts';
import { TAG } from './tags.ts';
import { readBigInteger, readBoolean, readNamedBits, readNonNegativeInteger, readSmallInteger } from './values.ts';

const single = (bytes: Uint8Array) => readSingle(new Uint8Array(bytes), bytes[0]!, 'value');

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof DerError) return error.code;
    throw error;
  }
  return 'read';
};

describe('an INTEGER', () => {
  test('of any size and sign comes back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(1n << 400n), max: 1n << 400n }), (value) => {
        expect(readBigInteger(single(integer(value)), 'value')).toBe(value);
      }),
    );
  });

  test('small ones come back as numbers', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 47), max: 2 ** 47 - 1 }), (value) => {
        expect(readSmallInteger(single(integer(value)), 'value')).toBe(value);
      }),
    );
  });

  test('in more octets than needed is refused', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(1n << 100n), max: 1n << 100n }), (value) => {
        const padded = tlv(0x02, [value < 0n ? 0xff : 0x00, ...integerOctets(value)]);
        expect(codeOf(() => readBigInteger(single(padded), 'value'))).toBe('bad-integer');
      }),
    );
  });

  test('without content, too large for a small one, or negative where it must not be is refused', () => {
    expect(codeOf(() => readBigInteger(single(tlv(0x02)), 'value'))).toBe('bad-integer');
    expect(codeOf(() => readSmallInteger(single(integer(1n << 60n)), 'value'))).toBe('bad-value');
    expect(codeOf(() => readNonNegativeInteger(single(integer(-1)), 'value'))).toBe('bad-value');
  });
});

describe('an OBJECT IDENTIFIER', () => {
  const dotted = fc
    .tuple(fc.constantFrom(0, 1, 2), fc.nat(39), fc.array(fc.bigInt({ min: 0n, max: 1n << 70n }), { maxLength: 8 }))
    .map(([first, second, rest]) => [first, second, ...rest].join('.'));

  test('comes back, read for the first time or again', () => {
    fc.assert(
      fc.property(dotted, (text) => {
        const element = single(oid(text));
        expect(readOid(element, 'oid')).toBe(text);
        expect(readOid(element, 'oid')).toBe(text);
        expect(Buffer.from(encodeOid(text))).toEqual(Buffer.from(element.content()));
      }),
    );
  });

  test.each([
    ['empty', []],
    ['cut off', [0x55, 0x84]],
    ['with a leading zero in an arc', [0x55, 0x80, 0x04]],
    ['of 200 octets', Array.from({ length: 200 }, () => 1)],
  ])('%s is refused', (_, content) => {
    expect(codeOf(() => readOid(single(tlv(0x06, content)), 'oid'))).toBe('bad-oid');
  });
});

test('a BOOLEAN is 00 or FF', () => {
  expect(readBoolean(single(tlv(0x01, [0xff])), 'value')).toBe(true);
  expect(readBoolean(single(tlv(0x01, [0])), 'value')).toBe(false);
  expect(codeOf(() => readBoolean(single(tlv(0x01, [1])), 'value'))).toBe('bad-boolean');
  expect(codeOf(() => readBoolean(single(tlv(0x01, [0, 0])), 'value'))).toBe('bad-boolean');
});

describe('a list of named bits', () => {
  const bits = (content: number[]) => readNamedBits(single(tlv(TAG.BIT_STRING, content)), 'bits');

  test('numbers them from the left', () => {
    expect(bits([5, 0xa0])).toEqual({ bits: 0b101, minimal: true });
    expect(bits([7, 0x00, 0x80])).toEqual({ bits: 1 << 8, minimal: true });
    expect(bits([0])).toEqual({ bits: 0, minimal: true });
  });

  test('says when trailing zeros were kept', () => {
    expect(bits([0, 0xa0])).toEqual({ bits: 0b101, minimal: false });
    expect(bits([0, 0x00])).toEqual({ bits: 0, minimal: false });
  });

  test.each([[[]], [[8, 0]], [[1]], [[1, 0xff]]])('%j is refused', (content) => {
    expect(codeOf(() => bits(content))).toBe('bad-bit-string');
  });
});
