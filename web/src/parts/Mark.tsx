import { Group, Text } from '@mantine/core';

/** Name and gate. */
export function Mark() {
  return (
    <Group gap={8} wrap="nowrap">
      <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="7" fill="#0b5f6e" />
        <path
          d="M8 25V12a8 8 0 0 1 16 0v13M12 25V14m4 11V13m4 12V14"
          fill="none"
          stroke="#fff"
          strokeWidth="2.4"
          strokeLinecap="round"
        />
      </svg>
      <Text fw={700} size="lg" lh={1}>
        Certgate
      </Text>
    </Group>
  );
}
