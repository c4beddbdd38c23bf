import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useConsole } from '../api/console.ts';
import { Moment } from '../parts/Moment.tsx';
import { type Appliance, CONSOLE_ID, type Identity } from './appliance-data.ts';
import { useFocusOnShow } from './focus.ts';
import { colons } from './IdentityFacts.tsx';
import type { UploadResult } from './sending.ts';

interface SentProps {
  readonly appliance: Appliance;
  readonly result: UploadResult;
  /** There is one to go back to. */
  readonly replaced: boolean;
  readonly onDone: () => void;
  readonly onAgain: () => void;
}

/** It was let in: what that means, and what comes next. */
export function Sent({ appliance, result: { identity }, replaced, onDone, onAgain }: SentProps) {
  const shown = useFocusOnShow<HTMLDivElement>();
  if (identity === undefined) return null;
  const waits = identity.state === 'staged';
  return (
    <Stack maw={820}>
      <Alert
        color="green"
        icon={<IconCircleCheck aria-hidden />}
        title={waits ? `“${identity.name}” was let in and waits` : `“${identity.name}” is in use`}
        role="status"
        ref={shown}
        tabIndex={-1}
      >
        {waits ? <Waits identity={identity} /> : <InUse appliance={appliance} identity={identity} />}
      </Alert>
      <Text fw={600}>What happens next</Text>
      <List size="sm" spacing="xs">
        {nextSteps(appliance, identity, replaced).map((step) => (
          <List.Item key={step}>{step}</List.Item>
        ))}
      </List>
      <Group>
        <Button onClick={onDone}>See the certificate</Button>
        <Button variant="default" onClick={onAgain}>
          Upload another
        </Button>
      </Group>
    </Stack>
  );
}

function Waits({ identity: { activateAt } }: { identity: Identity }) {
  if (activateAt === null) return <>It becomes active when somebody says so.</>;
  return (
    <>
      It becomes active <Moment at={activateAt} show="relative" />, at <Moment at={activateAt} />. Until then everything
      stays as it is.
    </>
  );
}

function InUse({ appliance, identity }: { appliance: Appliance; identity: Identity }) {
  if (appliance.id === CONSOLE_ID) return <Presented identity={identity} />;
  return <>{appliance.name} has this certificate from now on. The key is sealed on the server.</>;
}

/** For the console's own certificate one can look: what does its listener show to whoever connects? */
function Presented({ identity }: { identity: Identity }) {
  const { data } = useConsole((presented) => sameFingerprint(presented?.fingerprint, identity));
  if (!sameFingerprint(data?.fingerprint, identity)) return <>The listener is changing over …</>;
  return (
    <>
      The listener of this console presents it: {colons(identity.fingerprint)}. Connections that are open keep the old
      one until they are closed.
    </>
  );
}

const digits = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase();
const sameFingerprint = (found: string | undefined, { fingerprint }: Identity): boolean =>
  found !== undefined && digits(found) === digits(fingerprint);

function nextSteps(
  { name, hostname, id }: Appliance,
  { confirmBy, activateAt, state }: Identity,
  replaced: boolean,
): string[] {
  if (state === 'staged') {
    return [
      activateAt === null
        ? 'Activate it under “Certificate” when the change window is open.'
        : 'At that time it is judged once more; if something came up since, it is not used, and the page says why.',
      'You can activate it earlier, or give it up, under “Certificate”.',
    ];
  }
  return [
    ...(confirmBy === null
      ? []
      : ['It is on trial: confirm under “Certificate” that everything works, or the one before comes back by itself.']),
    id === CONSOLE_ID
      ? `Open https://${hostname} in a new window and look at the lock: it should say what you expect.`
      : `If ${name} itself needs the files: “Export with its key” under “Certificate” has them as its own form takes them.`,
    ...(replaced ? ['The one before is kept: you can go back to it.'] : []),
  ];
}
