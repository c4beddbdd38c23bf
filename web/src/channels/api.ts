import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import type {
  channelChangeSchema,
  channelConnectionsSchema,
  channelForecastSchema,
  channelSchema,
  channelStateSchema,
  newChannelSchema,
  newOverrideSchema,
  overlookedSchema,
  overrideSchema,
  refusedConnectionSchema,
} from '../../../src/http/contract/channels.ts';
import type { partnerSchema } from '../../../src/http/contract/partner.ts';
import { get, request, type RequestFailed } from '../api/request.ts';

export type Channel = z.output<typeof channelSchema>;
export type Kind = Channel['kind'];
export type NewChannel = z.input<typeof newChannelSchema>;
export type ChannelChange = z.input<typeof channelChangeSchema>;
export type ChannelState = z.output<typeof channelStateSchema>;
export type Condition = ChannelState['condition'];
export type Connections = z.output<typeof channelConnectionsSchema>;
export type Refused = z.output<typeof refusedConnectionSchema>;
export type Forecast = z.output<typeof channelForecastSchema>;
export type Override = z.output<typeof overrideSchema>;
export type NewOverride = z.input<typeof newOverrideSchema>;
export type Overlooked = z.output<typeof overlookedSchema>;
export type Partner = z.output<typeof partnerSchema>;
export type Finding = ChannelState['findings'][number];

const CHANNELS = ['channels'] as const;
const PARTNERS = ['partners'] as const;

/** Counters move without an event of their own: they are read again this often while somebody looks. */
const COUNTERS_MS = 5000;

export const useChannels = () =>
  useQuery<Channel[], RequestFailed>({ queryKey: CHANNELS, queryFn: ({ signal }) => get('/channels', signal) });

export const useChannelStates = () =>
  useQuery<ChannelState[], RequestFailed>({
    queryKey: [...CHANNELS, 'states'],
    queryFn: ({ signal }) => get('/channels/states', signal),
    refetchInterval: COUNTERS_MS,
  });

export const useConnections = (id: string) =>
  useQuery<Connections, RequestFailed>({
    queryKey: [...CHANNELS, id, 'connections'],
    queryFn: ({ signal }) => get(`/channels/${id}/connections`, signal),
    refetchInterval: COUNTERS_MS,
  });

export const useOverrides = (id: string) =>
  useQuery<Override[], RequestFailed>({
    queryKey: [...CHANNELS, id, 'overrides'],
    queryFn: ({ signal }) => get(`/channels/${id}/overrides`, signal),
  });

export const usePartners = () =>
  useQuery<Partner[], RequestFailed>({ queryKey: PARTNERS, queryFn: ({ signal }) => get('/partners', signal) });

/** @param at ISO 8601; undefined: nothing is asked yet */
export const useForecast = (at: string | undefined) =>
  useQuery<Forecast, RequestFailed>({
    queryKey: [...CHANNELS, 'forecast', at],
    queryFn: ({ signal }) => get(`/channels/forecast?at=${encodeURIComponent(at!)}`, signal),
    enabled: at !== undefined,
  });

/** What somebody does here; afterwards everything about channels is read again. */
export function useChannelActions() {
  const client = useQueryClient();
  const then = async <T>(work: Promise<T>): Promise<T> => {
    const done = await work;
    await client.invalidateQueries({ queryKey: CHANNELS });
    return done;
  };
  return {
    create: (body: NewChannel) => then(request<Channel>('POST', '/channels', { body })),
    change: ({ id, version }: Channel, body: ChannelChange) =>
      then(request<Channel>('PATCH', `/channels/${id}`, { body, version })),
    remove: ({ id, version }: Channel) => then(request('DELETE', `/channels/${id}`, { version })),
    openOverride: (channelId: string, body: NewOverride) =>
      then(request<Override>('POST', `/channels/${channelId}/overrides`, { body })),
    closeOverride: ({ channelId, id }: Override) =>
      then(request<Override>('DELETE', `/channels/${channelId}/overrides/${id}`)),
  };
}
