import { Text } from '@mantine/core';
import { IconArrowBigUpLine } from '@tabler/icons-react';
import { type KeyboardEvent, type ReactNode, useState } from 'react';

/** Says that Caps Lock is on while somebody types into the fields inside. */
export function CapsLock({ children }: { children: ReactNode }) {
  const [on, setOn] = useState(false);
  const look = (event: KeyboardEvent): void => setOn(event.getModifierState('CapsLock'));
  return (
    <div onKeyDown={look} onKeyUp={look} style={{ display: 'contents' }}>
      {children}
      <div role="status" style={{ display: on ? 'block' : 'contents' }}>
        {on && (
          <Text size="sm" c="var(--warn-text)" style={{ display: 'flex', alignItems: 'center', gap: 5 }}>
            <IconArrowBigUpLine size={16} aria-hidden />
            Caps Lock is on.
          </Text>
        )}
      </div>
    </div>
  );
}
