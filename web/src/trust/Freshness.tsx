import { Moment } from '../parts/Moment.tsx';
import type { Crl } from './api.ts';
import classes from './Freshness.module.css';

/** How much of a list's time is left, as a bar between the day it was made and the day the next one must come. */
export function Freshness({ crl }: { crl: Crl }) {
  const { thisUpdate, nextUpdate, freshness } = crl;
  if (nextUpdate === null) {
    return (
      <div className={classes['ends']}>
        <span>
          Made <Moment at={thisUpdate} show="relative" />
        </span>
        <span>no end named</span>
      </div>
    );
  }
  const [from, to, now] = [Date.parse(thisUpdate), Date.parse(nextUpdate), Date.now()];
  // An expired one: the bar goes on to now, so that one sees how long it has been over.
  const whole = Math.max(to, now) - from;
  const used = Math.min(Math.max((Math.min(now, to) - from) / whole, 0), 1);
  return (
    <div>
      <div className={classes['bar']} data-freshness={freshness} aria-hidden>
        <div className={classes['used']} style={{ inlineSize: `${used * 100}%` }} />
        <div className={classes['rest']} style={{ inlineSize: `${(1 - used) * 100}%` }} />
      </div>
      <div className={classes['ends']}>
        <span>
          Made <Moment at={thisUpdate} show="relative" />
        </span>
        <span>
          {now > to ? 'ran out ' : 'next one due '}
          <Moment at={nextUpdate} show="relative" />
        </span>
      </div>
    </div>
  );
}
