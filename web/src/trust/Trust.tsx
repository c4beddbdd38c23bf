import { Stack } from '@mantine/core';
import { Page } from '../parts/Page.tsx';
import { Anchors } from './Anchors.tsx';
import { Crls } from './Crls.tsx';

/** Whom we believe, and what those whom we believe have taken back. */
export default function Trust() {
  return (
    <Page title="Trust" lead="Every judgement rests on these two: whom you trust, and what they have taken back.">
      <Stack gap="xl">
        <Anchors />
        <Crls />
      </Stack>
    </Page>
  );
}
