import { ActionIcon, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { Fragment, type ReactNode } from 'react';
import classes from './rows.module.css';

/** A fingerprint or URL in its line, with a button that copies it. */
export function CopyText({ text, what }: { text: string; what: string }) {
  return (
    <>
      <span className={classes['fingerprint']}>{breakable(text)}</span>{' '}
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

/** A fingerprint is broken between its bytes only. */
export const breakable = (text: string): ReactNode =>
  /^([0-9A-F]{2}:)+[0-9A-F]{2}$/.test(text)
    ? text.split(':').map((byte, index) => (
        <Fragment key={index}>
          {index > 0 && ':'}
          {index > 0 && <wbr />}
          {byte}
        </Fragment>
      ))
    : text;
