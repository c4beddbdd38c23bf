import { Stack, Text } from '@mantine/core';
import { Command } from '../parts/Command.tsx';
import { PasteLink } from './PasteLink.tsx';
import { StepHead } from './StepHead.tsx';

/** Somebody came here without the link that only the host has shown. */
export function LinkNeeded({ wrong, onLink }: { wrong: string | undefined; onLink: (link: string) => void }) {
  return (
    <Stack gap="md">
      <StepHead title={wrong === undefined ? 'First, the set-up link' : 'This set-up link is not whole'}>
        So that nobody else makes himself administrator of this server, the first start needs a link that only the
        server itself shows: on its terminal, or in a file that only its owner can read. On the server, this shows a new
        one:
      </StepHead>
      <Command text="certgate setup-link" />
      <Text>Open the link, or paste it here:</Text>
      <PasteLink wrong={wrong} onLink={onLink} />
    </Stack>
  );
}
