import { Stack } from '@mantine/core';
import { Page } from '../parts/Page.tsx';
import { ConsoleCertificate } from './ConsoleCertificate.tsx';
import { Defaults } from './Defaults.tsx';
import { PartnerList } from './PartnerList.tsx';
import { ServerFacts } from './ServerFacts.tsx';

/** What can be set while the server runs, and what there is to know about it. */
export default function Settings() {
  return (
    <Page title="Settings" lead="What new appliances start with, this console's own certificate, and your partners.">
      <Stack gap="xl">
        <Defaults />
        <ConsoleCertificate />
        <PartnerList />
        <ServerFacts />
      </Stack>
    </Page>
  );
}
