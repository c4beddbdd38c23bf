import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { Finding } from './api.ts';
import classes from './FindingLines.module.css';

/** What speaks against a certificate, one after the other: what, what to do, and the rule it comes from. */
export function FindingLines({ findings }: { findings: readonly Finding[] }) {
  return (
    <ul className={classes['lines']}>
      {findings.map(({ rule, message, fix }, index) => (
        <li key={index}>
          <Text size="sm" fw={600} component="span">
            {message}
          </Text>{' '}
          {fix !== undefined && (
            <Text size="sm" component="span">
              {fix}{' '}
            </Text>
          )}
          <Anchor component={Link} to={`/rules/${rule}`} size="xs">
            {rule}
          </Anchor>
        </li>
      ))}
    </ul>
  );
}
