import { Button, List, Text } from '@mantine/core';
import { useState } from 'react';
import { request } from '../api/request.ts';
import { Ask } from '../parts/Ask.tsx';
import { Section } from '../parts/Section.tsx';
import { type Appliance, appliancePath, useRefresh } from './appliance-data.ts';

/** Takes the appliance out of service for good. */
export function Retire({ appliance }: { appliance: Appliance }) {
  const [asking, setAsking] = useState(false);
  const refresh = useRefresh(appliance.id);
  const retire = async (): Promise<void> => {
    await request('POST', appliancePath(appliance.id, '/retire'), { version: appliance.version });
    await refresh();
  };
  return (
    <Section title="Out of service" lead="When the appliance is scrapped or replaced by another.">
      <Button variant="default" onClick={() => setAsking(true)}>
        Retire {appliance.name}
      </Button>
      {asking && (
        <Ask
          title={`Retire ${appliance.name}?`}
          action={`Retire ${appliance.name}`}
          destructive
          onConfirm={retire}
          onClose={() => setAsking(false)}
        >
          <Text mb="xs">This cannot be undone.</Text>
          <List size="sm">
            <List.Item>Its certificate is no longer served or watched, and its keys are destroyed here.</List.Item>
            <List.Item>
              The common name is free for the appliance that comes after it; the certificate and its key are not, ever.
            </List.Item>
            <List.Item>What was uploaded, by whom and when, stays readable.</List.Item>
          </List>
        </Ask>
      )}
    </Section>
  );
}
