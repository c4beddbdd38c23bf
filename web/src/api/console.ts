import { useQuery } from '@tanstack/react-query';
import type { z } from 'zod';
import type { consoleSchema } from '../../../src/http/contract/console.ts';
import { get, type RequestFailed } from './request.ts';

export type Console = z.output<typeof consoleSchema>;

/**
 * What the listener that this page came from presents, and what is wrong with that.
 * @param until asked for once a second until it is so
 */
export const useConsole = (until: (presented: Console | undefined) => boolean = () => true) =>
  useQuery<Console, RequestFailed>({
    queryKey: ['console'],
    queryFn: () => get<Console>('/console'),
    refetchInterval: ({ state }) => (until(state.data) ? false : 1000),
  });
