import { useEffect, useLayoutEffect, useRef } from 'react';
import { useLocation, useNavigationType } from 'react-router';

/** A page begins at its top; the back button leads to where one was on it. */
export function useScrollMemory(): void {
  const { key, pathname } = useLocation();
  const type = useNavigationType();
  const places = useRef(new Map<string, number>());
  const current = useRef(key);
  useEffect(() => {
    const note = (): void => void places.current.set(current.current, window.scrollY);
    window.addEventListener('scroll', note, { passive: true });
    return () => window.removeEventListener('scroll', note);
  }, []);
  const before = useRef(pathname);
  useLayoutEffect(() => {
    current.current = key;
    // A filter in the address is the same page.
    if (before.current === pathname) return;
    before.current = pathname;
    const top = type === 'POP' ? (places.current.get(key) ?? 0) : 0;
    window.scrollTo(0, top);
  }, [key, pathname, type]);
}
