import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { z } from 'zod';
import type {
  auditEntrySchema,
  auditFacetsSchema,
  auditPageSchema,
  auditVerificationSchema,
} from '../../../src/http/contract/audit.ts';
import { get, type RequestFailed } from '../api/request.ts';

export type AuditEntry = z.output<typeof auditEntrySchema>;
export type Verification = z.output<typeof auditVerificationSchema>;
type AuditPage = z.output<typeof auditPageSchema>;

/** What the address of the page says: days as they are typed (2027-01-31), in the user's own zone. */
export interface AuditFilter {
  readonly actor?: string;
  readonly action?: string;
  readonly subject?: string;
  readonly from?: string;
  readonly to?: string;
}

const NAMES = ['actor', 'action', 'subject', 'from', 'to'] as const;

export const filterIn = (params: URLSearchParams): AuditFilter =>
  Object.fromEntries(NAMES.flatMap((name) => (params.get(name) ? [[name, params.get(name)!]] : [])));

/** For the server: the first moment of the first day, and the first one after the last. */
export function queryOf({ from, to, ...filter }: AuditFilter): URLSearchParams {
  const query = new URLSearchParams(filter);
  const start = from === undefined ? undefined : midnight(from, 0);
  const end = to === undefined ? undefined : midnight(to, 1);
  if (start !== undefined) query.set('from', start);
  if (end !== undefined) query.set('to', end);
  return query;
}

function midnight(day: string, later: number): string | undefined {
  const [year, month, date] = day.split('-').map(Number);
  if (year === undefined || month === undefined || date === undefined) return undefined;
  const time = new Date(year, month - 1, date + later);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** The newest first, a hundred at a time. */
export const useAudit = (filter: AuditFilter) =>
  useInfiniteQuery<AuditPage, RequestFailed, { pages: AuditPage[] }, readonly unknown[], string | null>({
    queryKey: ['audit', 'list', filter],
    queryFn: ({ pageParam, signal }) => {
      const query = queryOf(filter);
      if (pageParam !== null) query.set('after', pageParam);
      return get<AuditPage>(`/audit?${query}`, signal);
    },
    initialPageParam: null,
    getNextPageParam: ({ next }) => next,
    // While another filter is asked for, the list before it stays.
    placeholderData: (before) => before,
  });

/** Who and what there is to filter by. */
export const useFacets = () =>
  useQuery({
    queryKey: ['audit', 'facets'],
    queryFn: () => get<z.output<typeof auditFacetsSchema>>('/audit/facets'),
  });
