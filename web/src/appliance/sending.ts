import { useCallback, useRef, useState } from 'react';
import type { z } from 'zod';
import type { uploadResultSchema } from '../../../src/http/contract/inventory.ts';
import { post, RequestFailed } from '../api/request.ts';
import type { Recognised } from '../check/request.ts';
import { type Appliance, appliancePath, useRefresh } from './appliance-data.ts';
import type { Fields } from './draft.ts';

export type UploadResult = z.output<typeof uploadResultSchema>;

export interface Sending {
  readonly busy: boolean;
  readonly result: UploadResult | undefined;
  readonly error: Error | undefined;
  /** Sends it, once. True where it was let in. */
  readonly send: (bundle: Recognised['bundle'], fields: Fields) => Promise<boolean>;
  /** What is changed next is another attempt. */
  readonly forget: () => void;
  /** The result was seen. */
  readonly again: () => void;
}

/** The one way by which a key leaves the page. */
export function useSending(appliance: Appliance): Sending {
  const refresh = useRefresh(appliance.id);
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<UploadResult>();
  const [error, setError] = useState<Error>();
  const underWay = useRef(false);
  // The same until there is an answer: what is repeated after a lost connection is done once.
  const attempt = useRef<string>(undefined);
  const send = async (bundle: Recognised['bundle'], fields: Fields): Promise<boolean> => {
    if (underWay.current) return false;
    underWay.current = true;
    setBusy(true);
    setError(undefined);
    attempt.current ??= crypto.randomUUID();
    try {
      const path = appliancePath(appliance.id, '/uploads');
      setResult(await post<UploadResult>(path, formOf(bundle, fields), { idempotencyKey: attempt.current }));
      attempt.current = undefined;
      void refresh();
      return true;
    } catch (error) {
      setError(error as Error);
      if (!mayStillHappen(error)) attempt.current = undefined;
      return false;
    } finally {
      underWay.current = false;
      setBusy(false);
    }
  };
  const forget = useCallback((): void => {
    setError(undefined);
    attempt.current = undefined;
  }, []);
  return { busy, result, error, send, forget, again: () => setResult(undefined) };
}

const mayStillHappen = (error: unknown): boolean =>
  error instanceof RequestFailed && (error.problem.status === 0 || error.code === 'still-running');

function formOf({ crt, key, chain }: Recognised['bundle'], fields: Fields): FormData {
  const form = new FormData();
  const text = (name: string, value: string): void => {
    if (value.trim() !== '') form.set(name, value);
  };
  const file = (name: string, bytes: Uint8Array | undefined): void => {
    if (bytes !== undefined) form.set(name, new Blob([new Uint8Array(bytes)]), name);
  };
  text('name', fields.name.trim());
  text('crl', fields.crl ? 'on' : 'off');
  text('reason', fields.reason);
  text('confirmWithinMinutes', fields.confirmWithin);
  if (fields.later) text('activateAt', new Date(fields.activateAt).toISOString());
  file('crt', crt);
  file('chain', chain);
  file('key', key);
  if (key !== undefined && fields.keepPassphrase) form.set('passphraseSet', 'true');
  else if (key !== undefined && fields.passphrase !== '') form.set('passphrase', fields.passphrase);
  return form;
}
