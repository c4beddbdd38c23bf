import { Modal, type ModalProps } from '@mantine/core';
import { useEffect, useState } from 'react';

/** A dialog that is mounted while it is open. Afterwards the focus is where it was; on the page, where that is gone. */
export function Dialog(props: Omit<ModalProps, 'opened'>) {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () =>
      // By then the dialog is away, and whoever wanted the focus has it.
      void requestAnimationFrame(() => {
        if (document.activeElement !== document.body) return;
        const isThere = before instanceof HTMLElement && before !== document.body && before.isConnected;
        const target = isThere ? before : document.querySelector<HTMLElement>('#main');
        target?.focus({ preventScroll: true });
      }),
    [before],
  );
  return <Modal opened {...props} />;
}
