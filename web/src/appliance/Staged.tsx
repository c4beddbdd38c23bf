import { Alert, Button, Paper, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { post } from '../api/request.ts';
import { useMay } from '../api/session.ts';
import { Ask } from '../parts/Ask.tsx';
import { Moment } from '../parts/Moment.tsx';
import { Section } from '../parts/Section.tsx';
import { type Appliance, appliancePath, type Identity, useRefresh } from './appliance-data.ts';
import { ExportIdentity } from './ExportIdentity.tsx';
import { useGated } from './gated.ts';
import { IdentityFacts } from './IdentityFacts.tsx';
import { Refusal } from './Refusal.tsx';

interface StagedProps {
  readonly appliance: Appliance;
  readonly staged: Identity;
  readonly active: Identity | undefined;
}

/** The certificate that waits for its time. */
export function Staged({ appliance, staged, active }: StagedProps) {
  const may = useMay();
  const [asking, setAsking] = useState<'activate' | 'cancel'>();
  const { refused, attempt } = useGated(appliance, '/activate');
  return (
    <Section
      title="Waiting"
      lead={<When staged={staged} />}
      actions={
        <>
          {may('certificates:export') && <ExportIdentity appliance={appliance} which="staged" />}
          {may('certificates:activate') && (
            <>
              <Button variant="default" onClick={() => setAsking('cancel')}>
                Give it up
              </Button>
              <Button onClick={() => setAsking('activate')}>Activate now</Button>
            </>
          )}
        </>
      }
    >
      <Stack gap="md">
        {staged.activationRefusedAt !== null && refused === undefined && (
          <Alert color="red" title="Its time came, and it was no longer let in">
            At <Moment at={staged.activationRefusedAt} /> it was judged again and refused; nothing was changed.
            “Activate now” judges it once more and shows why.
          </Alert>
        )}
        {refused !== undefined && (
          <Refusal appliance={appliance} error={refused} onAgain={() => attempt()} onReason={attempt} />
        )}
        <Paper withBorder p="md">
          <IdentityFacts identity={staged} />
        </Paper>
      </Stack>
      {asking !== undefined && (
        <AskStaged {...{ appliance, staged, active, asking, attempt }} onClose={() => setAsking(undefined)} />
      )}
    </Section>
  );
}

interface AskStagedProps extends StagedProps {
  readonly asking: 'activate' | 'cancel';
  readonly attempt: () => Promise<void>;
  readonly onClose: () => void;
}

function AskStaged({ appliance, staged, active, asking, attempt, onClose }: AskStagedProps) {
  const refresh = useRefresh(appliance.id);
  if (asking === 'activate') {
    return (
      <Ask title={`Activate “${staged.name}” now?`} action="Activate" onConfirm={() => attempt()} onClose={onClose}>
        <Text>
          It is judged once more as things stand now. If it is let in, {appliance.name} serves it at once
          {active === undefined ? '' : ` in place of “${active.name}”`}.
        </Text>
      </Ask>
    );
  }
  const cancel = async (): Promise<void> => {
    await post(appliancePath(appliance.id, '/cancel'));
    await refresh();
  };
  return (
    <Ask title={`Give up “${staged.name}”?`} action="Give it up" destructive onConfirm={cancel} onClose={onClose}>
      <Text>
        It will not become active, and its key is destroyed here.
        {active !== undefined && ` “${active.name}” stays in use.`}
      </Text>
    </Ask>
  );
}

function When({ staged: { activateAt, activationRefusedAt } }: { staged: Identity }) {
  if (activateAt === null || activationRefusedAt !== null) return <>It becomes active when somebody says so.</>;
  return (
    <>
      Becomes active <Moment at={activateAt} show="relative" />, at <Moment at={activateAt} />. It is judged again then.
    </>
  );
}
