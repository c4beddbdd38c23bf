import { Text } from '@mantine/core';
import { anchorState } from './AnchorRow.tsx';
import type { Anchor } from './api.ts';
import classes from './RollOver.module.css';

/** How a CA is exchanged for its successor without a gap: open by itself where one is being exchanged, or soon must be. */
export function RollOver({ anchors }: { anchors: readonly Anchor[] }) {
  const ending = anchors.filter(({ notAfter }) => anchorState(notAfter, Date.now()).tone !== 'good');
  const successors = anchors.filter(({ id, subject }) =>
    anchors.some((other) => other.id !== id && other.subject === subject),
  );
  return (
    <details className={classes['details']} open={ending.length > 0 || successors.length > 0}>
      <summary>When your CA gets a new certificate</summary>
      <Text size="sm" component="div" maw="75ch">
        {successors.length > 0 && (
          <p>
            <strong>{successors[0]!.name}</strong> is here {successors.length} times: a roll-over is going on. Both are
            believed until you remove the old one.
          </p>
        )}
        <ol>
          <li>Add the new CA certificate beside the old one. Both count, nothing stops.</li>
          <li>
            Exchange the certificates of your appliances, a few at a time. The number that rests on the old anchor falls
            with each.
          </li>
          <li>When nothing in use rests on the old one, remove it.</li>
        </ol>
      </Text>
    </details>
  );
}
