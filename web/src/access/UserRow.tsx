import { Button } from '@mantine/core';
import { ROLE_NAMES } from '../api/session.ts';
import { Moment } from '../parts/Moment.tsx';
import { Line } from '../parts/Lines.tsx';
import { State } from '../parts/State.tsx';
import type { User } from './api.ts';
import type { UserAction } from './UserDialog.tsx';

interface UserRowProps {
  readonly user: User;
  readonly isMe: boolean;
  readonly onAction: (action: UserAction) => void;
}

/** One user: role, since when, whether he may come in. */
export function UserRow({ user, isMe, onAction }: UserRowProps) {
  const { name, role, createdAt, disabledAt } = user;
  const button = (action: UserAction, label: string) => (
    <Button size="xs" variant="default" onClick={() => onAction(action)} aria-label={`${label} ${name}`}>
      {label}…
    </Button>
  );
  return (
    <Line
      title={name}
      mark={isMe ? '(you)' : disabledAt === null ? undefined : <State state="disabled" label="Disabled" tone="calm" />}
      facts={
        <>
          <b>{ROLE_NAMES[role]}</b>, since <Moment at={createdAt} show="date" />
          {disabledAt !== null && (
            <>
              ; disabled since <Moment at={disabledAt} show="date" />
            </>
          )}
        </>
      }
      actions={
        disabledAt === null ? (
          <>
            {button('role', 'Role')}
            {!isMe && button('password', 'New password')}
            {button('disable', 'Disable')}
          </>
        ) : (
          button('enable', 'Enable')
        )
      }
    />
  );
}
