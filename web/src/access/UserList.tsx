import { Button, Skeleton } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useSession } from '../api/session.ts';
import { Lines } from '../parts/Lines.tsx';
import { Section } from '../parts/Section.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { type User, useUsers } from './api.ts';
import { NewUser } from './NewUser.tsx';
import { type UserAction, UserDialog } from './UserDialog.tsx';
import { UserRow } from './UserRow.tsx';

/** Everybody who may sign in, for administrators. */
export function UserList() {
  const { session } = useSession();
  const { data, error, refetch } = useUsers(true);
  const [asking, setAsking] = useState<{ user: User; action: UserAction }>();
  const [adding, setAdding] = useState(false);
  return (
    <Section
      title="Users"
      lead="People who sign in with name and password. Whoever leaves is disabled, not deleted: the audit log goes on naming him."
      actions={
        <Button size="xs" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
          New user…
        </Button>
      }
    >
      {error !== null && <Trouble error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton height={120} />}
      {data !== undefined && (
        <Lines label="Users">
          {data.map((user) => (
            <UserRow
              key={user.id}
              user={user}
              isMe={user.id === session?.user.id}
              onAction={(action) => setAsking({ user, action })}
            />
          ))}
        </Lines>
      )}
      {adding && <NewUser onClose={() => setAdding(false)} />}
      {asking !== undefined && (
        <UserDialog {...asking} isMe={asking.user.id === session?.user.id} onClose={() => setAsking(undefined)} />
      )}
    </Section>
  );
}
