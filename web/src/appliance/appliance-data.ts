import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { z } from 'zod';
import type { applianceStandingSchema } from '../../../src/http/contract/fleet.ts';
import type {
  applianceSchema,
  identitySchema,
  pendingKeySchema,
  uploadSchema,
} from '../../../src/http/contract/inventory.ts';
import { get } from '../api/request.ts';

export type Appliance = z.output<typeof applianceSchema>;
export type Identity = z.output<typeof identitySchema>;
export type Standing = z.output<typeof applianceStandingSchema>;
export type PendingKey = z.output<typeof pendingKeySchema>;
export type Upload = z.output<typeof uploadSchema>;
export type { Report } from '../../../src/core/base/finding.ts';

/** The appliance that Certgate itself is. */
export const CONSOLE_ID = 'console';

/** Under `appliances`, so that the server's events refetch it. */
export const keyOf = (id: string, ...rest: readonly string[]): readonly string[] => ['appliances', id, ...rest];
const pathOf = (id: string, rest = ''): string => `/appliances/${encodeURIComponent(id)}${rest}`;
export { pathOf as appliancePath };

export const useAppliance = (id: string) =>
  useQuery({ queryKey: keyOf(id), queryFn: ({ signal }) => get<Appliance>(pathOf(id), signal) });

export const useIdentities = (id: string) =>
  useQuery({
    queryKey: keyOf(id, 'identities'),
    queryFn: ({ signal }) => get<Identity[]>(pathOf(id, '/identities'), signal),
  });

export const usePendingKeys = (id: string) =>
  useQuery({ queryKey: keyOf(id, 'csrs'), queryFn: ({ signal }) => get<PendingKey[]>(pathOf(id, '/csrs'), signal) });

/** What the certificate in use is worth; asked again when it is about to change by itself. */
export function useStanding(id: string) {
  const query = useQuery({
    queryKey: keyOf(id, 'standing'),
    queryFn: ({ signal }) => get<Standing>(pathOf(id, '/standing'), signal),
  });
  useWhen(query.data?.until ?? null, query.refetch);
  return query;
}

/** Everything about the appliance is read again, now. */
export function useRefresh(id: string): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === 'appliances' && queryKey[1] === id });
    void client.invalidateQueries({ queryKey: ['fleet'] });
    void client.invalidateQueries({ queryKey: ['overview'] });
    void client.invalidateQueries({ queryKey: ['console'] });
  };
}

// setTimeout takes at most 2^31 ms; whoever leaves a page open for a week has it read anew by then.
const LONGEST_TIMER = 2 ** 31 - 1;

function useWhen(at: string | null, what: () => unknown): void {
  useEffect(() => {
    if (at === null) return undefined;
    // Certificates end with the second: the one after is the first that they are not valid in.
    const wait = Date.parse(at) + 1000 - Date.now();
    if (wait <= 0 || wait > LONGEST_TIMER) return undefined;
    const timer = setTimeout(what, wait);
    return () => clearTimeout(timer);
  }, [at, what]);
}
