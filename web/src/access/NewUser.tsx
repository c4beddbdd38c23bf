import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { Role } from '../api/session.ts';
import { Choice } from '../parts/Choice.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { NewPassword, NO_PASSWORD, whyNotPassword } from '../parts/NewPassword.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { useAccessActions } from './api.ts';
import { ROLE_OPTIONS } from './words.ts';

/** Makes somebody a user. */
export function NewUser({ onClose }: { onClose: () => void }) {
  const { createUser } = useAccessActions();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('reader');
  const [password, setPassword] = useState(NO_PASSWORD);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (name.trim() === '' || whyNotPassword(password, name) !== undefined) return;
    setBusy(true);
    setError(undefined);
    try {
      await createUser({ name: name.trim(), role, password: password.password });
      onClose();
    } catch (error) {
      setError(error as Error);
      setBusy(false);
    }
  };
  return (
    <Dialog onClose={onClose} title="New user" size="lg">
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack>
          <TextInput
            label="Name"
            description="To sign in with; upper and lower case are the same."
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            data-autofocus
            maxLength={200}
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
            error={tried && name.trim() === '' ? 'A name is needed.' : undefined}
          />
          <Choice legend="May do" options={ROLE_OPTIONS} value={role} onChange={setRole} />
          <NewPassword value={password} onChange={setPassword} name={name} tried={tried} />
          <Text size="sm" c="dimmed">
            Hand the password over on a way that nobody else reads; the user can change it under “Users and tokens”.
          </Text>
          {error !== undefined && <Trouble error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              Make the user
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
