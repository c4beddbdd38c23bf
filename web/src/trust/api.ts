import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import type {
  anchorCandidateSchema,
  crlFetchAllSchema,
  crlPointSchema,
  crlSchema,
  keptCrlSchema,
  listedAnchorSchema,
} from '../../../src/http/contract/trust.ts';
import { get, request, type RequestFailed } from '../api/request.ts';

export type Anchor = z.output<typeof listedAnchorSchema>;
export type Candidate = z.output<typeof anchorCandidateSchema>;
export type Crl = z.output<typeof crlSchema>;
export type CrlPoint = z.output<typeof crlPointSchema>;
export type KeptCrl = z.output<typeof keptCrlSchema>;
export type FetchedAll = z.output<typeof crlFetchAllSchema>;

const ANCHORS = ['anchors'] as const;
const CRLS = ['crls'] as const;

export const useAnchors = () =>
  useQuery<Anchor[], RequestFailed>({ queryKey: ANCHORS, queryFn: ({ signal }) => get('/anchors', signal) });
export const useCrls = () =>
  useQuery<Crl[], RequestFailed>({ queryKey: CRLS, queryFn: ({ signal }) => get('/crls', signal) });
export const useCrlPoints = () =>
  useQuery<CrlPoint[], RequestFailed>({
    queryKey: [...CRLS, 'points'],
    queryFn: ({ signal }) => get('/crls/points', signal),
    // An attempt that changed nothing is no event.
    refetchInterval: 15_000,
  });

/** What somebody does here; afterwards the lists are read again, without waiting for the server's event. */
export function useTrustActions() {
  const client = useQueryClient();
  const then = async <T>(key: readonly string[], work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } finally {
      // Also after a failure: an attempt to fetch that failed is news.
      await client.invalidateQueries({ queryKey: key });
    }
  };
  return {
    inspect: (certificate: string) => request<Candidate[]>('POST', '/anchors/inspect', { body: { certificate } }),
    addAnchor: (body: { certificate: string; fingerprint: string; name: string }) =>
      then(ANCHORS, request<Anchor>('POST', '/anchors', { body })),
    removeAnchor: (id: string) => then(ANCHORS, request('DELETE', `/anchors/${id}`)),
    upload: (file: Blob) => then(CRLS, request<KeptCrl>('POST', '/crls', { body: file })),
    fetch: (url: string) => then(CRLS, request<KeptCrl>('POST', '/crls/fetch', { body: { url } })),
    fetchAll: () => then(CRLS, request<FetchedAll>('POST', '/crls/fetch-all')),
    allowOlder: (id: string) => then(CRLS, request('POST', `/crls/${id}/allow-older`)),
    removeCrl: (id: string) => then(CRLS, request('DELETE', `/crls/${id}`)),
  };
}
