import { Stack, Text } from '@mantine/core';
import { Command } from '../parts/Command.tsx';

const COMMAND = /((?:certgate|openssl) [^\n]+)$/;

/** What to do next: in words, and where a command is part of them, ready to copy. */
export function Fix({ text }: { text: string }) {
  const command = COMMAND.exec(text)?.[1];
  const words = command === undefined ? text : text.slice(0, -command.length).trim();
  return (
    <Stack gap={4}>
      {words !== '' && (
        <Text size="sm">
          <strong>What to do:</strong> {words}
        </Text>
      )}
      {command !== undefined && <Command text={command} label="Copy the command" />}
    </Stack>
  );
}
