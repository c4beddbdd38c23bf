import { type RefObject, useEffect, useRef } from 'react';

/** What takes the place of the form that had the focus takes the focus, too: keyboards and screen readers go on there. */
export function useFocusOnShow<T extends HTMLElement>(): RefObject<T | null> {
  const ref = useRef<T>(null);
  useEffect(() => ref.current?.focus(), []);
  return ref;
}
