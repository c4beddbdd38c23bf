import type { Element } from './element.ts';
import { DerError } from './errors.ts';
import { TAG } from './tags.ts';

const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * A Time in seconds since 1970-01-01T00:00:00Z (negative before). Accepts exactly what RFC 5280 §4.1.2.5 allows:
 * UTCTime as YYMMDDHHMMSSZ (50 to 99 mean 19YY) and GeneralizedTime as YYYYMMDDHHMMSSZ, years 0 to 99 too.
 */
export function readTime(element: Element, what: string): number {
  const { bytes, contentOffset, end, tag } = element;
  const length = end - contentOffset;
  const expected = tag === TAG.UTC_TIME ? 13 : tag === TAG.GENERALIZED_TIME ? 15 : -1;
  if (expected === -1) {
    throw new DerError('unexpected-tag', element.offset, `${what} must be a UTCTime or a GeneralizedTime`);
  }
  if (length !== expected || bytes[end - 1] !== 0x5a) bad(element, what);
  const at = end - 11;
  let year = digits(element, contentOffset, what);
  if (expected === 15) year = year * 100 + digits(element, contentOffset + 2, what);
  else year += year >= 50 ? 1900 : 2000;
  const month = digits(element, at, what);
  const day = digits(element, at + 2, what);
  const hour = digits(element, at + 4, what);
  const minute = digits(element, at + 6, what);
  const second = digits(element, at + 8, what);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) bad(element, what);
  if (day > DAYS_IN_MONTH[month - 1]! + (leap && month === 2 ? 1 : 0)) bad(element, what);
  const before = year - 1;
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  // 719 162 days lie between 0001-01-01 and 1970-01-01.
  const days = before * 365 + leapDays - 719162;
  const dayOfYear = DAYS_BEFORE_MONTH[month - 1]! + (leap && month > 2 ? 1 : 0) + day - 1;
  return (days + dayOfYear) * 86400 + hour * 3600 + minute * 60 + second;
}

function digits(element: Element, at: number, what: string): number {
  const tens = element.bytes[at]! - 0x30;
  const ones = element.bytes[at + 1]! - 0x30;
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9) bad(element, what);
  return tens * 10 + ones;
}

function bad(element: Element, what: string): never {
  const form = element.tag === TAG.UTC_TIME ? 'UTCTime YYMMDDHHMMSSZ' : 'GeneralizedTime YYYYMMDDHHMMSSZ';
  throw new DerError('bad-time', element.contentOffset, `${what} is not a ${form}`);
}

/** `2026-11-23T12:00:00Z`, years outside 0–9999 included. */
export function formatTime(epochSeconds: number): string {
  const date = new Date(epochSeconds * 1000);
  return Number.isNaN(date.getTime()) ? `${epochSeconds} s` : date.toISOString().replace('.000Z', 'Z');
}
