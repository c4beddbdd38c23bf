import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './Lines.module.css';

/** A short list in one frame. */
export function Lines({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className={classes['lines']} aria-label={label}>
      {children}
    </ul>
  );
}

interface LineProps {
  readonly title: string;
  /** Beside the title: a state, or a word. */
  readonly mark?: ReactNode;
  readonly facts: ReactNode;
  readonly actions?: ReactNode;
}

/** One thing of a short list: what it is, what there is to say about it, what can be done with it. */
export function Line({ title, mark, facts, actions }: LineProps) {
  return (
    <li className={classes['line']}>
      <h3 className={classes['title']}>
        {title}
        {mark !== undefined && (
          <Text span size="sm" fw={400}>
            {mark}
          </Text>
        )}
      </h3>
      <div className={classes['facts']}>{facts}</div>
      {actions !== undefined && <div className={classes['actions']}>{actions}</div>}
    </li>
  );
}
