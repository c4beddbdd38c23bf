import { Text, type TextProps, Tooltip } from '@mantine/core';

interface MomentProps extends TextProps {
  /** ISO 8601. */
  readonly at: string;
  /** `date`: the day alone. `relative`: how far away it is. */
  readonly show?: 'date' | 'full' | 'relative';
}

/** A time in the user's own zone; UTC on hover, on focus and for screen readers. */
export function Moment({ at, show = 'full', ...text }: MomentProps) {
  const date = new Date(at);
  const utc = `${date.toISOString().replace('T', ' ').slice(0, 19)} UTC`;
  const own = show === 'date' ? DAY.format(date) : show === 'relative' ? distance(date, new Date()) : FULL.format(date);
  return (
    <Tooltip
      label={show === 'relative' ? `${FULL.format(date)} · ${utc}` : utc}
      events={{ hover: true, focus: true, touch: true }}
    >
      <Text component="time" inherit {...{ dateTime: at }} {...text}>
        {own}
      </Text>
    </Tooltip>
  );
}

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const SHORT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** A sentence of the server with its times in the user's own zone; for where a Moment in it would be too much. */
export const inOwnZone = (text: string): string => text.replaceAll(INSTANT, (utc) => SHORT.format(new Date(utc)));

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** `in 3 months`, `2 days ago`. */
export function distance(date: Date, now: Date): string {
  const seconds = (date.getTime() - now.getTime()) / 1000;
  for (const [unit, size] of UNITS) {
    // Until twice its size the smaller unit says more.
    if (Math.abs(seconds) >= 2 * size) return RELATIVE.format(Math.trunc(seconds / size), unit);
  }
  return RELATIVE.format(Math.trunc(seconds), 'second');
}
