import { Alert, Group, Menu, Text, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconChevronDown } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { ROLE_NAMES, useSession, useSigning } from '../api/session.ts';
import classes from './Shell.module.css';

/** Who is signed in, and what one does for oneself. */
export function Account() {
  const { session } = useSession();
  const { signOut } = useSigning();
  const [failed, setFailed] = useState<Error>();
  if (session === null || session === undefined) return null;
  const { name, role } = session.user;
  const leave = (): void => {
    setFailed(undefined);
    signOut().catch(setFailed);
  };
  return (
    <>
      <Menu position="bottom-end" withinPortal={false}>
        <Menu.Target>
          <UnstyledButton aria-label={`Signed in as ${name}, ${ROLE_NAMES[role]}`} className={classes['account']}>
            <Group gap={6} wrap="nowrap">
              <div className={classes['who']}>
                <Text size="sm" fw={600} lh={1.2} truncate>
                  {name}
                </Text>
                <Text size="xs" c="dimmed" lh={1.2} truncate>
                  {ROLE_NAMES[role]}
                </Text>
              </div>
              <IconChevronDown size={14} aria-hidden />
            </Group>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component={Link} to="/access">
            Password and tokens
          </Menu.Item>
          <Menu.Item onClick={leave}>Sign out</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {/* Whoever walks away from the screen must not believe that he is out. */}
      {failed !== undefined && (
        <Alert
          className={classes['stillIn'] ?? ''}
          color="red"
          icon={<IconAlertTriangle aria-hidden />}
          title="You are still signed in"
          role="alert"
          withCloseButton
          closeButtonLabel="Close"
          onClose={() => setFailed(undefined)}
        >
          {failed.message}
        </Alert>
      )}
    </>
  );
}
