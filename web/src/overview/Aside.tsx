import { Anchor, Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { Link } from 'react-router';
import type { Overview } from '../../../src/http/contract/overview.ts';
import { count, number } from '../parts/count.ts';
import { Moment } from '../parts/Moment.tsx';
import { State, type Tone } from '../parts/State.tsx';
import { commonName } from '../trust/naming.ts';
import classes from './Aside.module.css';
import overviewClasses from './Overview.module.css';

/** What the fleet leans on: channels, CRLs, trust anchors, and the certificate of this console. */
export function Aside({ overview }: { overview: Overview }) {
  return (
    <div className={classes['cards']}>
      <Channels problems={overview.problems.items} />
      <Crls crls={overview.crls} />
      <Anchors anchors={overview.anchors} />
      <ThisConsole standing={overview.console} />
    </div>
  );
}

function Card({ title, to, children }: { title: string; to: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={overviewClasses['card']}>
      <Title order={2} size="h5" id={id} mb={6}>
        <Anchor component={Link} to={to} inherit>
          {title}
        </Anchor>
      </Title>
      {children}
    </section>
  );
}

function Channels({ problems }: { problems: Overview['problems']['items'] }) {
  const troubled = problems.filter(({ what }) => what === 'channel');
  return (
    <Card title="Channels" to="/channels">
      {troubled.length === 0 ? (
        <Text size="sm">No channel has a problem.</Text>
      ) : (
        <ul className={overviewClasses['list']}>
          {troubled.slice(0, 5).map(({ id, name, state, message }) => (
            <li key={id} className={classes['line']}>
              <span className={classes['what']}>
                <State state={state} /> {name}
              </span>
              <Text size="sm" c="dimmed">
                {message}
              </Text>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

type Freshness = Overview['crls']['items'][number]['freshness'];

const FRESHNESS: Readonly<Record<Freshness, readonly [Tone, string]>> = {
  expired: ['bad', 'out of date'],
  due: ['warn', 'due'],
  current: ['good', 'current'],
  'without-end': ['calm', 'without an end'],
};

function Crls({ crls: { counts, items } }: { crls: Overview['crls'] }) {
  const shown = (Object.keys(FRESHNESS) as Freshness[]).filter((freshness) => counts[freshness] > 0);
  return (
    <Card title="CRLs" to="/trust">
      {shown.length === 0 ? (
        <Text size="sm">
          None is held. Where certificates name one, Certgate fetches it, and knows what their CA has revoked.
        </Text>
      ) : (
        <div className={classes['chips']}>
          {shown.map((freshness) => {
            const [tone, word] = FRESHNESS[freshness];
            return (
              <State key={freshness} state={freshness} tone={tone} label={`${number(counts[freshness])} ${word}`} />
            );
          })}
        </div>
      )}
      <ul className={overviewClasses['list']}>
        {items.slice(0, 3).map(({ id, issuer, nextUpdate }) => (
          <li key={id} className={classes['line']}>
            <span className={classes['what']}>{commonName(issuer)}</span>
            <Text size="sm" c="dimmed">
              {nextUpdate === null ? 'names no next update' : <NextUpdate at={nextUpdate} />}
            </Text>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function NextUpdate({ at }: { at: string }) {
  return (
    <>
      {Date.parse(at) < Date.now() ? 'was to be renewed ' : 'to be renewed '}
      <Moment at={at} show="relative" inherit />
    </>
  );
}

function Anchors({ anchors: { total, expiring } }: { anchors: Overview['anchors'] }) {
  return (
    <Card title="Trust anchors" to="/trust">
      <Text size="sm">
        {total === 0
          ? 'None yet: no certificate can be trusted. Add the root certificate of your CA.'
          : `${count(total, 'CA is', 'CAs are')} trusted; ${expiring.length === 0 ? 'none ends within a year.' : `${number(expiring.length)} of them ${expiring.length === 1 ? 'ends' : 'end'} within a year:`}`}
      </Text>
      <ul className={overviewClasses['list']}>
        {expiring.slice(0, 5).map(({ id, name, notAfter, identities }) => (
          <li key={id} className={classes['line']}>
            <span className={classes['what']}>{name}</span>
            <Text size="sm" c="dimmed">
              {Date.parse(notAfter) < Date.now() ? 'ended ' : 'ends '}
              <Moment at={notAfter} show="relative" inherit />;{' '}
              {count(identities, 'certificate leads', 'certificates lead')} to it
            </Text>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function ThisConsole({ standing }: { standing: Overview['console'] }) {
  const { id, state, origin, notAfter } = standing;
  return (
    <Card title="This console’s certificate" to={`/appliances/${id}`}>
      <State state={state} />
      <Text size="sm" mt={4}>
        {origin === 'self-signed' || origin === 'emergency' ? 'A self-signed one stands in, until ' : 'Valid until '}
        <Moment at={notAfter} show="date" inherit />.
      </Text>
    </Card>
  );
}
