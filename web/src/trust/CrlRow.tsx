import { Anchor, Button, Text } from '@mantine/core';
import { Moment } from '../parts/Moment.tsx';
import { State } from '../parts/State.tsx';
import type { Crl, CrlPoint } from './api.ts';
import { type CrlEntry, crlAdvice, crlState } from './entries.ts';
import { Freshness } from './Freshness.tsx';
import { commonName, sizeInWords } from './naming.ts';
import { Point } from './Point.tsx';
import classes from '../parts/rows.module.css';

interface CrlRowProps {
  readonly entry: CrlEntry;
  /** The address that is being asked just now. */
  readonly fetching: string | undefined;
  readonly onFetch: ((url: string) => void) | undefined;
  readonly onAllowOlder: ((crl: Crl) => void) | undefined;
  readonly onRemove: ((crl: Crl) => void) | undefined;
}

/** One list of revoked certificates: whose, how fresh, where from; or a place that gave none. */
export function CrlRow({ entry, fetching, onFetch, onAllowOlder, onRemove }: CrlRowProps) {
  const { crl, points } = entry;
  const { state, tone, label } = crlState(entry);
  const advice = crlAdvice(entry);
  const name = crl === undefined ? hostOf(points[0]!.url) : commonName(crl.issuer);
  return (
    <li className={classes['row']} data-tone={tone}>
      <div>
        <h3 className={classes['name']}>{name}</h3>
        {crl !== undefined && <div className={classes['aside']}>{crl.issuer}</div>}
      </div>
      <div className={classes['actions']}>
        <State state={state} tone={tone} label={label} />
        {crl !== undefined && onRemove !== undefined && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => onRemove(crl)}
            aria-label={`Remove the list of ${name}`}
          >
            Remove…
          </Button>
        )}
      </div>
      {advice !== undefined && (
        <Text size="sm" className={classes['wide']}>
          {advice}
        </Text>
      )}
      {crl !== undefined && (
        <div className={classes['wide']}>
          <Freshness crl={crl} />
        </div>
      )}
      {crl !== undefined && <Facts crl={crl} onAllowOlder={onAllowOlder} />}
      {placesOf(entry).map((point) => (
        <div className={classes['wide']} key={point.url}>
          <Point
            point={point}
            busy={fetching === point.url}
            onFetch={onFetch === undefined ? undefined : () => onFetch(point.url)}
          />
        </div>
      ))}
    </li>
  );
}

function Facts({ crl, onAllowOlder }: Pick<CrlRowProps, 'onAllowOlder'> & { crl: Crl }) {
  const { id, number, thisUpdate, nextUpdate, obtainedAt, size, url, olderAllowed } = crl;
  return (
    <dl className={classes['facts']}>
      <div>
        <dt>Number</dt>
        <dd>
          {number ?? 'none'}{' '}
          {onAllowOlder !== undefined && !olderAllowed && (
            <Button size="compact-xs" variant="subtle" onClick={() => onAllowOlder(crl)}>
              Allow an older one…
            </Button>
          )}
        </dd>
      </div>
      <div>
        <dt>Made (thisUpdate)</dt>
        <dd>
          <Moment at={thisUpdate} />
        </dd>
      </div>
      <div>
        <dt>Next one by (nextUpdate)</dt>
        <dd>{nextUpdate === null ? 'not named' : <Moment at={nextUpdate} />}</dd>
      </div>
      <div>
        <dt>{url === null ? 'Uploaded' : 'Fetched'}</dt>
        <dd>
          <Moment at={obtainedAt} show="relative" />,{' '}
          <Anchor
            inherit
            underline="always"
            href={`/api/v1/crls/${id}/content`}
            aria-label={`Download the list, ${sizeInWords(size)}`}
          >
            {sizeInWords(size)}
          </Anchor>
        </dd>
      </div>
      {olderAllowed && (
        <div className={classes['wide']}>
          <State state="warning" tone="warn" label="The next one may be older" />
        </div>
      )}
    </dl>
  );
}

/** Where it can be fetched from again: what certificates name, or else where somebody fetched it by hand. */
function placesOf({ crl, points }: CrlEntry): readonly CrlPoint[] {
  if (crl === undefined || crl.url === null || points.length > 0) return points;
  const { id, url, freshness, obtainedAt } = crl;
  const lastAttempt = { url, at: obtainedAt, ok: true, code: null, reason: null, fix: null };
  return [{ url, identities: 0, crlId: id, freshness, lastAttempt, nextAttempt: null }];
}

function hostOf(url: string): string {
  try {
    return new URL(url).host || url;
  } catch {
    return url;
  }
}
