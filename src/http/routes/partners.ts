import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Partner } from '../../service/inventory/partners.ts';
import { newPartnerSchema, partnerChangeSchema, partnerSchema } from '../contract/partner.ts';
import { idSchema, toTime } from '../contract/values.ts';
import { versionAsked, withVersion } from './etag.ts';
import { defined } from './defined.ts';
import type { Services } from './services.ts';

const read = { access: 'inventory:read', compress: true } as const;
const write = { access: 'inventory:write' } as const;
const params = z.object({ id: idSchema });

export const partnerRoutes =
  ({ partners }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    server.get('/partners', { config: read, schema: { response: { 200: z.array(partnerSchema) } } }, async () =>
      (await partners.list()).map(shown),
    );
    server.post(
      '/partners',
      { config: write, schema: { body: newPartnerSchema, response: { 201: partnerSchema } } },
      async (request, reply) => {
        const partner = await partners.create(defined(request.body), request.actor);
        return withVersion(reply.status(201), partner).send(shown(partner));
      },
    );
    server.get(
      '/partners/:id',
      { config: read, schema: { params, response: { 200: partnerSchema } } },
      async (request, reply) => {
        const partner = await partners.byId(request.params.id);
        return withVersion(reply, partner).send(shown(partner));
      },
    );
    server.patch(
      '/partners/:id',
      { config: write, schema: { params, body: partnerChangeSchema, response: { 200: partnerSchema } } },
      async (request, reply) => {
        const change = defined(request.body);
        const partner = await partners.update(request.params.id, versionAsked(request), change, request.actor);
        return withVersion(reply, partner).send(shown(partner));
      },
    );
    server.delete(
      '/partners/:id',
      { config: write, schema: { params, response: { 204: z.null() } } },
      async (request, reply) => {
        await partners.remove(request.params.id, versionAsked(request), request.actor);
        return reply.status(204).send(null);
      },
    );
  };

const shown = (partner: Partner) => ({
  ...partner,
  fingerprints: [...partner.fingerprints],
  createdAt: toTime(partner.createdAt),
  updatedAt: toTime(partner.updatedAt),
});
