import { Alert } from '@mantine/core';
import { IconLock, IconLockOpen } from '@tabler/icons-react';

interface LockedOutProps {
  readonly name: string;
  readonly until: number;
  readonly secondsLeft: number;
}

/** Too many wrong passwords: until when, counted down; read out once, not with every second. */
export function LockedOut({ name, until, secondsLeft }: LockedOutProps) {
  if (secondsLeft === 0) {
    return (
      <Alert color="petrol" icon={<IconLockOpen aria-hidden />} title="You can try again" role="status">
        One more wrong password locks {name} again, for twice as long.
      </Alert>
    );
  }
  return (
    <Alert color="red" icon={<IconLock aria-hidden />} title="Too many wrong passwords" role="alert">
      Nobody can sign in as {name} until {TIME.format(until)}, not even with the right password.{' '}
      <span aria-hidden>
        <b>{clock(secondsLeft)}</b> left.
      </span>
    </Alert>
  );
}

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const clock = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
