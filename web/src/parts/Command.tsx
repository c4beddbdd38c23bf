import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import classes from './Command.module.css';
import { breakable } from './CopyText.tsx';

/** Text to be pasted elsewhere: a command, a fingerprint, a PEM. */
export function Command({ text, label = 'Copy' }: { text: string; label?: string }) {
  return (
    <div className={classes['command']}>
      <pre tabIndex={0} aria-label="To copy">
        {breakable(text)}
      </pre>
      <CopyButton value={text} timeout={2000}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? 'Copied' : label}>
            <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={copied ? 'Copied' : label}>
              {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </div>
  );
}
