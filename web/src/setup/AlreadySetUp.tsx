import { Button, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import { Command } from '../parts/Command.tsx';
import { Entrance } from '../parts/Entrance.tsx';

/** A set-up link works once. */
export function AlreadySetUp({ hasLink }: { hasLink: boolean }) {
  return (
    <Entrance title="Certgate is set up" width={560}>
      <Stack gap="md">
        <Text>
          {hasLink && 'This set-up link has done its work: '}
          {hasLink ? 'there' : 'There'} is an administrator already. Sign in with name and password.
        </Text>
        <Button component={Link} to="/sign-in" w="fit-content">
          Sign in
        </Button>
        <Text>
          Was it not you, or is the password lost? On the server itself, as the owner of its data, this gives an
          administrator a new password; the audit log says who made whom.
        </Text>
        <Command text="certgate recover --administrator NAME --password-out new-password" />
      </Stack>
    </Entrance>
  );
}
