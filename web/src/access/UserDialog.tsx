import { Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { ROLE_NAMES } from '../api/session.ts';
import { Ask } from '../parts/Ask.tsx';
import { Choice } from '../parts/Choice.tsx';
import { NewPassword, NO_PASSWORD, whyNotPassword } from '../parts/NewPassword.tsx';
import { useAccessActions, type User } from './api.ts';
import { ROLE_OPTIONS } from './words.ts';

export type UserAction = 'role' | 'password' | 'disable' | 'enable';

interface UserDialogProps {
  readonly user: User;
  readonly action: UserAction;
  readonly isMe: boolean;
  readonly onClose: () => void;
}

const MINE = 'This is you: you are signed out at once.';

/** Asks for what an action on a user needs, and does it. */
export function UserDialog({ action, ...props }: UserDialogProps) {
  if (action === 'role') return <ChangeRole {...props} />;
  if (action === 'password') return <GivePassword {...props} />;
  return <Switch {...props} disable={action === 'disable'} />;
}

type DialogProps = Omit<UserDialogProps, 'action'>;

function ChangeRole({ user, isMe, onClose }: DialogProps) {
  const { changeUser } = useAccessActions();
  const [role, setRole] = useState(user.role);
  return (
    <Ask
      title={`Role of ${user.name}`}
      action={role === user.role ? 'Leave it as it is' : `Make ${user.name} ${ROLE_NAMES[role]}`}
      onConfirm={async () => role === user.role || changeUser(user, { role })}
      onClose={onClose}
    >
      <Stack>
        <Choice legend="May do" options={ROLE_OPTIONS} value={role} onChange={setRole} />
        <Text size="sm">
          {isMe ? MINE : `Whoever is signed in as ${user.name} is signed out.`} Tokens never may more than the role of
          their owner.
        </Text>
      </Stack>
    </Ask>
  );
}

function GivePassword({ user, onClose }: DialogProps) {
  const { changeUser } = useAccessActions();
  const [password, setPassword] = useState(NO_PASSWORD);
  const [tried, setTried] = useState(false);
  return (
    <Ask
      title={`New password for ${user.name}`}
      action="Set the password"
      onConfirm={async () => {
        setTried(true);
        const why = whyNotPassword(password, user.name);
        if (why !== undefined) throw new Error(why);
        await changeUser(user, { password: password.password });
      }}
      onClose={onClose}
    >
      <Stack>
        <NewPassword label="New password" value={password} onChange={setPassword} name={user.name} tried={tried} />
        <Text size="sm">
          Every session of {user.name} ends, and a lock after wrong passwords is lifted. Hand the password over on a way
          that nobody else reads; {user.name} can change it here, under “Your account”.
        </Text>
      </Stack>
    </Ask>
  );
}

function Switch({ user, isMe, disable, onClose }: DialogProps & { disable: boolean }) {
  const { changeUser } = useAccessActions();
  return (
    <Ask
      title={disable ? `Disable ${user.name}?` : `Let ${user.name} in again?`}
      action={disable ? `Disable ${user.name}` : `Enable ${user.name}`}
      destructive={disable}
      onConfirm={() => changeUser(user, { disabled: disable })}
      onClose={onClose}
    >
      <Text size="sm">
        {disable
          ? `${isMe ? MINE : `${user.name} is signed out at once and cannot sign in any more.`} The tokens of ${user.name} stop working. What ${user.name} did stays in the audit log, and you can enable ${user.name} again.`
          : `${user.name} can sign in with the password as it was, as ${ROLE_NAMES[user.role]}. Tokens that were not revoked work again.`}
      </Text>
    </Ask>
  );
}
