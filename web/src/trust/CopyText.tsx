import { ActionIcon, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import classes from './rows.module.css';

/** A fingerprint or URL in its line, with a button that copies it. */
export function CopyText({ text, what }: { text: string; what: string }) {
  return (
    <>
      <span className={classes['fingerprint']}>{text}</span>{' '}
      <CopyButton value={text} timeout={2000}>
        {({ copied, copy }) => (
          <ActionIcon
            size="sm"
            variant="subtle"
            color="gray"
            onClick={copy}
            aria-label={copied ? 'Copied' : `Copy the ${what}`}
          >
            {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          </ActionIcon>
        )}
      </CopyButton>
    </>
  );
}
