import { Button, Group, Paper, Skeleton, Stack, Text } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useMay } from '../api/session.ts';
import { Moment } from '../parts/Moment.tsx';
import { State, toneOf } from '../parts/State.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { Words } from '../report/Words.tsx';
import type { Appliance, Standing } from './appliance-data.ts';
import classes from './appliance.module.css';
import { Fix } from './Fix.tsx';

interface NowProps {
  readonly appliance: Appliance;
  readonly standing: UseQueryResult<Standing>;
  /** Goes to the form; undefined where one is there already. */
  readonly onNew: (() => void) | undefined;
}

/** States that a new certificate mends. */
const NEEDS_NEW: ReadonlySet<string> = new Set([
  'revoked',
  'expired',
  'untrusted',
  'not-yet-valid',
  'no-certificate',
  'expiring',
  'unsupported',
]);

const WELL = 'The certificate is valid, leads to a trust anchor, and nothing speaks against it.';

/** What the certificate is worth at this moment, why, and what to do: the first thing that anybody looks for. */
export function Now({ appliance, standing, onNew }: NowProps) {
  const { data, error } = standing;
  if (data === undefined) {
    return error === null ? (
      <Skeleton h={92} radius="md" aria-label="Loading" />
    ) : (
      <Trouble error={error} retry={() => void standing.refetch()} />
    );
  }
  const { state, message, fix, blocks } = data;
  // What stops a line is red, whatever it comes from.
  const tone = blocks ? 'bad' : toneOf(state);
  return (
    <Paper
      component="section"
      aria-label="State now"
      withBorder
      p="md"
      className={`${classes['now']} ${classes[tone]}`}
      data-state={state}
    >
      <Group justify="space-between" align="flex-start" gap="md">
        <Stack gap={6} className={classes['words']}>
          <Group gap="sm" role="status">
            <State state={state} tone={tone} />
            <Since standing={data} />
          </Group>
          <Text>{message === null ? WELL : <Words text={message} />}</Text>
          <Consequence appliance={appliance} standing={data} />
          {fix !== null && <Fix text={fix} />}
        </Stack>
        {state === 'stale-crl' || state === 'untrusted' ? <TrustButton /> : null}
        {NEEDS_NEW.has(state) && onNew !== undefined && <NewButton onClick={onNew} />}
      </Group>
    </Paper>
  );
}

/** Of a good one how long it lasts, of a bad one since when. */
function Since({ standing: { state, since, path } }: { standing: Standing }) {
  const [leaf] = path;
  if (state === 'ready' || state === 'unsupported' || state === 'expiring') {
    return leaf === undefined ? null : (
      <Text size="sm" c="dimmed">
        valid until <Moment at={leaf.notAfter} show="date" />, ends <Moment at={leaf.notAfter} show="relative" />
      </Text>
    );
  }
  return since === null ? null : (
    <Text size="sm" c="dimmed">
      since <Moment at={since} />
    </Text>
  );
}

/** What it means for the plant, not for the certificate. */
function Consequence({
  appliance: { validation },
  standing: { blocks, state },
}: {
  appliance: Appliance;
  standing: Standing;
}) {
  if (blocks) {
    return (
      <Text size="sm" fw={600}>
        Validation is mandatory: encrypted traffic of this appliance halts until this is mended.
      </Text>
    );
  }
  if (toneOf(state) !== 'bad' && state !== 'stale-crl') return null;
  return (
    <Text size="sm">
      {validation === 'none'
        ? 'Validation is off for this appliance: traffic goes on, and is not protected by the certificate.'
        : 'Encrypted traffic goes on.'}
    </Text>
  );
}

function TrustButton() {
  return (
    <Button variant="default" component={Link} to="/trust">
      Trust anchors and CRLs
    </Button>
  );
}

function NewButton({ onClick }: { onClick: () => void }) {
  const may = useMay();
  if (!may('certificates:upload')) return null;
  return (
    <Button leftSection={<IconUpload size={16} aria-hidden />} onClick={onClick}>
      Upload a certificate
    </Button>
  );
}
