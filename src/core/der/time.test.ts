import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ascii } from '../../../tests/x509/encoder.ts';
import { readSingle } from './element.ts';
import { DerError } from './errors.ts';
import { TAG } from './tags.ts';
import { formatTime, readTime } from './time.ts';

const read = (tag: number, text: string): number =>
  readTime(readSingle(new Uint8Array(ascii(tag, text)), tag, 'time'), 'time');

const digits = (iso: string): string => iso.replace(/\.\d+Z$/, 'Z').replace(/[-:T]/g, '');

describe('a GeneralizedTime', () => {
  test('comes back for every second of the years 0 to 9999', () => {
    const times = fc.integer({ min: -62_167_219_200, max: 253_402_300_799 });
    fc.assert(
      fc.property(times, (seconds) => {
        const iso = new Date(seconds * 1000).toISOString();
        expect(read(TAG.GENERALIZED_TIME, digits(iso))).toBe(seconds);
        expect(formatTime(seconds)).toBe(iso.replace('.000Z', 'Z'));
      }),
      { numRuns: 500, examples: [[-62_167_219_200], [-62_162_035_201], [-1], [0], [253_402_300_799]] },
    );
  });
});

describe('a UTCTime', () => {
  test.each([
    ['500101000000Z', '1950-01-01T00:00:00Z'],
    ['991231235959Z', '1999-12-31T23:59:59Z'],
    ['000229000000Z', '2000-02-29T00:00:00Z'],
    ['491231235959Z', '2049-12-31T23:59:59Z'],
  ])('%s is %s', (text, iso) => {
    expect(formatTime(read(TAG.UTC_TIME, text))).toBe(iso);
  });
});

test.each([
  [TAG.UTC_TIME, '2601010000Z', 'no seconds'],
  [TAG.UTC_TIME, '260101000000+0000', 'an offset'],
  [TAG.UTC_TIME, '2601010000000', 'no Z'],
  [TAG.UTC_TIME, '261301000000Z', 'month 13'],
  [TAG.UTC_TIME, '260001000000Z', 'month 0'],
  [TAG.UTC_TIME, '260229000000Z', '29 February of a common year'],
  [TAG.UTC_TIME, '260100000000Z', 'day 0'],
  [TAG.UTC_TIME, '260101240000Z', 'hour 24'],
  [TAG.UTC_TIME, '260101006000Z', 'minute 60'],
  [TAG.UTC_TIME, '260101000060Z', 'second 60'],
  [TAG.UTC_TIME, '2 0101000000Z', 'a space for a digit'],
  [TAG.GENERALIZED_TIME, '20260101000000.5Z', 'fractions'],
  [TAG.GENERALIZED_TIME, '19000229000000Z', '29 February 1900'],
  [TAG.GENERALIZED_TIME, '120260101000000Z', 'five digits of a year'],
  [TAG.GENERALIZED_TIME, '', 'nothing'],
])('%i %s (%s) is refused', (tag, text, _why) => {
  expect(() => read(tag, text)).toThrow(DerError);
});

test('another type is no time', () => {
  expect(() => read(TAG.IA5_STRING, '260101000000Z')).toThrow('must be a UTCTime or a GeneralizedTime');
});
