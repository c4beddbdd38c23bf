import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import type { Fleet, FleetRow, Places } from '../api/fleet.ts';
import { get, type RequestFailed } from '../api/request.ts';
import { type Filter, requestOf } from './filter.ts';

export const PAGE_SIZE = 100;

export interface ShownFleet {
  readonly error: RequestFailed | null;
  readonly retry: () => void;
  /** Undefined until the first answer. */
  readonly head: Fleet | undefined;
  /** The filter that the rows are of: the one before, while the new one is being asked for. */
  readonly request: string;
}

const pageQuery = (request: string, page: number) => ({
  queryKey: ['fleet', 'rows', request, page],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    get<Fleet>(`/fleet?${request}${request === '' ? '' : '&'}offset=${page * PAGE_SIZE}&limit=${PAGE_SIZE}`, signal),
});

/** How many the filter leaves, and the counts for the filters. */
export function useFleetHead(filter: Filter): ShownFleet {
  const request = requestOf(filter);
  const { data, error, isPlaceholderData, refetch } = useQuery<Fleet, RequestFailed>({
    ...pageQuery(request, 0),
    placeholderData: keepPreviousData,
  });
  // Rows of the new filter are shown all at once, not one page after the other.
  const shown = useRef(request);
  if (data !== undefined && !isPlaceholderData) shown.current = request;
  return { error, retry: () => void refetch(), head: data, request: shown.current };
}

/** The rows of some pages; undefined where they are still on their way. */
export function useFleetRows(request: string, pages: readonly number[]): (index: number) => FleetRow | undefined {
  const answers = useQueries({ queries: pages.map((page) => pageQuery(request, page)) });
  return (index) => {
    const at = pages.indexOf(Math.floor(index / PAGE_SIZE));
    return answers[at]?.data?.items[index % PAGE_SIZE];
  };
}

export const usePlaces = (): Places | undefined =>
  useQuery({ queryKey: ['fleet', 'places'], queryFn: () => get<Places>('/fleet/places') }).data;
