import { Button, Checkbox, Stack } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Choice } from '../parts/Choice.tsx';
import { type Choice as CertificateChoice, keepChoice } from './progress.ts';
import { StepHead } from './StepHead.tsx';

const OPTIONS = [
  {
    value: 'upload',
    label: 'Use a certificate from our CA',
    note: 'recommended',
    about:
      'After the last question you come to the upload form. It takes the .crt, .key and chain files, checks them before anything is sent, and says what is wrong with them, if anything is.',
  },
  {
    value: 'self-signed',
    label: 'Keep the self-signed certificate',
    about:
      'Every browser goes on warning, and nobody can tell this server from an impostor by it. You can upload another at any time.',
  },
] as const;

/** Step 2: whose certificate this console shows from now on. */
export function CertificateStep({ onDone }: { onDone: () => void }) {
  const [choice, setChoice] = useState<CertificateChoice>();
  const [understood, setUnderstood] = useState(false);
  const [tried, setTried] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (choice === undefined || (choice === 'self-signed' && !understood)) return;
    keepChoice(choice);
    onDone();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <StepHead title="Which certificate does this console show?">
          Browsers tell by it that they talk to this server and to nobody else.
        </StepHead>
        <Choice legend="Certificate of this console" options={OPTIONS} value={choice} onChange={setChoice} />
        {choice === 'self-signed' && (
          <Checkbox
            label="I understand that a self-signed certificate is for testing only, not for production."
            checked={understood}
            onChange={({ currentTarget }) => setUnderstood(currentTarget.checked)}
            error={tried && !understood ? 'Tick this to keep the self-signed certificate.' : undefined}
          />
        )}
        <div role="alert" style={{ color: 'var(--bad-text)' }}>
          {tried && choice === undefined ? 'Choose one of the two.' : ''}
        </div>
        <Button type="submit" w="fit-content">
          Continue
        </Button>
      </Stack>
    </form>
  );
}
