import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64, decodeLinesApart } from './base64.ts';

const ascii = (text: string) => new TextEncoder().encode(text);
const decode = (text: string, most = 20) => decodeBase64(ascii(text), 0, text.length, most);

describe('decodeBase64', () => {
  test('agrees with Node on everything that Node encodes, however the lines are broken', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 80 }), (bytes, width) => {
        const lines =
          Buffer.from(bytes)
            .toString('base64')
            .match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
        for (const end of ['\n', '\r\n', '\r', ' \n', '\n  ']) {
          const { bytes: decoded, faults } = decode(lines.join(end));
          expect(faults).toEqual([]);
          expect(Buffer.from(decoded).equals(Buffer.from(bytes))).toBe(true);
        }
      }),
    );
  });

  test.each([
    ['QU|JD', 'bad-base64', 2, 'character'],
    ['QU JD', 'inner-space', 2, 'space'],
    ['QUJD\\nQUJD', 'written-newline', 4, 'written-newline'],
    ['QQ==QUJD', 'bad-base64', 4, 'data-after-padding'],
    ['QUJDQ', 'bad-base64', 5, 'incomplete'],
    ['QUJDQQ', 'bad-base64', 6, 'padding-wrong'],
    ['QUJD=', 'bad-base64', 5, 'padding-wrong'],
    ['QQ=', 'bad-base64', 3, 'padding-wrong'],
  ] as const)('%s: %s at %i, %s', (text, code, offset, reason) => {
    expect(decode(text).faults[0]).toEqual({ code, offset, reason });
  });

  test('names so many faults and counts the rest', () => {
    const { faults, moreFaults } = decode('|'.repeat(50), 5);
    expect([faults.length, moreFaults]).toEqual([5, 45]);
  });

  test('says where in the order of the text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        const bytes = ascii(text);
        const offsets = decodeBase64(bytes, 0, bytes.length, 100).faults.map(({ offset }) => offset);
        expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('decodeLinesApart', () => {
  test('keeps later lines in place when an earlier one lost or gained characters', () => {
    const good = ['QUJDREVG', 'R0hJSktM', 'TU5PUFFS', 'U1RV'];
    for (const damaged of ['R0hJSkt', 'R0hJSktMM', 'R0|JSktM', 'R0 JSktM']) {
      const text = [good[0], damaged, ...good.slice(2)].join('\n');
      const decoded = Buffer.from(decodeLinesApart(ascii(text), 0, text.length)).toString('latin1');
      expect(decoded.slice(0, 6)).toBe('ABCDEF');
      expect(decoded.slice(12)).toBe('MNOPQRSTU');
    }
  });
});
