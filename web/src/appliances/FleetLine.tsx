import { memo } from 'react';
import { Link } from 'react-router';
import type { FleetRow } from '../api/fleet.ts';
import { distance, inOwnZone } from '../parts/Moment.tsx';
import { State } from '../parts/State.tsx';
import classes from './FleetGrid.module.css';

/** Of a row, in pixels, the line below it included. */
export const HEIGHT = { wide: 58, narrow: 170 } as const;

interface FleetLineProps {
  /** Undefined while it is on its way. */
  readonly row: FleetRow | undefined;
  readonly index: number;
  /** For screen readers, counted from 1, the headings included. */
  readonly rowIndex: number;
  readonly top: number;
  /** Where the Tab key stops. */
  readonly isStop: boolean;
  readonly onFocus: (index: number) => void;
}

/** One appliance: a row where there is room, else a card; either way it is a link as a whole. */
export const FleetLine = memo(function FleetLine({ row, index, rowIndex, top, isStop, onFocus }: FleetLineProps) {
  const place = { transform: `translateY(${top}px)` };
  const common = { role: 'row', 'aria-rowindex': rowIndex, 'data-index': index, style: place } as const;
  if (row === undefined) {
    return (
      <div {...common} className={`${classes['line']} ${classes['columns']} ${classes['waiting']}`}>
        <span role="gridcell" className={classes['name']}>
          Loading…
        </span>
      </div>
    );
  }
  const { id, name, hostname, state, blocks, message, site, zone, role } = row;
  return (
    <div {...common} className={`${classes['line']} ${classes['columns']}`}>
      <div role="rowheader" className={classes['name']}>
        <Link
          to={`/appliances/${id}`}
          className={classes['link']}
          tabIndex={isStop ? 0 : -1}
          onFocus={() => onFocus(index)}
        >
          {name}
        </Link>
        <span className={classes['second']}>{hostname}</span>
      </div>
      <div role="gridcell" className={classes['state']}>
        <State state={state} />
        {blocks && <span className={classes['halts']}>traffic halts</span>}
      </div>
      <div role="gridcell" className={classes['matter']}>
        <span>{message !== null && inOwnZone(message)}</span>
      </div>
      <div role="gridcell" className={classes['place']}>
        <span className={classes['first']}>{site ?? <span className={classes['none']}>no site</span>}</span>
        <span className={classes['second']}>{zone}</span>
      </div>
      <div role="gridcell" className={classes['role']}>
        {role === 'ha' ? 'HA server' : 'Sensor'}
      </div>
      <div role="gridcell" className={classes['ends']}>
        <Ends row={row} />
      </div>
    </div>
  );
});

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

/** Lighter than a Moment: dozens of these are made while somebody scrolls. */
function Ends({ row: { identity, staged } }: { row: FleetRow }) {
  if (identity === null) return <span className={classes['none']}>no certificate</span>;
  const date = new Date(identity.notAfter);
  return (
    <>
      <time
        dateTime={identity.notAfter}
        title={`${identity.notAfter.slice(0, 19).replace('T', ' ')} UTC`}
        className={classes['first']}
      >
        {DAY.format(date)}
      </time>
      <span className={classes['second']}>{staged === null ? distance(date, new Date()) : 'the next one waits'}</span>
    </>
  );
}
