import { useQuery } from '@tanstack/react-query';
import type { z } from 'zod';
import type { settingsChangeSchema, settingsSchema } from '../../../src/http/contract/settings.ts';
import { get, request, type RequestFailed } from './request.ts';

export type Settings = z.output<typeof settingsSchema>;
export type ApplianceDefaults = z.input<typeof settingsChangeSchema>['applianceDefaults'];

/** What is set while the server runs. */
export const useSettings = () =>
  useQuery<Settings, RequestFailed>({ queryKey: ['settings'], queryFn: () => get<Settings>('/settings') });

/** @throws {RequestFailed} `changed-meanwhile` where somebody else was faster */
export const changeDefaults = (version: number, applianceDefaults: ApplianceDefaults): Promise<Settings> =>
  request<Settings>('PATCH', '/settings', { version, body: { applianceDefaults } });
