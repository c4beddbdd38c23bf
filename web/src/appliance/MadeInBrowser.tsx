import { Button, Group, List, Paper, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { Ask } from '../parts/Ask.tsx';
import { Command } from '../parts/Command.tsx';
import type { Appliance } from './appliance-data.ts';
import type { MadeKey } from './browser-csr.ts';
import { download, fileName } from './download.ts';
import { useFocusOnShow } from './focus.ts';

interface MadeInBrowserProps {
  readonly appliance: Appliance;
  readonly made: MadeKey;
  readonly onDone: () => void;
}

/** A key that exists nowhere but in this page until it is saved. */
export function MadeInBrowser({ appliance, made, onDone }: MadeInBrowserProps) {
  const [saved, setSaved] = useState(false);
  const [asking, setAsking] = useState(false);
  useWarning(!saved);
  const shown = useFocusOnShow<HTMLParagraphElement>();
  const base = fileName(appliance.hostname);
  const saveKey = (): void => {
    download(`${base}.key`, made.keyPem, 'application/x-pem-file');
    setSaved(true);
  };
  return (
    <Paper withBorder p="md" maw={820} component="section" aria-label="Made in this browser">
      <Stack>
        <Text role="status" fw={600} ref={shown} tabIndex={-1}>
          The key and its request are made. They are in this page only.
        </Text>
        <Steps />
        <Group>
          <Button leftSection={<IconDownload size={16} aria-hidden />} onClick={saveKey}>
            Save the key ({base}.key)
          </Button>
          <Button
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
            onClick={() => download(`${base}.csr`, made.csrPem, 'application/x-pem-file')}
          >
            Save the request ({base}.csr)
          </Button>
        </Group>
        <details>
          <summary>Show the request</summary>
          <Command text={made.csrPem.trim()} label="Copy the request" />
        </details>
        <Group>
          <Button variant="default" onClick={() => (saved ? onDone() : setAsking(true))}>
            Done
          </Button>
        </Group>
      </Stack>
      {asking && (
        <Ask
          title="Throw away the key without saving it?"
          action="Throw it away"
          destructive
          onConfirm={async () => onDone()}
          onClose={() => setAsking(false)}
        >
          <Text>The key was not saved yet. Nobody can bring it back, and its request is then of no use.</Text>
        </Ask>
      )}
    </Paper>
  );
}

function Steps() {
  return (
    <List type="ordered" size="sm" spacing="xs">
      <List.Item>
        Save the key. It is encrypted with your passphrase; without the file or without the passphrase the certificate
        will be of no use.
      </List.Item>
      <List.Item>Save the request and give it to your CA.</List.Item>
      <List.Item>
        When the certificate comes, upload it under “New certificate” with its chain, this key file and the passphrase.
      </List.Item>
    </List>
  );
}

/** The browser asks before the page is left. */
function useWarning(active: boolean): void {
  useEffect(() => {
    if (!active) return undefined;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [active]);
}
