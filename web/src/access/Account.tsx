import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ROLE_NAMES, useSession, useSigning } from '../api/session.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { NewPassword, NO_PASSWORD, whyNotPassword } from '../parts/NewPassword.tsx';
import { Moment } from '../parts/Moment.tsx';
import { Line, Lines } from '../parts/Lines.tsx';
import { Section } from '../parts/Section.tsx';
import { Trouble } from '../parts/Trouble.tsx';

/** Oneself. */
export function Account() {
  const { session } = useSession();
  const [changing, setChanging] = useState(false);
  if (session === null || session === undefined) return null;
  const { user, expiresAt } = session;
  return (
    <Section title="Your account">
      <Lines label="Your account">
        <Line
          title={user.name}
          mark={ROLE_NAMES[user.role]}
          facts={
            expiresAt !== undefined && (
              <>
                Signed in until <Moment at={expiresAt} /> at most; half an hour without a request ends it earlier.
              </>
            )
          }
          actions={
            <Button variant="default" size="xs" onClick={() => setChanging(true)}>
              Change password…
            </Button>
          }
        />
      </Lines>
      {changing && <ChangePassword name={user.name} onClose={() => setChanging(false)} />}
    </Section>
  );
}

function ChangePassword({ name, onClose }: { name: string; onClose: () => void }) {
  const { changePassword } = useSigning();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState(NO_PASSWORD);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (current === '' || whyNotPassword(password, name) !== undefined) return;
    setBusy(true);
    setError(undefined);
    try {
      await changePassword(current, password.password);
    } catch (error) {
      setError(error as Error);
      setBusy(false);
    }
  };
  return (
    <Dialog onClose={onClose} title="Change your password" size="lg">
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack>
          <Text size="sm">
            Afterwards every session of yours has ended, this one, too: sign in with the new password. Your tokens go on
            working.
          </Text>
          {/* For password managers: whose it is. */}
          <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
          <PasswordInput
            label="Password until now"
            autoComplete="current-password"
            data-autofocus
            value={current}
            onChange={({ currentTarget }) => setCurrent(currentTarget.value)}
            error={tried && current === '' ? 'Your password until now is needed.' : undefined}
            visibilityToggleButtonProps={{ 'aria-label': 'Show the password until now', tabIndex: 0 }}
          />
          <NewPassword label="New password" value={password} onChange={setPassword} name={name} tried={tried} />
          {error !== undefined && <Trouble error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              Change the password
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
