import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Dialog } from '../parts/Dialog.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { useDoing } from '../parts/useDoing.ts';
import { type KeptCrl, useTrustActions } from './api.ts';
import { FileDrop } from './FileDrop.tsx';
import { commonName } from './naming.ts';

interface GetCrlProps {
  readonly mayUpload: boolean;
  readonly mayFetch: boolean;
  readonly onClose: () => void;
}

/** A list by hand: from a file, or from an address that no certificate names. */
export function GetCrl({ mayUpload, mayFetch, onClose }: GetCrlProps) {
  const { upload, fetch } = useTrustActions();
  const [url, setUrl] = useState('');
  const { busy, error, run } = useDoing();
  const [kept, setKept] = useState<KeptCrl>();
  const take = (work: Promise<KeptCrl>): Promise<void> => {
    setKept(undefined);
    return run(async () => setKept(await work));
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void take(fetch(url.trim()));
  };
  return (
    <Dialog onClose={onClose} title="Get a list" size="lg">
      <Stack>
        {mayUpload && (
          <FileDrop
            what="the list (.crl, PEM or DER)"
            accept=".crl,.pem,.der"
            onFile={(file) => void take(upload(new Blob([file], { type: 'application/octet-stream' })))}
          >
            <Text size="xs" c="dimmed" mt={6}>
              It is signed by its CA: where it came from does not matter, whether it is genuine is checked.
            </Text>
          </FileDrop>
        )}
        {mayFetch && (
          <form onSubmit={submit}>
            <Group align="flex-end" gap="sm">
              <TextInput
                label={mayUpload ? 'Or fetch it from' : 'Fetch it from'}
                placeholder="http://crl.contoso.com/issuing.crl"
                value={url}
                onChange={({ currentTarget }) => setUrl(currentTarget.value)}
                style={{ flex: '1 1 240px' }}
              />
              <Button type="submit" loading={busy} disabled={url.trim() === ''}>
                Fetch
              </Button>
            </Group>
          </form>
        )}
        <div aria-live="polite">{kept !== undefined && <Kept kept={kept} />}</div>
        {error !== undefined && <Trouble error={error} reveal />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {kept === undefined ? 'Cancel' : 'Done'}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

function Kept({ kept: { crl, outcome } }: { kept: KeptCrl }) {
  const name = `The list of “${commonName(crl.issuer)}”`;
  return (
    <Text fw={600} style={{ color: 'var(--good-text)' }}>
      {outcome === 'unchanged'
        ? `${name} that is held already.`
        : `${name}, number ${crl.number ?? 'none'}, is held now.`}
    </Text>
  );
}
