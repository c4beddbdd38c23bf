import { useState } from 'react';

interface Doing {
  readonly busy: boolean;
  /** Why the last attempt failed. */
  readonly error: Error | undefined;
  /** Does it; what fails is kept in `error`, and what somebody typed stays. */
  readonly run: (work: () => Promise<unknown>) => Promise<void>;
  readonly forget: () => void;
}

/** Something that a button does: whether it is under way, and why it failed. */
export function useDoing(): Doing {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const run = async (work: () => Promise<unknown>): Promise<void> => {
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
  return { busy, error, run, forget: () => setError(undefined) };
}
