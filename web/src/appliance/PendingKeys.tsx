import { Button, Group, Paper, Skeleton, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { request } from '../api/request.ts';
import { useMay } from '../api/session.ts';
import { Ask } from '../parts/Ask.tsx';
import { Command } from '../parts/Command.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Moment } from '../parts/Moment.tsx';
import { Section } from '../parts/Section.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { type Appliance, appliancePath, type PendingKey, usePendingKeys, useRefresh } from './appliance-data.ts';
import { download, fileName } from './download.ts';

interface PendingKeysProps {
  readonly appliance: Appliance;
  readonly onCertificate: () => void;
}

/** Keys that were made on the server and wait for the certificate that the CA makes of their request. */
export function PendingKeys({ appliance, onCertificate }: PendingKeysProps) {
  const { data, error, refetch } = usePendingKeys(appliance.id);
  return (
    <Section
      title="Keys that wait for their certificate"
      lead="They are on the server, sealed, and are shown to nobody."
    >
      {error !== null && <Trouble error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton h={80} radius="md" aria-label="Loading" />}
      {data?.length === 0 && (
        <Paper withBorder>
          <Empty title="None waits">A key made on the server below appears here, with its request for your CA.</Empty>
        </Paper>
      )}
      <Stack gap="md">
        {data?.map((pending) => (
          <Pending key={pending.id} appliance={appliance} pending={pending} onCertificate={onCertificate} />
        ))}
      </Stack>
    </Section>
  );
}

function Pending({ appliance, pending, onCertificate }: PendingKeysProps & { pending: PendingKey }) {
  const may = useMay();
  const refresh = useRefresh(appliance.id);
  const [asking, setAsking] = useState(false);
  const remove = async (): Promise<void> => {
    await request('DELETE', appliancePath(appliance.id, `/csrs/${pending.id}`));
    await refresh();
  };
  const id = pending.spkiFingerprint.slice(0, 8).toUpperCase();
  return (
    <Paper withBorder p="md" component="section" aria-label={`Key ${id}`} id={`key-${pending.id}`} tabIndex={-1}>
      <Group justify="space-between" align="flex-start" mb="sm">
        <div>
          <Text fw={600}>Key {id}</Text>
          <Text size="sm" c="dimmed">
            made <Moment at={pending.createdAt} /> by {pending.createdBy}
          </Text>
        </div>
        {may('certificates:upload') && (
          <Group gap="xs">
            <Button variant="default" size="xs" onClick={() => setAsking(true)}>
              Remove
            </Button>
            <Button
              variant="default"
              size="xs"
              onClick={() => download(`${fileName(appliance.hostname)}.csr`, pending.csr, 'application/x-pem-file')}
            >
              Save the request
            </Button>
            <Button size="xs" onClick={onCertificate}>
              The certificate is here
            </Button>
          </Group>
        )}
      </Group>
      <Text size="sm" mb="xs">
        Give this request to your CA. When the certificate comes, upload it with its chain and without a key: this key
        is found by itself.
      </Text>
      <details>
        <summary>Show the request</summary>
        <Command text={pending.csr.trim()} label="Copy the request" />
      </details>
      {asking && (
        <Ask
          title={`Remove key ${id}?`}
          action="Remove the key"
          destructive
          onConfirm={remove}
          onClose={() => setAsking(false)}
        >
          <Text>
            The key is destroyed. A certificate that your CA makes of its request is then of no use to anybody.
          </Text>
        </Ask>
      )}
    </Paper>
  );
}
