import { Button, Group, Stack, Textarea } from '@mantine/core';
import { useState } from 'react';
import { Dialog } from '../parts/Dialog.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { type Candidate, useTrustActions } from './api.ts';
import { ChosenCandidate } from './ChosenCandidate.tsx';
import { fileAsBase64, FileDrop } from './FileDrop.tsx';

const LARGEST = 1024 * 1024;

/** Adds a CA in two steps: what the file is, then whether that is what the CA published. */
export function AddAnchor({ onClose }: { onClose: () => void }) {
  const { inspect } = useTrustActions();
  const [pasted, setPasted] = useState('');
  const [found, setFound] = useState<{ certificate: string; candidates: Candidate[] }>();
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const look = async (certificate: Promise<string> | string): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const given = await certificate;
      setFound({ certificate: given, candidates: await inspect(given) });
    } catch (error) {
      setError(error as Error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog onClose={onClose} title="Add a trust anchor" size="lg">
      <Stack>
        {found === undefined ? (
          <>
            <FileDrop
              what="the CA certificate (PEM or DER)"
              accept=".pem,.crt,.cer,.der,.p7b"
              onFile={(file) => void look(file.size > LARGEST ? Promise.reject(tooLarge(file)) : fileAsBase64(file))}
            />
            <Textarea
              label="Or paste its text"
              placeholder="-----BEGIN CERTIFICATE-----"
              autosize
              minRows={4}
              maxRows={10}
              value={pasted}
              onChange={({ currentTarget }) => setPasted(currentTarget.value)}
              styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12 } }}
            />
            {error !== undefined && <Trouble error={error} reveal />}
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button loading={busy} disabled={pasted.trim() === ''} onClick={() => void look(pasted)}>
                See what it is
              </Button>
            </Group>
          </>
        ) : (
          <ChosenCandidate {...found} onBack={() => setFound(undefined)} onDone={onClose} />
        )}
      </Stack>
    </Dialog>
  );
}

const tooLarge = ({ name, size }: File): Error =>
  new Error(`${name} has ${Math.round(size / 1024 / 1024)} MB; a CA certificate has a few kB. Take another file.`);
