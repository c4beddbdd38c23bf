import { Alert, Button, Stack, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { RequestFailed } from '../api/request.ts';
import { useSigning } from '../api/session.ts';
import { Command } from '../parts/Command.tsx';
import { NewPassword, NO_PASSWORD, whyNotPassword } from '../parts/NewPassword.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { PasteLink } from './PasteLink.tsx';
import { dropToken } from './progress.ts';
import { RightServer } from './RightServer.tsx';
import { StepHead } from './StepHead.tsx';

interface AdministratorStepProps {
  readonly token: string;
  readonly wrongLink: string | undefined;
  readonly onLink: (link: string) => void;
  /** Called before it is tried: where it succeeds, the page goes on by itself. */
  readonly onMake: () => void;
}

/** Step 1: name and password of the first administrator. */
export function AdministratorStep({ token, wrongLink, onLink, onMake }: AdministratorStepProps) {
  const { setUp } = useSigning();
  const [name, setName] = useState('');
  const [password, setPassword] = useState(NO_PASSWORD);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<{ token: string; error: Error }>();
  // Another link: the old refusal says nothing any more.
  const error = failed?.token === token ? failed.error : undefined;

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (name.trim() === '' || whyNotPassword(password, name) !== undefined) return;
    setBusy(true);
    setFailed(undefined);
    onMake();
    try {
      await setUp(token, name.trim(), password.password);
      dropToken();
    } catch (error) {
      setFailed({ token, error: error as Error });
      setBusy(false);
    }
  };
  return (
    <Stack gap="md">
      <RightServer />
      <StepHead title="Who is the administrator?">
        There is no default password. This account may do everything; more users, who may do less, can follow.
      </StepHead>
      {error !== undefined && <Refused error={error} wrongLink={wrongLink} onLink={onLink} />}
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack gap="md">
          <TextInput
            label="Name"
            description="To sign in with, for instance your short name; upper and lower case are the same."
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            withAsterisk={false}
            maxLength={200}
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
            error={tried && name.trim() === '' ? 'A name is needed.' : undefined}
          />
          <NewPassword value={password} onChange={setPassword} name={name} tried={tried} />
          <Button type="submit" loading={busy} w="fit-content">
            Make the administrator
          </Button>
        </Stack>
      </form>
    </Stack>
  );
}

function Refused({ error, ...paste }: { error: Error; wrongLink: string | undefined; onLink: (link: string) => void }) {
  if (!(error instanceof RequestFailed) || error.code !== 'setup-link-invalid') return <Trouble error={error} />;
  return (
    <>
      <Alert
        color="red"
        icon={<IconAlertTriangle aria-hidden />}
        title="This set-up link does not work any more"
        role="alert"
      >
        It was used, a newer one has replaced it, or it is over an hour old. On the server, the command below shows a
        new one. What you typed stays here.
      </Alert>
      <Command text="certgate setup-link" />
      <PasteLink wrong={paste.wrongLink} onLink={paste.onLink} />
    </>
  );
}
