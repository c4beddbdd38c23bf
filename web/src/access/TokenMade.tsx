import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { IconEyeOff } from '@tabler/icons-react';
import { useConsole } from '../api/console.ts';
import { Command } from '../parts/Command.tsx';
import type { MadeToken } from './api.ts';

/** The secret of a new token, this once, and how it is used. */
export function TokenMade({ token, onClose }: { token: MadeToken; onClose: () => void }) {
  const { data } = useConsole();
  return (
    <Stack>
      <Alert color="yellow" icon={<IconEyeOff aria-hidden />} title="Copy it now">
        It is shown this once; the server keeps only a fingerprint of it. Whoever has it may what you allowed.
      </Alert>
      <Command text={token.secret} label="Copy the token" />
      {data !== undefined && (
        <>
          <Text size="sm">
            To try it in a shell{data.origin === 'upload' || data.origin === 'generated' ? '' : EXPLAINED}:
          </Text>
          <Command text={example(token.secret, location.host, data)} label="Copy the example" />
        </>
      )}
      <Text size="sm">
        The answer says who asks and what the token may. Everything else that the API does is described at{' '}
        <Anchor href="/api/v1/openapi.json" target="_blank" rel="noreferrer" inherit underline="always">
          /api/v1/openapi.json
        </Anchor>
        .
      </Text>
      <Group justify="flex-end">
        <Button onClick={onClose}>I have copied it</Button>
      </Group>
    </Stack>
  );
}

const EXPLAINED =
  '. The server has a self-signed certificate, so the first line fetches it, and the second must print the fingerprint beside it';

/** Commands that work as they are pasted. */
function example(
  secret: string,
  host: string,
  { origin, fingerprint }: { origin: string; fingerprint: string },
): string {
  const ask = (options: string): string =>
    `curl ${options}-H 'Authorization: Bearer ${secret}' https://${host}/api/v1/session`;
  if (origin === 'upload' || origin === 'generated') {
    return `# add --cacert root.pem where your system does not trust the CA of this server\n${ask('')}`;
  }
  const place = host.includes(':') ? host : `${host}:443`;
  return [
    `openssl s_client -connect ${place} </dev/null 2>/dev/null | openssl x509 -out certgate.pem`,
    `openssl x509 -in certgate.pem -noout -fingerprint -sha256  # ${fingerprint}`,
    ask('--cacert certgate.pem '),
  ].join('\n');
}
