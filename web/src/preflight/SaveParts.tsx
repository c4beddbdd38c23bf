import { Alert, Button, Group } from '@mantine/core';
import { IconDownload, IconScissors } from '@tabler/icons-react';
import { download } from '../appliance/download.ts';
import type { BundlePart, Recognised } from '../check/request.ts';

const PARTS: readonly (readonly [part: BundlePart, label: string, name: string])[] = [
  ['crt', 'Save the certificate', 'sensor.crt'],
  ['key', 'Save the private key', 'sensor.key'],
  ['chain', 'Save the chain', 'chain.pem'],
];

/** What was cut out or put together, as the files that an appliance's form takes. */
export function SaveParts({ recognised: { bundle } }: { recognised: Recognised }) {
  return (
    <Alert color="gray" icon={<IconScissors aria-hidden />} title="Checked as the form wants it" mb="md">
      An appliance takes certificate, key and chain as three files, which these are not. We took them apart; what is
      checked here are the parts. Save them and upload those.
      <Group gap="xs" mt="sm">
        {PARTS.map(([part, label, name]) => {
          const bytes = bundle[part];
          return bytes === undefined ? null : (
            <Button
              key={part}
              size="xs"
              variant="default"
              leftSection={<IconDownload size={14} aria-hidden />}
              onClick={() => download(name, bytes.slice())}
            >
              {label}
            </Button>
          );
        })}
      </Group>
    </Alert>
  );
}
