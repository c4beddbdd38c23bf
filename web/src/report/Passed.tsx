import { Anchor } from '@mantine/core';
import { IconCheck, IconMinus } from '@tabler/icons-react';
import { Words } from './Words.tsx';
import type { Placed } from './words.ts';
import classes from './report.module.css';

interface PassedProps {
  readonly passed: readonly Placed[];
  readonly inapplicable: readonly Placed[];
  readonly linkRules: boolean;
}

/** What is in order, folded: one line each. */
export function Passed({ passed, inapplicable, linkRules }: PassedProps) {
  if (passed.length + inapplicable.length === 0) return null;
  const others =
    inapplicable.length === 0 ? '' : `, ${inapplicable.length} ${inapplicable.length === 1 ? 'does' : 'do'} not apply`;
  return (
    <details className={classes['passes']}>
      <summary>
        <h2 className={classes['inline']}>
          {passed.length === 1 ? '1 check passed' : `${passed.length} checks passed`}
          {others}
        </h2>
      </summary>
      <ul className={classes['list']}>
        {[...passed, ...inapplicable].map(({ finding: { rule, message, status }, index }) => (
          <li key={index} className={classes['line']}>
            {status === 'pass' ? (
              <IconCheck size={16} aria-label="Passed:" className={classes['tick']} />
            ) : (
              <IconMinus size={16} aria-label="Does not apply:" className={classes['dash']} />
            )}
            <span>
              <Words text={message} />{' '}
              {linkRules ? (
                <Anchor href={`/rules/${rule}`} target="_blank" rel="noreferrer" size="xs" c="dimmed">
                  {rule}
                </Anchor>
              ) : (
                <span className={classes['source']}>{rule}</span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
