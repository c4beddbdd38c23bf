import { Anchor, Text, Title } from '@mantine/core';
import { useId } from 'react';
import { Link } from 'react-router';
import type { Overview } from '../../../src/http/contract/overview.ts';
import { listOf } from '../api/fleet.ts';
import { number } from '../parts/count.ts';
import { Moment } from '../parts/Moment.tsx';
import { Section } from '../parts/Section.tsx';
import { State } from '../parts/State.tsx';
import { barsOf } from './bars.ts';
import { ExpiryBars } from './ExpiryBars.tsx';
import classes from './Expiry.module.css';
import overviewClasses from './Overview.module.css';

/** When certificates end: weeks, then months, and the next ones by name. */
export function Expiry({ expiry: { buckets, nearest } }: { expiry: Overview['expiry'] }) {
  const bars = barsOf(buckets);
  const expired = buckets.find(({ kind }) => kind === 'expired');
  const isEmpty = bars.every(({ count }) => count === 0);
  const later = buckets.find(({ kind }) => kind === 'later');
  return (
    <Section
      title="When certificates end"
      lead={isEmpty ? undefined : 'Each bar leads to the appliances that end until then.'}
      actions={
        <>
          {expired !== undefined && expired.count > 0 && (
            <Link to={listOf({ state: 'expired' })} className={classes['chip']}>
              <State state="expired" label={`${number(expired.count)} over already`} />
            </Link>
          )}
          {later !== undefined && later.count > 0 && (
            <State state="later" tone="calm" label={`${number(later.count)} later than a year`} />
          )}
        </>
      }
    >
      <div className={classes['columns']}>
        <div className={`${overviewClasses['card']} ${classes['chart']}`}>
          {isEmpty ? <Text size="sm">No certificate ends within a year.</Text> : <ExpiryBars bars={bars} />}
          <details className={classes['table']}>
            <summary>The same as a table</summary>
            <table>
              <caption>Certificates that end, by week and by month</caption>
              <thead>
                <tr>
                  <th scope="col">Period</th>
                  <th scope="col">Certificates</th>
                </tr>
              </thead>
              <tbody>
                {bars.map(({ key, words, count }) => (
                  <tr key={key}>
                    <th scope="row">{words}</th>
                    <td>{number(count)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </details>
        </div>
        <Nearest nearest={nearest} />
      </div>
    </Section>
  );
}

function Nearest({ nearest }: { nearest: Overview['expiry']['nearest'] }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={overviewClasses['card']}>
      <Title order={3} size="h5" id={id} mb={6}>
        Next to end
      </Title>
      {nearest.length === 0 && <Text size="sm">No appliance has a certificate that is still to end.</Text>}
      <ol className={overviewClasses['list']}>
        {nearest.slice(0, 6).map(({ id, name, site, notAfter }) => (
          <li key={id} className={classes['next']}>
            <div className={classes['who']}>
              <Anchor component={Link} to={`/appliances/${id}`} size="sm" fw={600}>
                {name}
              </Anchor>
              {site !== null && (
                <Text size="xs" c="dimmed" truncate>
                  {site}
                </Text>
              )}
            </div>
            <Text size="sm" className={classes['when']}>
              <Moment at={notAfter} show="relative" inherit />
            </Text>
          </li>
        ))}
      </ol>
      {nearest.length > 6 && (
        <Anchor component={Link} size="sm" to={listOf({ sort: 'notAfter' })}>
          All, the next first
        </Anchor>
      )}
    </section>
  );
}
