import { useState } from 'react';
import { post, RequestFailed } from '../api/request.ts';
import { type Appliance, appliancePath, type Identity, useRefresh } from './appliance-data.ts';

/** A certificate that was judged again and not let in: the findings want more room than a question has. */
export const isRefusal = (error: unknown): error is RequestFailed =>
  error instanceof RequestFailed && (error.code === 'certificate-refused' || error.code === 'reason-needed');

export interface Gated {
  /** Why it was not let in the last time. */
  readonly refused: RequestFailed | undefined;
  /** @throws what has nothing to do with the certificate */
  readonly attempt: (reason?: string) => Promise<void>;
}

/** Makes a kept certificate the one in use, if it is still let in. */
export function useGated(appliance: Appliance, what: '/activate' | '/rollback'): Gated {
  const refresh = useRefresh(appliance.id);
  const [refused, setRefused] = useState<RequestFailed>();
  const attempt = async (reason?: string): Promise<void> => {
    setRefused(undefined);
    try {
      const given = reason?.trim() ?? '';
      await post<Identity>(appliancePath(appliance.id, what), given === '' ? {} : { reason: given });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      setRefused(error);
    }
    await refresh();
  };
  return { refused, attempt };
}
