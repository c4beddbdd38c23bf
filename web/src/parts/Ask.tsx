import { Button, Group, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { Dialog } from './Dialog.tsx';
import { Trouble } from './Trouble.tsx';
import { useDoing } from './useDoing.ts';

interface AskProps {
  /** The question, with the name of the thing: `Remove "Contoso Root"?` */
  readonly title: string;
  /** What will happen, in words. */
  readonly children: ReactNode;
  /** What the button says that does it: a verb, not `OK`. */
  readonly action: string;
  /** It takes something away. */
  readonly destructive?: boolean;
  /** Does it; where it fails, the question stays with the reason. */
  readonly onConfirm: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks once before something is done. Mounted while it asks. */
export function Ask({ title, children, action, destructive = false, onConfirm, onClose }: AskProps) {
  const { busy, error, run } = useDoing();
  const confirm = async (): Promise<void> => {
    await onConfirm();
    onClose();
  };
  return (
    <Dialog onClose={onClose} title={title} size="lg">
      <Stack>
        <div>{children}</div>
        {error !== undefined && <Trouble error={error} reveal />}
        <Group justify="flex-end" gap="sm">
          {/* What changes nothing comes first, and has the focus. */}
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button {...(destructive && { color: 'red.9' })} loading={busy} onClick={() => void run(confirm)}>
            {action}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
