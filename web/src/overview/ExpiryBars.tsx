import { type KeyboardEvent, useRef, useState } from 'react';
import { Link } from 'react-router';
import { listOf } from '../api/fleet.ts';
import { number } from '../parts/count.ts';
import { type Bar, sayOf } from './bars.ts';
import classes from './ExpiryBars.module.css';

const HEIGHT = 250;
/** Where the bars stand. */
const GROUND = 210;
const TALLEST = 180;
/** Of a week's or a month's place. */
const BAR_SHARE = 0.66;

const MOVES: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowRight: (at, last) => Math.min(at + 1, last),
  ArrowLeft: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_at, last) => last,
};

/** Weeks and months as bars; one stop of the Tab key, arrows lead from bar to bar, Enter to the appliances. */
export function ExpiryBars({ bars }: { bars: readonly Bar[] }) {
  const filled = bars.filter(({ count }) => count > 0);
  const [current, setCurrent] = useState(0);
  const group = useRef<SVGSVGElement>(null);
  const stop = Math.min(current, filled.length - 1);
  // One certificate is no tower.
  const most = Math.max(4, ...filled.map(({ count }) => count));
  const step = 100 / Math.max(1, bars.length);
  const move = (event: KeyboardEvent): void => {
    const next = MOVES[event.key]?.(stop, filled.length - 1);
    if (next === undefined) return;
    event.preventDefault();
    setCurrent(next);
    group.current?.querySelectorAll<SVGAElement>('a')[next]?.focus();
  };
  return (
    <svg
      ref={group}
      className={classes['chart']}
      width="100%"
      height={HEIGHT}
      role="group"
      aria-label="Certificates that end, by week and by month; arrow keys lead from bar to bar"
      onKeyDown={move}
    >
      <line x1="0" x2="100%" y1={GROUND + 0.5} y2={GROUND + 0.5} className={classes['ground']} />
      {bars.map((bar, at) => (
        <Column
          key={bar.key}
          bar={bar}
          x={at * step}
          step={step}
          height={bar.count === 0 ? 0 : Math.max(4, (bar.count / most) * TALLEST)}
          labelled={labelledAt(at, bar)}
          isStop={bar === filled[stop]}
        />
      ))}
      <Kinds bars={bars} step={step} />
    </svg>
  );
}

/** Two neighbours' dates would run into each other; a telephone has room for every fourth, and for every other month. */
function labelledAt(at: number, { kind }: Bar): ColumnProps['labelled'] {
  if (at % 4 === 0 || (kind === 'month' && at % 2 === 0)) return 'always';
  return kind === 'month' || at % 2 === 0 ? 'wide' : 'never';
}

interface ColumnProps {
  readonly bar: Bar;
  /** Percent of the width. */
  readonly x: number;
  readonly step: number;
  readonly height: number;
  readonly labelled: 'always' | 'wide' | 'never';
  readonly isStop: boolean;
}

function Column({ bar, x, step, height, labelled, isStop }: ColumnProps) {
  const middle = `${x + step / 2}%`;
  return (
    <>
      {labelled !== 'never' && (
        <text x={middle} y={GROUND + 16} className={`${classes['label']} ${classes[labelled]}`} aria-hidden="true">
          {bar.label}
        </text>
      )}
      {bar.count > 0 && (
        <Link
          to={listOf({ expiresBefore: bar.to, sort: 'notAfter' })}
          className={classes['bar']}
          aria-label={sayOf(bar)}
          tabIndex={isStop ? 0 : -1}
        >
          <title>{sayOf(bar)}</title>
          {/* The whole column is the target, however small the bar. */}
          <rect x={`${x}%`} y="0" width={`${step}%`} height={GROUND} className={classes['target']} rx="4" />
          <rect
            x={`${x + (step * (1 - BAR_SHARE)) / 2}%`}
            y={GROUND - height}
            width={`${step * BAR_SHARE}%`}
            height={height}
            rx="2"
            className={classes[bar.near ? 'near' : 'far']}
          />
          <text x={middle} y={GROUND - height - 6} className={classes['count']} aria-hidden="true">
            {number(bar.count)}
          </text>
        </Link>
      )}
    </>
  );
}

/** Says below the dates which of them are weeks and which are months. */
function Kinds({ bars, step }: { bars: readonly Bar[]; step: number }) {
  const weeks = bars.filter(({ kind }) => kind === 'week').length;
  const border = weeks * step;
  return (
    <g aria-hidden="true" className={classes['kinds']}>
      <text x="0.5%" y={HEIGHT - 6} textAnchor="start">
        by week
      </text>
      <line x1={`${border}%`} x2={`${border}%`} y1={GROUND - TALLEST} y2={GROUND} className={classes['ground']} />
      <text x={`${border + 0.5}%`} y={HEIGHT - 6} textAnchor="start">
        by month
      </text>
    </g>
  );
}
