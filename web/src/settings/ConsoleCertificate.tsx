import { Button, Skeleton } from '@mantine/core';
import { Link } from 'react-router';
import { type Console, useConsole } from '../api/console.ts';
import { useMay } from '../api/session.ts';
import { CopyText } from '../parts/CopyText.tsx';
import { Moment } from '../parts/Moment.tsx';
import { Section } from '../parts/Section.tsx';
import { State } from '../parts/State.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import classes from './Settings.module.css';

const ORIGINS: Readonly<Record<Console['origin'], string>> = {
  'self-signed': 'made by the server itself; for testing only',
  upload: 'uploaded, from your CA',
  generated: 'from your CA, for a key that the server made',
  emergency: 'a stand-in: the uploaded one cannot be loaded',
};

/** What this very listener presents to browsers. */
export function ConsoleCertificate() {
  const { data, error, refetch } = useConsole();
  const may = useMay();
  return (
    <Section
      title="Certificate of this console"
      lead="By it browsers tell this server from an impostor. It goes through the same checks as every appliance's, and is exchanged without a restart."
      actions={
        <Button component={Link} to="/appliances/console" size="xs" variant="default">
          {may('certificates:upload') ? 'History, or upload another' : 'History'}
        </Button>
      }
    >
      {error !== null && <Trouble error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton height={140} />}
      {data !== undefined && (
        <dl className={classes['facts']}>
          <dt>Shows</dt>
          <dd>
            {data.subject} <ConsoleState console={data} />
          </dd>
          <dt>Where from</dt>
          <dd>{ORIGINS[data.origin]}</dd>
          <dt>Valid until</dt>
          <dd>
            <Moment at={data.notAfter} show="date" /> (<Moment at={data.notAfter} show="relative" />)
          </dd>
          <dt>SHA-256 fingerprint</dt>
          <dd>
            <CopyText text={data.fingerprint} what="fingerprint" />
          </dd>
        </dl>
      )}
    </Section>
  );
}

const SOON_MS = 30 * 86_400_000;

function ConsoleState({ console: { origin, notAfter } }: { console: Console }) {
  const left = Date.parse(notAfter) - Date.now();
  if (origin === 'emergency') return <State state="emergency" label="Stand-in" tone="bad" />;
  if (left <= 0) return <State state="expired" />;
  if (origin === 'self-signed') return <State state="self-signed" label="Self-signed" tone="warn" />;
  return <State state={left < SOON_MS ? 'expiring' : 'ready'} />;
}
