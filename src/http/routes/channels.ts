import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { AccessError } from '../../service/access/access-error.ts';
import type { ChannelEntry } from '../../service/inventory/channel-entry.ts';
import type { ChannelOverride } from '../../service/inventory/channel-overrides.ts';
import type { ChannelChange } from '../../service/inventory/channels.ts';
import {
  channelChangeSchema,
  channelConnectionsSchema,
  channelForecastSchema,
  channelSchema,
  channelStateSchema,
  forecastQuerySchema,
  newChannelSchema,
  newOverrideSchema,
  overrideSchema,
} from '../contract/channels.ts';
import { idSchema, toTime, toTimeOrNull } from '../contract/values.ts';
import { userOf } from './authorise.ts';
import { defined } from './defined.ts';
import { versionAsked, withVersion } from './etag.ts';
import { RequestError } from './problems.ts';
import type { Services } from './services.ts';

const read = { access: 'inventory:read' } as const;
const write = { access: 'inventory:write' } as const;
const breakGlass = { access: 'channels:override' } as const;
const params = z.object({ id: idSchema });
const overrideParams = z.object({ id: idSchema, overrideId: idSchema });

/** What channels there are to be. */
export const channelRoutes =
  ({ channels }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    server.get('/channels', { config: read, schema: { response: { 200: z.array(channelSchema) } } }, async () =>
      (await channels.list()).map(shown),
    );
    server.post(
      '/channels',
      { config: write, schema: { body: newChannelSchema, response: { 201: channelSchema } } },
      async (request, reply) => {
        const { kind, name, listen } = request.body;
        const channel = await channels.create({ ...changeOf(request.body), kind, name, listen }, request.actor);
        return withVersion(reply.status(201), channel).send(shown(channel));
      },
    );
    server.get(
      '/channels/:id',
      { config: read, schema: { params, response: { 200: channelSchema } } },
      async (request, reply) => {
        const channel = await channels.byId(request.params.id);
        return withVersion(reply, channel).send(shown(channel));
      },
    );
    server.patch(
      '/channels/:id',
      { config: write, schema: { params, body: channelChangeSchema, response: { 200: channelSchema } } },
      async (request, reply) => {
        const change = changeOf(request.body);
        const channel = await channels.update(request.params.id, versionAsked(request), change, request.actor);
        return withVersion(reply, channel).send(shown(channel));
      },
    );
    server.delete(
      '/channels/:id',
      { config: write, schema: { params, response: { 204: z.null() } } },
      async (request, reply) => {
        await channels.remove(request.params.id, versionAsked(request), request.actor);
        return reply.status(204).send(null);
      },
    );
  };

/** How each channel fares, and what would be blocked at another time. */
export const channelStateRoutes =
  ({ channels, channelView }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    server.get(
      '/channels/states',
      { config: read, schema: { response: { 200: z.array(channelStateSchema) } } },
      async () => channelView.states(),
    );
    server.get(
      '/channels/forecast',
      {
        // Each judges every live connection once more, in the process that carries them.
        config: { ...read, rateLimit: { max: 60, timeWindow: 60_000 } },
        schema: { querystring: forecastQuerySchema, response: { 200: channelForecastSchema } },
      },
      async (request) => {
        const { at, channelId } = request.query;
        if (channelId !== undefined) await channels.byId(channelId);
        return channelView.forecast(timeAsked(at), channelId);
      },
    );
    server.get(
      '/channels/:id/state',
      { config: read, schema: { params, response: { 200: channelStateSchema } } },
      async (request) => channelView.state(await channels.byId(request.params.id)),
    );
    server.get(
      '/channels/:id/connections',
      { config: read, schema: { params, response: { 200: channelConnectionsSchema } } },
      async (request) => channelView.connections(await channels.byId(request.params.id)),
    );
  };

/** Reading of exceptions; on the host, too. */
export const overrideListRoutes =
  ({ channels, channelOverrides }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    server.get(
      '/channels/:id/overrides',
      { config: read, schema: { params, response: { 200: z.array(overrideSchema) } } },
      async (request) => {
        const { id } = await channels.byId(request.params.id);
        return (await channelOverrides.of(id)).map(shownOverride);
      },
    );
  };

/** Break-glass: a person, who proves once more who he is. */
export const overrideRoutes =
  ({ channelOverrides, users }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    server.post(
      '/channels/:id/overrides',
      {
        config: { ...breakGlass, rateLimit: { max: 10, timeWindow: 60_000 } },
        schema: { params, body: newOverrideSchema, response: { 201: overrideSchema } },
      },
      async (request, reply) => {
        demandPerson(request.scopes);
        const { password, ...wish } = request.body;
        await users.authenticate(userOf(request).name, password);
        const override = await channelOverrides.open(request.params.id, wish, request.actor);
        return reply.status(201).send(shownOverride(override));
      },
    );
    server.delete(
      '/channels/:id/overrides/:overrideId',
      { config: breakGlass, schema: { params: overrideParams, response: { 200: overrideSchema } } },
      async (request) => {
        demandPerson(request.scopes);
        const { id, overrideId } = request.params;
        return shownOverride(await channelOverrides.close(id, overrideId, request.actor));
      },
    );
  };

/** @throws {AccessError} for a token, whatever its scopes */
function demandPerson(scopes: readonly unknown[] | undefined): void {
  if (scopes === undefined) return;
  throw new AccessError('forbidden', 'A token cannot do this, whatever its scopes: sign in with name and password.');
}

const DAY_OR_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** Milliseconds; what names no zone is UTC. @throws {RequestError} */
function timeAsked(text: string): number {
  const match = DAY_OR_TIME.exec(text.trim());
  const [, year, month, day] = match ?? [];
  const isDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  const iso = text.trim().replace(' ', 'T');
  const time = Date.parse(iso.includes('T') && match?.[4] === undefined ? `${iso}Z` : iso);
  if (match !== null && isDay && !Number.isNaN(time)) return time;
  const problem = `at=${text.slice(0, 40)} is no time. Write 2027-01-31 or 2027-01-31T08:00:00Z.`;
  throw new RequestError(422, 'invalid-request', problem);
}

function changeOf({ allow, limits, ...rest }: z.output<typeof channelChangeSchema>): ChannelChange {
  const { kind: _kind, ...given } = defined(rest) as typeof rest & { kind?: unknown };
  return {
    ...(defined(given) as ChannelChange),
    ...(allow !== undefined && { allow: defined(allow) }),
    ...(limits !== undefined && { limits: defined(limits) }),
  };
}

const shown = ({ allow, targetTls, createdAt, updatedAt, ...channel }: ChannelEntry) => ({
  ...channel,
  targetTls: targetTls && { ...targetTls, fingerprints: [...targetTls.fingerprints] },
  allow: {
    commonNames: [...allow.commonNames],
    dnsNames: [...allow.dnsNames],
    publicKeys: [...allow.publicKeys],
  },
  createdAt: toTime(createdAt),
  updatedAt: toTime(updatedAt),
});

export const shownOverride = ({ overlooks, openedAt, endsAt, closedAt, ...override }: ChannelOverride) => ({
  ...override,
  overlooks: [...overlooks],
  openedAt: toTime(openedAt),
  endsAt: toTime(endsAt),
  closedAt: toTimeOrNull(closedAt),
});
