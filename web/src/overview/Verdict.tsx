import { Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { Overview } from '../../../src/http/contract/overview.ts';
import { listOf, STANDINGS, type StandingState } from '../api/fleet.ts';
import { count, number } from '../parts/count.ts';
import { State, toneOf, wordOf } from '../parts/State.tsx';
import classes from './Verdict.module.css';
import { verdictOf } from './verdict.ts';

const ICONS = { good: IconCircleCheck, bad: IconCircleX } as const;

/** One sentence for the whole fleet, and how it is made up. */
export function Verdict({ overview }: { overview: Overview }) {
  const { tone, sentence, more } = verdictOf(overview);
  const Icon = tone === 'good' || tone === 'bad' ? ICONS[tone] : IconAlertTriangle;
  const { count: ready, percent } = overview.ready;
  return (
    <section aria-label="Verdict" className={`${classes['verdict']} ${classes[tone]}`}>
      <div className={classes['head']}>
        <Icon className={classes['icon']} stroke={1.8} aria-hidden />
        <div role="status" className={classes['words']}>
          <h2 className={classes['sentence']}>{sentence}</h2>
          <p className={classes['more']}>{more}</p>
        </div>
        <div className={classes['share']}>
          <Text span inherit className={classes['percent']}>
            {percent} %
          </Text>
          <span>
            {number(ready)} of {number(overview.total)} hold today
          </span>
        </div>
      </div>
      <Readiness states={overview.states} />
    </section>
  );
}

/** Where a state's word does not follow a number. */
const COUNTED: Readonly<Partial<Record<StandingState, string>>> = {
  'stale-crl': 'with a CRL out of date',
  'no-certificate': 'without a certificate',
  expiring: 'expiring soon',
};

/** Every state's share as a bar, and its count as a link to those appliances. */
function Readiness({ states }: { states: Overview['states'] }) {
  const shown = STANDINGS.filter((state) => states[state] > 0);
  return (
    <>
      <div className={classes['bar']} aria-hidden="true">
        {shown.map((state) => (
          <Link
            key={state}
            to={listOf({ state })}
            tabIndex={-1}
            title={`${wordOf(state)}: ${count(states[state], 'appliance')}`}
            className={`${classes['segment']} ${classes[`${toneOf(state)}Solid`]}`}
            style={{ flexGrow: states[state] }}
          />
        ))}
      </div>
      <ul className={classes['legend']} aria-label="Appliances by state">
        {shown.map((state) => (
          <li key={state}>
            <Link to={listOf({ state })} className={classes['entry']}>
              <State
                state={state}
                label={`${number(states[state])} ${COUNTED[state] ?? wordOf(state).toLowerCase()}`}
              />
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
