import { Anchor, Button, Skeleton, Stack, Table, Text, VisuallyHidden } from '@mantine/core';
import { useInfiniteQuery, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { get } from '../api/request.ts';
import { useMay } from '../api/session.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Moment } from '../parts/Moment.tsx';
import { Section } from '../parts/Section.tsx';
import { State, type Tone } from '../parts/State.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { ReportView } from '../report/ReportView.tsx';
import { type Appliance, appliancePath, type Identity, keyOf, type Report, type Upload } from './appliance-data.ts';
import { Fingerprint } from './IdentityFacts.tsx';

interface HistoryProps {
  readonly appliance: Appliance;
  readonly identities: UseQueryResult<Identity[]>;
}

/** Everything that was handed in, let in or not, and everything that was ever served. */
export function History({ appliance, identities }: HistoryProps) {
  const may = useMay();
  return (
    <Stack gap="xl">
      <Uploads appliance={appliance} />
      {identities.data !== undefined && identities.data.length > 0 && <Served identities={identities.data} />}
      {may('audit:read') && (
        <Text size="sm">
          Who did what with this appliance, settings and exports included:{' '}
          <Anchor component={Link} to={`/audit?subject=appliance:${appliance.id}`} underline="always" inherit>
            its entries in the audit log
          </Anchor>
        </Text>
      )}
    </Stack>
  );
}

const OUTCOMES: Readonly<Record<Upload['outcome'], readonly [Tone, string]>> = {
  refused: ['bad', 'Refused'],
  'reason-needed': ['odd', 'Stopped, no reason given'],
  staged: ['calm', 'Let in, waits'],
  activated: ['good', 'Let in, served'],
};

function Uploads({ appliance }: { appliance: Appliance }) {
  const [opened, setOpened] = useState<Upload>();
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = useInfiniteQuery({
    queryKey: keyOf(appliance.id, 'uploads'),
    queryFn: ({ pageParam, signal }) => {
      const after = pageParam === '' ? '' : `&after=${encodeURIComponent(pageParam)}`;
      return get<{ items: Upload[]; next: string | null }>(
        appliancePath(appliance.id, `/uploads?limit=25${after}`),
        signal,
      );
    },
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
  });
  const uploads = data?.pages.flatMap(({ items }) => items);
  return (
    <Section
      title="Uploads"
      lead="Refused ones, too: each with the report of then. Keys of refused uploads are not kept."
    >
      {error !== null && <Trouble error={error} retry={() => void refetch()} />}
      {uploads === undefined && error === null && <Skeleton h={160} radius="md" aria-label="Loading" />}
      {uploads?.length === 0 && <Empty title="Nothing was uploaded yet" />}
      {uploads !== undefined && uploads.length > 0 && <UploadTable uploads={uploads} onOpen={setOpened} />}
      {hasNextPage && (
        <Button mt="sm" variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show older ones
        </Button>
      )}
      {opened !== undefined && (
        <KeptReport appliance={appliance} upload={opened} onClose={() => setOpened(undefined)} />
      )}
    </Section>
  );
}

function UploadTable({ uploads, onOpen }: { uploads: readonly Upload[]; onOpen: (upload: Upload) => void }) {
  return (
    <Table.ScrollContainer minWidth={560} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing="xs" aria-label="Uploads">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>When</Table.Th>
            <Table.Th>Certificate name</Table.Th>
            <Table.Th>By</Table.Th>
            <Table.Th>Outcome</Table.Th>
            <Table.Th>
              <VisuallyHidden>Report</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {uploads.map((upload) => (
            <Table.Tr key={upload.id}>
              <Table.Td>
                <Moment at={upload.at} />
              </Table.Td>
              <Table.Td>{upload.name}</Table.Td>
              <Table.Td>{upload.actor}</Table.Td>
              <Table.Td>
                <State state={upload.outcome} tone={OUTCOMES[upload.outcome][0]} label={OUTCOMES[upload.outcome][1]} />
              </Table.Td>
              <Table.Td ta="right">
                <Button
                  size="compact-sm"
                  variant="default"
                  onClick={() => onOpen(upload)}
                  aria-label={`Report of “${upload.name}”, ${upload.at.slice(0, 16).replace('T', ' ')} UTC`}
                >
                  Report
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

interface KeptReportProps {
  readonly appliance: Appliance;
  readonly upload: Upload;
  readonly onClose: () => void;
}

function KeptReport({ appliance, upload, onClose }: KeptReportProps) {
  const { data, error, refetch } = useQuery({
    queryKey: keyOf(appliance.id, 'uploads', upload.id),
    queryFn: ({ signal }) =>
      get<Upload & { report: Report }>(appliancePath(appliance.id, `/uploads/${upload.id}`), signal),
    staleTime: Infinity,
  });
  return (
    <Dialog onClose={onClose} size="xl" title={`“${upload.name}”`}>
      <Text size="sm" c="dimmed" mb="md">
        Handed in by {upload.actor}, <Moment at={upload.at} />
      </Text>
      {error !== null && <Trouble error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton h={240} aria-label="Loading" />}
      {data !== undefined && <ReportView report={data.report} />}
    </Dialog>
  );
}

const STATES: Readonly<Record<Identity['state'], readonly [Tone, string]>> = {
  active: ['good', 'In use'],
  staged: ['calm', 'Waiting'],
  previous: ['calm', 'Before that'],
  ended: ['calm', 'Ended'],
};

function Served({ identities }: { identities: readonly Identity[] }) {
  return (
    <Section title="Certificates" lead="All that this appliance had, newest first.">
      <Table.ScrollContainer minWidth={560} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table verticalSpacing="xs" aria-label="Certificates">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Certificate name</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>Served since</Table.Th>
              <Table.Th>Until</Table.Th>
              <Table.Th>SHA-256</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {identities.map(({ id, name, state, activatedAt, endedAt, fingerprint }) => (
              <Table.Tr key={id}>
                <Table.Td>{name}</Table.Td>
                <Table.Td>
                  <State state={state} tone={STATES[state][0]} label={STATES[state][1]} />
                </Table.Td>
                <Table.Td>{activatedAt === null ? 'never' : <Moment at={activatedAt} />}</Table.Td>
                <Table.Td>{endedAt === null ? '' : <Moment at={endedAt} />}</Table.Td>
                <Table.Td maw={260}>
                  <Fingerprint hex={fingerprint} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  );
}
