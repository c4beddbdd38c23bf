import { z } from 'zod';
import {
  channelConnectionsSchema,
  channelForecastSchema,
  channelStateSchema,
  overlookedSchema,
} from '../../http/contract/channels.ts';
import { GROUPS, type Feed } from './feed.ts';

/** How one channel fares, as its process knows it; what depends on the time of the question is left to whoever is asked. */
export const channelSummarySchema = channelStateSchema
  .omit({ condition: true, process: true, overrides: true })
  .extend({
    certificate: z.object({ fingerprint: z.string(), subject: z.string(), notAfter: z.iso.datetime() }).nullable(),
    crls: z.array(
      z.object({ issuer: z.string(), thisUpdate: z.iso.datetime(), nextUpdate: z.iso.datetime().nullable() }),
    ),
    /** An exception carries it now. */
    overridden: z.boolean(),
    /** Opened at the process's own socket. */
    hostOverrides: z.array(
      z.object({
        id: z.string().max(64),
        overlooks: z.array(overlookedSchema),
        fingerprint: z.string().max(64),
        reason: z.string().max(1000),
        by: z.string().max(200),
        openedAt: z.number(),
        endsAt: z.number(),
      }),
    ),
    /** Those, wherever they were opened, that somebody closed there before their time, which is still to come. */
    hostClosed: z.array(z.string().max(64)).max(1000).optional(),
  });
export type ChannelSummary = z.infer<typeof channelSummarySchema>;

export const forecastAnswerSchema = z.array(
  channelForecastSchema.shape.channels.element.omit({ name: true, connections: true }).extend({
    connections: channelForecastSchema.shape.channels.element.shape.connections.unwrap(),
  }),
);
export type ForecastAnswer = z.infer<typeof forecastAnswerSchema>;

export const connectionsAnswerSchema = channelConnectionsSchema.omit({ at: true }).nullable();
export type ConnectionsAnswer = z.infer<typeof connectionsAnswerSchema>;

/** What a process says. */
export const processFrameSchema = z.discriminatedUnion('t', [
  z.object({
    t: z.literal('hello'),
    group: z.enum(GROUPS),
    version: z.string().max(100),
    pid: z.int(),
    /** Fingerprints of the CRLs that it holds already. */
    crls: z.array(z.string().max(64)).max(100_000),
  }),
  z.object({
    t: z.literal('state'),
    clockTrusted: z.boolean(),
    serverAway: z.object({ since: z.iso.datetime(), until: z.iso.datetime() }).nullable(),
    /** Those that changed. */
    channels: z.array(channelSummarySchema),
    /** Those that it no longer has. */
    gone: z.array(z.string()),
  }),
  z.object({ t: z.literal('answer'), n: z.int(), answer: z.unknown() }),
]);
export type ProcessFrame = z.infer<typeof processFrameSchema>;

/** What the server says; it is trusted, so nothing of it is looked at twice. */
export type ServerFrame =
  | { readonly t: 'crl'; readonly fingerprint: string; readonly der: string }
  | { readonly t: 'feed'; readonly feed: Feed }
  | ({ readonly t: 'ask'; readonly n: number } & Asked)
  /** Lets connections end, then ends itself. */
  | { readonly t: 'stop' };

export type Asked =
  | { readonly what: 'forecast'; readonly at: number; readonly channelId?: string }
  | { readonly what: 'connections'; readonly channelId: string };
