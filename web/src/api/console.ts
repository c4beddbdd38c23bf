import { useQuery } from '@tanstack/react-query';
import type { z } from 'zod';
import type { consoleSchema } from '../../../src/http/contract/console.ts';
import { get, type RequestFailed } from './request.ts';

export type Console = z.output<typeof consoleSchema>;

/** What the listener that this page came from presents, and what is wrong with that. */
export const useConsole = () =>
  useQuery<Console, RequestFailed>({ queryKey: ['console'], queryFn: () => get<Console>('/console') });
