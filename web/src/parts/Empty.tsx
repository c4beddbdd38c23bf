import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** Nothing is here yet: why, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Stack align="center" gap="xs" py="xl" px="md" ta="center">
      <Text fw={600}>{title}</Text>
      {children !== undefined && (
        <Text component="div" c="dimmed" maw="60ch">
          {children}
        </Text>
      )}
    </Stack>
  );
}
