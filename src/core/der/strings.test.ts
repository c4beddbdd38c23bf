import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tlv } from '../../../tests/x509/encoder.ts';
import { readSingle } from './element.ts';
import { DerError } from './errors.ts';
import { isStringTag, outsideRepertoire, readString } from './strings.ts';
import { TAG } from './tags.ts';

const read = (tag: number, content: Uint8Array | number[]): string =>
  readString(readSingle(new Uint8Array(tlv(tag, content)), tag, 'text'), 'text');

describe('text comes back', () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 300 });

  test('from a UTF8String', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(read(TAG.UTF8_STRING, Buffer.from(text, 'utf8'))).toBe(text);
      }),
    );
  });

  test('from a BMPString', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(read(TAG.BMP_STRING, Buffer.from(text, 'utf16le').swap16())).toBe(text);
      }),
    );
  });

  test('from a UniversalString', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const content = [...text].flatMap((c) => {
          const point = c.codePointAt(0)!;
          return [0, point >> 16, (point >> 8) & 0xff, point & 0xff];
        });
        expect(read(TAG.UNIVERSAL_STRING, content)).toBe(text);
      }),
    );
  });

  test.each([TAG.PRINTABLE_STRING, TAG.IA5_STRING, TAG.TELETEX_STRING, TAG.NUMERIC_STRING, TAG.VISIBLE_STRING])(
    'from type %i, octet by octet',
    (tag) => {
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
      expect(read(tag, bytes)).toBe(Buffer.from(bytes).toString('latin1'));
      expect(isStringTag(tag)).toBe(true);
    },
  );
});

test('a byte-order mark is text like any other', () => {
  expect(read(TAG.UTF8_STRING, Buffer.from('\ufeffx', 'utf8'))).toBe('\ufeffx');
});

test.each([
  ['overlong UTF-8', TAG.UTF8_STRING, [0xc0, 0x80]],
  ['a surrogate in UTF-8', TAG.UTF8_STRING, [0xed, 0xa0, 0x80]],
  ['half a BMPString character', TAG.BMP_STRING, [0x00]],
  ['half a UniversalString character', TAG.UNIVERSAL_STRING, [0, 0, 0]],
  ['a UniversalString character beyond Unicode', TAG.UNIVERSAL_STRING, [0, 0x11, 0, 0]],
  ['another type', TAG.OCTET_STRING, [0x41]],
])('%s is refused', (_, tag, content) => {
  expect(() => read(tag, content)).toThrow(DerError);
});

test('characters that a type does not have are named', () => {
  expect(outsideRepertoire(TAG.PRINTABLE_STRING, 'a_b*')).toBe('_');
  expect(outsideRepertoire(TAG.PRINTABLE_STRING, "A z0'()+,-./:=?")).toBeUndefined();
  expect(outsideRepertoire(TAG.NUMERIC_STRING, '12a')).toBe('a');
  expect(outsideRepertoire(TAG.IA5_STRING, 'é')).toBe('é');
  expect(outsideRepertoire(TAG.UTF8_STRING, 'é')).toBeUndefined();
});
