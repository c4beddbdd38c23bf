import { Alert } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { type Ending, lastEnding } from '../api/ending.ts';

const WORDS: Readonly<Record<Ending, readonly [string, string]>> = {
  left: ['You are signed out', 'What this tab had loaded is gone from it.'],
  idle: [
    'You were signed out',
    'Nothing was asked of the server for half an hour. Sign in and you are back where you were.',
  ],
  over: ['You were signed out', 'A session ends after twelve hours. Sign in and you are back where you were.'],
  'new-password': ['Your password is changed', 'Every session of yours has ended. Sign in with the new password.'],
  ended: [
    'You were signed out',
    'Nothing was asked for half an hour, you signed out in another tab, or your password or role was changed.',
  ],
};

/** Why somebody who was signed in no longer is. */
export function Ended() {
  const ending = lastEnding();
  if (ending === undefined) return null;
  const [title, text] = WORDS[ending];
  return (
    <Alert color="petrol" icon={<IconInfoCircle aria-hidden />} title={title} role="status" mb="md">
      {text}
    </Alert>
  );
}
