import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import { Prose } from '../report/Prose.tsx';
import { Words } from '../report/Words.tsx';
import type { Finding } from './api.ts';
import classes from './FindingLines.module.css';

/** What speaks against a certificate, one after the other: what, what to do, and the rule it comes from. */
export function FindingLines({ findings }: { findings: readonly Finding[] }) {
  return (
    <ul className={classes['lines']}>
      {findings.map(({ rule, message, fix }, index) => (
        <li key={index}>
          <Text size="sm" fw={600} component="span">
            <Words text={sentence(message)} />
          </Text>{' '}
          <Anchor component={Link} to={`/rules/${rule}`} size="xs">
            {rule}
          </Anchor>
          {fix !== undefined && (
            <Text size="sm" component="div">
              <Prose text={sentence(fix)} />
            </Text>
          )}
        </li>
      ))}
    </ul>
  );
}

/** With a full stop, so that two texts do not run into one another. */
const sentence = (text: string): string => (/[.!?:]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);
