import { Alert, Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { type FormEvent, type RefObject, useRef, useState } from 'react';
import { RequestFailed } from '../api/request.ts';
import { useSigning } from '../api/session.ts';
import { CapsLock } from '../parts/CapsLock.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { LockedOut } from './LockedOut.tsx';
import { useSecondsUntil } from './seconds.ts';

/** Name and password, in a form that password managers know. */
export function SignInForm() {
  const { signIn } = useSigning();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const [lock, setLock] = useState<{ name: string; until: number }>();
  const passwordField = useRef<HTMLInputElement>(null);
  const lockedFor = useSecondsUntil(lock?.until);
  const isLocked = lockedFor > 0 && lock?.name === nameKey(name);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (isLocked || busy) return;
    setBusy(true);
    setError(undefined);
    setLock(undefined);
    try {
      await signIn(name.trim(), password);
    } catch (error) {
      const seconds = error instanceof RequestFailed ? error.problem.retryAfterSeconds : undefined;
      if (seconds !== undefined) setLock({ name: nameKey(name), until: Date.now() + seconds * 1000 });
      setError(error as Error);
      setBusy(false);
      passwordField.current?.select();
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <Refusal error={error} lock={lock} secondsLeft={lockedFor} />
        <TextInput
          label="Name"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          withAsterisk={false}
          autoFocus
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <PasswordField field={passwordField} value={password} onChange={setPassword} />
        <Button
          type="submit"
          loading={busy}
          fullWidth
          aria-disabled={isLocked}
          {...(isLocked && { 'data-disabled': true })}
        >
          {isLocked ? `Wait ${lockedFor} s` : 'Sign in'}
        </Button>
      </Stack>
    </form>
  );
}

interface PasswordFieldProps {
  readonly field: RefObject<HTMLInputElement | null>;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function PasswordField({ field, value, onChange }: PasswordFieldProps) {
  return (
    <CapsLock>
      <PasswordInput
        label="Password"
        name="password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        ref={field}
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': 'Show what is typed', tabIndex: 0 }}
      />
    </CapsLock>
  );
}

interface RefusalProps {
  readonly error: Error | undefined;
  readonly lock: { readonly name: string; readonly until: number } | undefined;
  readonly secondsLeft: number;
}

function Refusal({ error, lock, secondsLeft }: RefusalProps) {
  if (error === undefined) return null;
  if (lock !== undefined) return <LockedOut name={lock.name} until={lock.until} secondsLeft={secondsLeft} />;
  if (error instanceof RequestFailed && error.code === 'wrong-credentials') {
    return (
      <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title="Name or password is wrong" role="alert">
        The name takes any case, the password does not. After five wrong passwords the name is locked for half a minute,
        then longer each time.
      </Alert>
    );
  }
  return <Trouble error={error} />;
}

/** As the server compares names. */
const nameKey = (name: string): string => name.trim().normalize('NFKC').toLowerCase();
