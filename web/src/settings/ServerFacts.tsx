import { Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { get, type RequestFailed } from '../api/request.ts';
import { Section } from '../parts/Section.tsx';
import classes from './Settings.module.css';

/** What somebody is asked who reports a fault. */
export function ServerFacts() {
  const { data } = useQuery<{ info: { version: string } }, RequestFailed>({
    queryKey: ['openapi'],
    queryFn: () => get('/openapi.json'),
    staleTime: Infinity,
  });
  return (
    <Section title="This server">
      <dl className={classes['facts']}>
        <dt>Version</dt>
        <dd>{data === undefined ? '…' : `Certgate ${data.info.version}`}</dd>
        <dt>Address</dt>
        <dd>{location.origin}</dd>
        <dt>API</dt>
        <dd>
          <Anchor href="/api/v1/openapi.json" target="_blank" rel="noreferrer" inherit underline="always">
            Description of every operation (OpenAPI 3.1)
          </Anchor>
        </dd>
      </dl>
      <Text size="sm" c="dimmed" mt="xs" maw="80ch">
        How the server runs itself (ports, database, proxy for revocation lists, log) stands in its configuration on the
        host: docs/server.md.
      </Text>
    </Section>
  );
}
