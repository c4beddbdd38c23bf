import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Appliance } from '../../service/inventory/appliances.ts';
import { applianceChangeSchema, applianceSchema, newApplianceSchema } from '../contract/inventory.ts';
import { claimsForAnswerSchema, crlsForSchema } from '../contract/trust.ts';
import { idSchema, pageOf, pageQuerySchema, toTime, toTimeOrNull } from '../contract/values.ts';
import { defined } from './defined.ts';
import { versionAsked, withVersion } from './etag.ts';
import type { Services } from './services.ts';
import { textBytes } from './upload-form.ts';

const read = { access: 'inventory:read', compress: true } as const;
const write = { access: 'inventory:write' } as const;
const params = z.object({ id: idSchema });

export const applianceRoutes =
  ({ appliances, claimsFor }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    const querystring = pageQuerySchema.extend({ search: z.string().max(200).optional() });
    server.get(
      '/appliances',
      { config: read, schema: { querystring, response: { 200: pageOf(applianceSchema) } } },
      async (request) => {
        const { after, limit, search } = request.query;
        const items = await appliances.page({
          limit,
          ...(after !== undefined && { after }),
          ...(search !== undefined && { search }),
        });
        return { items: items.map(shown), next: items.length === limit ? items.at(-1)!.name : null };
      },
    );
    server.post(
      '/appliances',
      { config: write, schema: { body: newApplianceSchema, response: { 201: applianceSchema } } },
      async (request, reply) => {
        const appliance = await appliances.create(defined(request.body), request.actor);
        return withVersion(reply.status(201), appliance).send(shown(appliance));
      },
    );
    server.get(
      '/appliances/:id',
      { config: read, schema: { params, response: { 200: applianceSchema } } },
      async (request, reply) => {
        const appliance = await appliances.byId(request.params.id);
        return withVersion(reply, appliance).send(shown(appliance));
      },
    );
    server.patch(
      '/appliances/:id',
      { config: write, schema: { params, body: applianceChangeSchema, response: { 200: applianceSchema } } },
      async (request, reply) => {
        const change = defined(request.body);
        const appliance = await appliances.update(request.params.id, versionAsked(request), change, request.actor);
        return withVersion(reply, appliance).send(shown(appliance));
      },
    );
    server.post(
      '/appliances/:id/retire',
      { config: write, schema: { params, response: { 200: applianceSchema } } },
      async (request, reply) => {
        const appliance = await appliances.retire(request.params.id, versionAsked(request), request.actor);
        return withVersion(reply, appliance).send(shown(appliance));
      },
    );
    // What is asked about is public, and long: hence no GET.
    server.post(
      '/appliances/:id/claims-for',
      { config: read, schema: { params, body: crlsForSchema, response: { 200: claimsForAnswerSchema } } },
      async (request) => {
        const { id } = await appliances.byId(request.params.id);
        const { commonName, certificate, key } = await claimsFor(id, textBytes(request.body.certificates[0]!));
        return { commonName: [...commonName], certificate: [...certificate], key: [...key] };
      },
    );
  };

const shown = (appliance: Appliance) => ({
  ...appliance,
  createdAt: toTime(appliance.createdAt),
  updatedAt: toTime(appliance.updatedAt),
  retiredAt: toTimeOrNull(appliance.retiredAt),
});
