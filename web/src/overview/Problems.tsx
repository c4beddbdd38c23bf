import { Anchor, Button, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Overview } from '../../../src/http/contract/overview.ts';
import { listOf } from '../api/fleet.ts';
import { count, number } from '../parts/count.ts';
import { Moment } from '../parts/Moment.tsx';
import { Section } from '../parts/Section.tsx';
import { State } from '../parts/State.tsx';
import { Words } from '../report/Words.tsx';
import overviewClasses from './Overview.module.css';
import classes from './Problems.module.css';
import { ToDo } from './ToDo.tsx';

type Problem = Overview['problems']['items'][number];

const AT_FIRST = 5;
const DAY = 86_400_000;
/** Most messages name the time themselves. */
const TELLS_WHEN = /\d{4}-\d\d-\d\dT/;

/** Where one goes to mend it. */
const placeOf = ({ what, id }: Problem): string => {
  if (what === 'appliance' || what === 'console') return `/appliances/${id}`;
  return what === 'channel' ? '/channels' : '/trust';
};

const KINDS: Readonly<Record<Problem['what'], string>> = {
  appliance: 'Appliance',
  console: 'This console',
  crl: 'CRL',
  anchor: 'Trust anchor',
  channel: 'Channel',
};

/** What is wrong now and why, the worst first, each with what to do about it. */
export function Problems({ problems: { items, total } }: { problems: Overview['problems'] }) {
  const [all, setAll] = useState(false);
  // One more is not worth a button.
  const isLong = items.length > AT_FIRST + 1;
  const shown = all || !isLong ? items : items.slice(0, AT_FIRST);
  return (
    <Section title="What is wrong now, and why">
      {total === 0 ? (
        <div className={overviewClasses['card']}>
          <Text fw={600}>Nothing is wrong.</Text>
          <Text c="dimmed">Whatever goes wrong stands here at once, with the reason and what to do.</Text>
        </div>
      ) : (
        <ul className={overviewClasses['list']} aria-label="Problems, the worst first">
          {shown.map((problem) => (
            <Row key={`${problem.what} ${problem.id} ${problem.state}`} problem={problem} />
          ))}
        </ul>
      )}
      {!all && isLong && (
        <Button variant="default" size="sm" mt="sm" onClick={() => setAll(true)}>
          Show {number(items.length - AT_FIRST)} more
        </Button>
      )}
      {(all || !isLong) && total > items.length && (
        <Text size="sm" mt="sm">
          And {count(total - items.length, 'more problem')}:{' '}
          <Anchor component={Link} inherit underline="always" to={listOf({ sort: 'state' })}>
            every appliance, the worst first
          </Anchor>
        </Text>
      )}
    </Section>
  );
}

function Row({ problem }: { problem: Problem }) {
  const { what, name, state, severity, since, message, fix, appliances } = problem;
  return (
    <li className={`${classes['problem']} ${classes[severity]}`}>
      <div className={classes['head']}>
        <h3 className={classes['name']}>
          <Link to={placeOf(problem)}>{name}</Link>
        </h3>
        <State state={state} {...(severity === 'critical' ? { tone: 'bad' as const } : {})} />
        <span className={classes['facts']}>
          {what !== 'appliance' && KINDS[what]}
          {appliances !== undefined && appliances > 0 && ` of ${count(appliances, 'appliance')}`}
          {since !== null && !TELLS_WHEN.test(message) && (
            <>
              {what !== 'appliance' && ' · '}since{' '}
              <Moment at={since} show={Date.now() - Date.parse(since) < DAY ? 'full' : 'date'} inherit />
            </>
          )}
        </span>
      </div>
      <p className={classes['message']}>
        <Words text={message} />
      </p>
      {fix !== null && <ToDo fix={fix} />}
    </li>
  );
}
