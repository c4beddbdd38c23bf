import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { safeJson, shorten, shortenPath, visible, width, wrap } from './text.ts';

describe('visible', () => {
  test.each([
    ['plain, Zürich, 横浜', 'plain, Zürich, 横浜'],
    ['\u001b[31mred', '\\x1b[31mred'],
    ['a\r\nb\tc\0', 'a\\r\\nb\\tc\\0'],
    ['\u009b1m', '\\x9b1m'],
    ['a\u202eb\u2066c\u200b', 'a\\u{202e}b\\u{2066}c\\u{200b}'],
    ['\u{e0041}', '\\u{e0041}'],
    ['lone \ud800', 'lone \\u{d800}'],
  ])('%j', (text, expected) => expect(visible(text)).toBe(expected));
});

test('safeJson means the same as JSON and holds nothing that a terminal obeys', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = safeJson({ text }, 2);
      expect(JSON.parse(json)).toEqual({ text });
      expect(visible(json.replaceAll('\n', ''))).toBe(json.replaceAll('\n', ''));
    }),
  );
});

test('shorten keeps both ends and the limit', () => {
  expect(shorten('abcdefghij', 7)).toBe('abc…hij');
  expect(shorten('short', 7)).toBe('short');
  expect(shortenPath('/very/long/folder/sensor.crt', 12)).toBe('…/sensor.crt');
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), fc.integer({ min: 5, max: 60 }), (text, most) => {
      expect(width(shorten(visible(text), most))).toBeLessThanOrEqual(most);
    }),
  );
});

test('wrap loses no word and keeps the limit', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrap('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 30 })), fc.integer({ min: 4, max: 60 }), (words, columns) => {
      const text = visible(words.join(' '));
      const lines = wrap(text, columns);
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      for (const line of lines) expect(width(line)).toBeLessThanOrEqual(columns);
    }),
  );
});

test('wide characters take two columns, combining ones none', () => {
  expect([width('横浜'), width('e\u0301'), width('ab')]).toEqual([4, 1, 2]);
});
