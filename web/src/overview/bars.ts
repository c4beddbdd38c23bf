import type { Overview } from '../../../src/http/contract/overview.ts';
import { count } from '../parts/count.ts';

type Bucket = Overview['expiry']['buckets'][number];

/** One bar of the timeline: a week or a month. */
export interface Bar {
  readonly key: string;
  readonly kind: 'week' | 'month';
  readonly to: string;
  readonly count: number;
  /** Below the bar, where there is room. */
  readonly label: string;
  /** As one reads it aloud. */
  readonly words: string;
  /** So near that the appliances count as expiring. */
  readonly near: boolean;
}

// The server counts in days of UTC.
const format = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options });
const DAY = format({ day: 'numeric', month: 'short' });
const LONG_DAY = format({ day: 'numeric', month: 'long', year: 'numeric' });
const MONTH = format({ month: 'short' });

// As the server's `expiring` has it.
const NEAR = 30 * 86_400_000;

/** Weeks and months out of what the server counted; what is over, and what is far, are no bars. */
export function barsOf(buckets: readonly Bucket[]): Bar[] {
  const today = Date.parse(buckets.find(({ kind }) => kind === 'week')?.from ?? '');
  return buckets.flatMap(({ kind, from, to, count }) => {
    if ((kind !== 'week' && kind !== 'month') || from === null || to === null) return [];
    const start = new Date(from);
    // The bar ends where the next begins; its last day is the day before.
    const last = new Date(Date.parse(to) - 1);
    return [
      {
        key: from,
        kind,
        to,
        count,
        label: (kind === 'week' ? DAY : MONTH).format(start),
        words: `${LONG_DAY.format(start)} to ${LONG_DAY.format(last)}`,
        near: start.getTime() < today + NEAR,
      },
    ];
  });
}

export const sayOf = ({ words, count: many }: Bar): string =>
  `${count(many, 'certificate ends', 'certificates end')}: ${words}`;
