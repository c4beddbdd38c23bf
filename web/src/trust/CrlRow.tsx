import { ActionIcon, Menu, Text } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { Moment } from '../parts/Moment.tsx';
import { State } from '../parts/State.tsx';
import type { Crl } from './api.ts';
import { type CrlEntry, crlAdvice, crlState } from './entries.ts';
import { Freshness } from './Freshness.tsx';
import { commonName, sizeInWords } from './naming.ts';
import { Point } from './Point.tsx';
import classes from './rows.module.css';

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
          <More name={name} onAllowOlder={() => onAllowOlder?.(crl)} onRemove={() => onRemove(crl)} />
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
      {crl !== undefined && <Facts crl={crl} />}
      {points.map((point) => (
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

function Facts({ crl }: { crl: Crl }) {
  const { number, thisUpdate, nextUpdate, obtainedAt, size, url, olderAllowed } = crl;
  return (
    <dl className={classes['facts']}>
      <div>
        <dt>Number</dt>
        <dd>{number ?? 'none'}</dd>
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
          <Moment at={obtainedAt} show="relative" />, {sizeInWords(size)}
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

function More({ name, onAllowOlder, onRemove }: { name: string; onAllowOlder: () => void; onRemove: () => void }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size={26} aria-label={`More for the list of ${name}`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={onAllowOlder}>Allow an older list…</Menu.Item>
        <Menu.Item onClick={onRemove}>Remove this list…</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function hostOf(url: string): string {
  try {
    return new URL(url).host || url;
  } catch {
    return url;
  }
}
