import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { PendingKey } from '../../service/inventory/pending-keys.ts';
import { newCsrSchema, pendingKeySchema } from '../contract/inventory.ts';
import { idSchema, toTime } from '../contract/values.ts';
import type { Services } from './services.ts';

const params = z.object({ id: idSchema });
const config = { access: 'certificates:upload' } as const;

/** Keys made here that never travel: out goes the CSR, in comes the certificate, by an upload without a key. */
export const csrRoutes =
  ({ pendingKeys, appliances }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    const schema = { params, response: { 200: z.array(pendingKeySchema) } };
    server.get('/appliances/:id/csrs', { config: { access: 'inventory:read' }, schema }, async (request) => {
      await appliances.byId(request.params.id);
      return (await pendingKeys.list(request.params.id)).map(shown);
    });
    server.post(
      '/appliances/:id/csrs',
      { config, schema: { params, body: newCsrSchema, response: { 201: pendingKeySchema } } },
      async (request, reply) => {
        const made = await pendingKeys.create(request.params.id, wantedOf(request.body ?? {}), request.actor);
        return reply.status(201).send(shown(made));
      },
    );
    server.delete(
      '/appliances/:id/csrs/:csrId',
      { config, schema: { params: params.extend({ csrId: idSchema }), response: { 204: z.null() } } },
      async (request, reply) => {
        await pendingKeys.remove(request.params.id, request.params.csrId, request.actor);
        return reply.status(204).send(null);
      },
    );
  };

type Wanted = Parameters<Services['pendingKeys']['create']>[1];

function wantedOf({ bits, subject, alternativeNames }: NonNullable<z.output<typeof newCsrSchema>>): Wanted {
  const given = subject && Object.fromEntries(Object.entries(subject).filter(([, value]) => value !== undefined));
  return { bits, subject: given as Wanted['subject'], alternativeNames };
}

const shown = ({ csrPem, ...key }: PendingKey) => ({ ...key, csr: csrPem, createdAt: toTime(key.createdAt) });
