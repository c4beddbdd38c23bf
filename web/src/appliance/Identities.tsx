import { Alert, Button, Group, Paper, Skeleton, Stack, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import { post } from '../api/request.ts';
import { useMay } from '../api/session.ts';
import { Empty } from '../parts/Empty.tsx';
import { Section } from '../parts/Section.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { type Appliance, appliancePath, type Identity, type Standing, useRefresh } from './appliance-data.ts';
import { Chain } from './Chain.tsx';
import { ExportIdentity } from './ExportIdentity.tsx';
import { IdentityFacts } from './IdentityFacts.tsx';
import { useGated } from './gated.ts';
import { Refusal } from './Refusal.tsx';
import { RollBack } from './RollBack.tsx';
import { Staged } from './Staged.tsx';
import { useCountdown } from './countdown.ts';

interface IdentitiesProps {
  readonly appliance: Appliance;
  readonly identities: UseQueryResult<Identity[]>;
  readonly standing: UseQueryResult<Standing>;
  readonly onNew: () => void;
}

/** What is in use, what waits for its time, and what one could go back to. */
export function Identities({ appliance, identities, standing, onNew }: IdentitiesProps) {
  const { data, error } = identities;
  if (data === undefined) {
    return error === null ? (
      <Skeleton h={240} radius="md" aria-label="Loading" />
    ) : (
      <Trouble error={error} retry={() => void identities.refetch()} />
    );
  }
  const inState = (wanted: Identity['state']) => data.find(({ state }) => state === wanted);
  const [active, staged, previous] = [inState('active'), inState('staged'), inState('previous')];
  return (
    <Stack gap="xl">
      {active?.confirmBy != null && <Confirmation appliance={appliance} active={active} previous={previous} />}
      {staged !== undefined && <Staged appliance={appliance} staged={staged} active={active} />}
      <Active appliance={appliance} active={active} standing={standing.data} onNew={onNew} />
      {previous !== undefined && active !== undefined && (
        <Previous appliance={appliance} active={active} previous={previous} />
      )}
    </Stack>
  );
}

interface ActiveProps {
  readonly appliance: Appliance;
  readonly active: Identity | undefined;
  readonly standing: Standing | undefined;
  readonly onNew: () => void;
}

function Active({ appliance, active, standing, onNew }: ActiveProps) {
  const may = useMay();
  if (active === undefined) {
    return (
      <Paper withBorder>
        <Empty title="No certificate yet">
          <Text mb="md">
            Upload one that your CA has signed for {appliance.hostname}. If you have none, make a key and a CSR first
            (Keys and CSRs).
          </Text>
          {may('certificates:upload') && <Button onClick={onNew}>Upload a certificate</Button>}
        </Empty>
      </Paper>
    );
  }
  const ofThis = standing?.identityId === active.id ? standing : undefined;
  return (
    <Section
      title="In use"
      lead={
        active.origin === 'self-signed'
          ? 'Certgate made it itself, so that there is one. Nobody can check it: replace it by one of your CA.'
          : undefined
      }
      actions={
        may('certificates:export') &&
        active.origin !== 'self-signed' && <ExportIdentity appliance={appliance} which="active" />
      }
    >
      <Stack gap="md">
        <Paper withBorder p="md">
          <IdentityFacts identity={active} issuer={ofThis?.path[0]?.issuer} />
        </Paper>
        {ofThis !== undefined && ofThis.path.length > 0 && <Chain standing={ofThis} />}
      </Stack>
    </Section>
  );
}

interface PairProps {
  readonly appliance: Appliance;
  readonly active: Identity;
  readonly previous: Identity | undefined;
}

/** The new one is in use on trial: whoever sees that it works keeps it, else the old one comes back by itself. */
function Confirmation({ appliance, active, previous }: PairProps) {
  const may = useMay();
  const refresh = useRefresh(appliance.id);
  const { refused, attempt } = useGated(appliance, '/rollback');
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const left = useCountdown(active.confirmBy!, () => void refresh());
  const confirm = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await post(appliancePath(appliance.id, '/confirm'));
      await refresh();
    } catch (error) {
      setError(error as Error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Alert color="yellow" title="The new certificate is in use on trial" role="region" aria-label="On trial">
      <Text mb="sm">
        Try whether everything still connects to {appliance.hostname}. In{' '}
        <Text span fw={700} style={{ fontVariantNumeric: 'tabular-nums' }}>
          {left}
        </Text>{' '}
        Certgate goes back to {previous === undefined ? 'the one before' : `“${previous.name}”`} by itself, unless you
        keep the new one.
      </Text>
      {error !== undefined && <Trouble error={error} />}
      {may('certificates:activate') && (
        <Group gap="sm">
          <Button loading={busy} onClick={() => void confirm()}>
            Keep “{active.name}”
          </Button>
          {previous !== undefined && (
            <Button variant="default" onClick={() => setAsking(true)}>
              Go back now
            </Button>
          )}
        </Group>
      )}
      {asking && previous !== undefined && (
        <RollBack {...{ appliance, active, previous }} goBack={attempt} onClose={() => setAsking(false)} />
      )}
      {refused !== undefined && (
        <Refusal appliance={appliance} error={refused} onAgain={() => attempt()} onReason={attempt} />
      )}
    </Alert>
  );
}

function Previous({ appliance, active, previous }: PairProps & { previous: Identity }) {
  const may = useMay();
  const { refused, attempt } = useGated(appliance, '/rollback');
  const [asking, setAsking] = useState(false);
  return (
    <Section
      title="Before that"
      lead="Kept with its key, so that you can go back to it."
      actions={
        may('certificates:activate') &&
        appliance.retiredAt === null && (
          <Button variant="default" onClick={() => setAsking(true)}>
            Go back to this one
          </Button>
        )
      }
    >
      <Stack gap="md">
        {refused !== undefined && (
          <Refusal appliance={appliance} error={refused} onAgain={() => attempt()} onReason={attempt} />
        )}
        <Paper withBorder p="md">
          <IdentityFacts identity={previous} />
        </Paper>
      </Stack>
      {asking && <RollBack {...{ appliance, active, previous }} goBack={attempt} onClose={() => setAsking(false)} />}
    </Section>
  );
}
