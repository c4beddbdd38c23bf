import { Text } from '@mantine/core';
import { Prose } from '../report/Prose.tsx';

/** What to do next: in words, and where a command is part of them, ready to copy. */
export function Fix({ text }: { text: string }) {
  return (
    <Text component="div" size="sm">
      <strong>What to do</strong>
      <Prose text={text} />
    </Text>
  );
}
