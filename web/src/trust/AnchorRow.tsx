import { Button } from '@mantine/core';
import { Moment } from '../parts/Moment.tsx';
import { State, type Tone } from '../parts/State.tsx';
import type { Anchor } from './api.ts';
import { CopyText } from '../parts/CopyText.tsx';
import { count } from '../parts/count.ts';
import classes from '../parts/rows.module.css';

const YEAR = 365 * 86_400_000;

/** How an anchor stands by its dates. A CA is exchanged over months, so a year before its end is soon. */
export function anchorState(notAfter: string, now: number): { tone: Tone; state: string; label: string } {
  const left = Date.parse(notAfter) - now;
  if (left < 0) return { tone: 'bad', state: 'expired', label: 'Expired' };
  if (left < YEAR) return { tone: 'warn', state: 'expiring', label: 'Ends within a year' };
  return { tone: 'good', state: 'ready', label: 'Trusted' };
}

interface AnchorRowProps {
  readonly anchor: Anchor;
  /** Absent: whoever looks may not. */
  readonly onRemove: (() => void) | undefined;
}

/** One trust anchor: what it is, until when, who rests on it, who added it. */
export function AnchorRow({ anchor, onRemove }: AnchorRowProps) {
  const { name, subject, fingerprint, notAfter, addedBy, addedAt, identities } = anchor;
  const { tone, state, label } = anchorState(notAfter, Date.now());
  return (
    <li className={classes['row']} data-tone={tone}>
      <div>
        <h3 className={classes['name']}>{name}</h3>
        <div className={classes['aside']}>{subject}</div>
      </div>
      <div className={classes['actions']}>
        <State state={state} tone={tone} label={label} />
        {onRemove !== undefined && (
          <Button size="compact-sm" variant="default" onClick={onRemove} aria-label={`Remove ${name}`}>
            Remove…
          </Button>
        )}
      </div>
      <dl className={classes['facts']}>
        <div>
          <dt>Valid until</dt>
          <dd>
            <Moment at={notAfter} show="date" /> (<Moment at={notAfter} show="relative" />)
          </dd>
        </div>
        {/* An older server does not count them. */}
        {identities !== undefined && (
          <div>
            <dt>Rests on it</dt>
            <dd>{identities === 0 ? 'nothing in use' : `${count(identities, 'certificate')} in use`}</dd>
          </div>
        )}
        <div>
          <dt>Added</dt>
          <dd>
            by {addedBy}, <Moment at={addedAt} show="date" />
          </dd>
        </div>
        <div className={classes['wide']}>
          <dt>SHA-256 fingerprint</dt>
          <dd>
            <CopyText text={fingerprint} what={`fingerprint of ${name}`} />
          </dd>
        </div>
      </dl>
    </li>
  );
}
