import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sequence, tlv } from '../../../tests/x509/encoder.ts';
import { Reader, readSingle } from './element.ts';
import { DerError } from './errors.ts';
import { TAG } from './tags.ts';

const codeOf = (bytes: readonly number[] | Uint8Array): string => {
  try {
    readSingle(Uint8Array.from(bytes), TAG.SEQUENCE, 'value');
  } catch (error) {
    if (error instanceof DerError) return error.code;
    throw error;
  }
  return 'read';
};

describe('one element', () => {
  test('knows its bytes, whatever its length', () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
      const bytes = new Uint8Array(tlv(TAG.OCTET_STRING, new Uint8Array(length).fill(7)));
      const element = readSingle(bytes, TAG.OCTET_STRING, 'value');
      expect([element.offset, element.contentLength, element.end]).toEqual([0, length, bytes.length]);
      expect(element.der()).toEqual(bytes);
      expect(element.content().length).toBe(length);
    }
  });

  test.each([
    ['truncated', [0x30]],
    ['truncated', [0x30, 0x82, 0x01]],
    ['truncated', [0x30, 0x05, 0x00]],
    ['indefinite-length', [0x30, 0x80, 0x00, 0x00]],
    ['non-minimal-length', [0x30, 0x81, 0x01, 0x00]],
    ['non-minimal-length', [0x30, 0x82, 0x00, 0x80, ...Array.from({ length: 128 }, () => 0)]],
    ['length-too-large', [0x30, 0x85, 1, 0, 0, 0, 0]],
    ['length-too-large', [0x30, 0xff, 1, 0, 0, 0, 0]],
    ['unexpected-tag', [0x31, 0x00]],
    ['unexpected-tag', [0x1f, 0x81, 0x00]],
    ['trailing-bytes', [0x30, 0x00, 0x00]],
    ['missing-element', []],
  ])('is refused: %s', (code, bytes) => {
    expect(codeOf(bytes)).toBe(code);
  });

  test('must fit in what encloses it', () => {
    const outer = readSingle(Uint8Array.from([0x31, 0x04, 0x30, 0x02, 0x04, 0x05]), 0x31, 'outer').reader();
    const inner = outer.read('middle').reader();
    expect(() => inner.read('inner')).toThrow(expect.objectContaining({ code: 'truncated' }));
    const beyond = readSingle(Uint8Array.from([0x31, 0x02, 0x30, 0x05]), 0x31, 'outer').reader();
    expect(() => beyond.read('inner')).toThrow(DerError);
  });

  test('with a multi-byte tag is refused', () => {
    expect(() => new Reader(Uint8Array.from([0x1f, 0x81, 0x00])).read('value')).toThrow(
      expect.objectContaining({ code: 'high-tag-number' }),
    );
  });
});

test('any bytes are read, or refused with an offset inside them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const reader = new Reader(bytes);
      try {
        while (!reader.atEnd) reader.read('value');
        expect(reader.position).toBe(bytes.length);
      } catch (error) {
        expect(error).toBeInstanceOf(DerError);
        expect((error as DerError).offset).toBeLessThanOrEqual(bytes.length);
      }
    }),
    { numRuns: 2000 },
  );
});

test('nesting is walked only as far as someone walks', () => {
  let bytes: Uint8Array = new Uint8Array(0);
  for (let depth = 0; depth < 3000; depth++) bytes = sequence(bytes);
  let element = readSingle(new Uint8Array(bytes), TAG.SEQUENCE, 'value');
  let levels = 1;
  for (; element.contentLength > 0; levels++) element = element.reader().expect(TAG.SEQUENCE, 'value');
  expect(levels).toBe(3000);
});
