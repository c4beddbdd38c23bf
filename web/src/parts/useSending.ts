import { useState } from 'react';

/** What a form that sends something needs to show: that it is under way, or why it was refused. */
export function useSending() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const send = async (work: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (error) {
      setError(error as Error);
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, send };
}
