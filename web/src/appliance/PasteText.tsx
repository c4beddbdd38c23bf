import { Button, Group, Stack, Textarea } from '@mantine/core';
import { useState } from 'react';
import { Dialog } from '../parts/Dialog.tsx';

interface PasteTextProps {
  readonly onText: (text: string) => void;
  readonly onClose: () => void;
}

/** For a certificate that came in an e-mail. */
export function PasteText({ onText, onClose }: PasteTextProps) {
  const [text, setText] = useState('');
  const take = (): void => {
    onText(text);
    onClose();
  };
  return (
    <Dialog onClose={onClose} title="Paste a certificate, key or chain" size="lg">
      <Stack>
        <Textarea
          label="Text"
          description="From -----BEGIN to -----END, one or several below one another. A key stays in this browser."
          placeholder="-----BEGIN CERTIFICATE-----"
          autosize
          minRows={8}
          maxRows={18}
          data-autofocus
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12 } }}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button disabled={text.trim() === ''} onClick={take}>
            Take it
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
