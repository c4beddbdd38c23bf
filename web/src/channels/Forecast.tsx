import { Button, Group, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Dialog } from '../parts/Dialog.tsx';
import { count } from '../parts/count.ts';
import { localInput } from '../parts/local-input.ts';
import { Moment } from '../parts/Moment.tsx';
import rows from '../parts/rows.module.css';
import { State, type Tone } from '../parts/State.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { type Forecast as ForecastData, useForecast } from './api.ts';
import { FindingLines } from './FindingLines.tsx';
import { briefly } from './words.ts';

type Row = ForecastData['channels'][number];

const DAY = 86_400_000;

/** What would be blocked at another time, asked before that time comes. */
export function Forecast({ onClose }: { onClose: () => void }) {
  const [typed, setTyped] = useState(() => localInput(Date.now() + 30 * DAY));
  const [at, setAt] = useState<string>();
  const forecast = useForecast(at);
  const ask = (local: string): void => {
    setTyped(local);
    const time = new Date(local);
    setAt(Number.isNaN(time.getTime()) ? undefined : time.toISOString());
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    ask(typed);
  };
  return (
    <Dialog onClose={onClose} title="What would be blocked on …" size="xl">
      <Stack>
        <form onSubmit={submit}>
          <Group align="flex-end" gap="sm">
            <TextInput
              type="datetime-local"
              label="Day and time, in your zone"
              value={typed}
              onChange={({ currentTarget }) => setTyped(currentTarget.value)}
              required
            />
            <Button type="submit" loading={forecast.isFetching}>
              Tell me
            </Button>
          </Group>
          <Group gap={6} mt={8}>
            {[7, 30, 90, 365].map((days) => (
              <Button
                key={days}
                variant="default"
                size="compact-sm"
                onClick={() => ask(localInput(Date.now() + days * DAY))}
              >
                {days === 365 ? 'in a year' : `in ${days} days`}
              </Button>
            ))}
          </Group>
        </form>
        <Text size="sm" c="dimmed">
          With the certificates and trust anchors of now, and provided that your CAs go on publishing lists that name
          nothing new.
        </Text>
        {forecast.error !== null && <Trouble error={forecast.error} />}
        {forecast.isLoading && <Skeleton height={120} aria-label="Loading" />}
        <div aria-live="polite">{forecast.data !== undefined && <Result forecast={forecast.data} />}</div>
      </Stack>
    </Dialog>
  );
}

const OUTCOMES: Readonly<Record<Row['outcome'], readonly [Tone, string]>> = {
  flows: ['good', 'Flows'],
  observed: ['warn', 'Flows, only observed'],
  blocked: ['bad', 'Blocked'],
  disabled: ['calm', 'Disabled'],
};
const WORST_FIRST = ['blocked', 'observed', 'flows', 'disabled'];

function Result({ forecast: { at, channels } }: { forecast: ForecastData }) {
  const blocked = channels.filter(({ outcome }) => outcome === 'blocked').length;
  const firstEnd = channels.flatMap(({ crlsUntil }) => crlsUntil ?? []).toSorted()[0];
  const sorted = channels.toSorted((a, b) => WORST_FIRST.indexOf(a.outcome) - WORST_FIRST.indexOf(b.outcome));
  return (
    <>
      <Title order={3} size="h5" mb="xs">
        {blocked === 0 ? 'No channel would be blocked' : `${count(blocked, 'channel')} would be blocked`} on{' '}
        <Moment at={at} />
      </Title>
      {firstEnd !== undefined && firstEnd < at && (
        <Text size="sm" mb="xs">
          The first of the revocation lists held now runs out <Moment at={firstEnd} />: newer ones must have come until
          then.
        </Text>
      )}
      <ul className={rows['rows']}>
        {sorted.map((row) => (
          <ForecastRow key={row.channelId} row={row} />
        ))}
      </ul>
    </>
  );
}

function ForecastRow({ row }: { row: Row }) {
  const { name, outcome, findings, connections } = row;
  const [tone, word] = OUTCOMES[outcome];
  const closed = connections?.wouldClose ?? [];
  return (
    <li className={rows['row']} data-tone={tone}>
      <h4 className={rows['name']}>{name}</h4>
      <div className={rows['actions']}>
        <State state={outcome} tone={tone} label={word} />
      </div>
      <div className={rows['wide']}>
        <FindingLines findings={findings} />
        {closed.length > 0 && (
          <>
            <Text size="sm" fw={600} mt={4}>
              {closed.length} of {connections!.live} live connections would be closed:
            </Text>
            {closed.map(({ peer, subject, fingerprint, findings }) => (
              <div key={peer}>
                <Text size="sm">
                  {peer} · {subject ?? 'no certificate'} {fingerprint !== null && <code>{briefly(fingerprint)}</code>}
                </Text>
                <FindingLines findings={findings} />
              </div>
            ))}
          </>
        )}
        {connections === null && outcome !== 'disabled' && (
          <Text size="xs" c="dimmed">
            Its process is not heard of: worked out of the inventory, without its live connections.
          </Text>
        )}
      </div>
    </li>
  );
}
