import { Stack } from '@mantine/core';
import { useMay } from '../api/session.ts';
import { Page } from '../parts/Page.tsx';
import { Account } from './Account.tsx';
import { TokenList } from './TokenList.tsx';
import { UserList } from './UserList.tsx';

/** Who may come in, and which programs on whose behalf. */
export default function Access() {
  const may = useMay();
  return (
    <Page title="Users and tokens" lead="Who may sign in, and which programs may ask on whose behalf.">
      <Stack gap="xl">
        {may('users:write') && <UserList />}
        <TokenList />
        <Account />
      </Stack>
    </Page>
  );
}
