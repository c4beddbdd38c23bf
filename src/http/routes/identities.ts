import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { CONSOLE_ID } from '../../service/inventory/appliances.ts';
import type { Identity } from '../../service/inventory/identities.ts';
import { identitySchema, reasonSchema } from '../contract/inventory.ts';
import { idSchema, toTime, toTimeOrNull } from '../contract/values.ts';
import { demandLetIn } from './refusal.ts';
import { RequestError } from './problems.ts';
import type { ConsoleView, Services } from './services.ts';

const params = z.object({ id: idSchema });
const read = { access: 'inventory:read', compress: true } as const;
const activate = { access: 'certificates:activate' } as const;
const one = { params, response: { 200: identitySchema } };
const withReason = { ...one, body: reasonSchema };

/** What an appliance has, had and will have. */
export const identityRoutes =
  ({ gate, appliances, identities, console }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    server.get(
      '/appliances/:id/identities',
      { config: read, schema: { params, response: { 200: z.array(identitySchema) } } },
      async (request) => {
        await appliances.byId(request.params.id);
        return (await identities.history(request.params.id)).map(shownIdentity);
      },
    );
    server.get('/appliances/:id/identity', { config: read, schema: one }, async (request) => {
      await appliances.byId(request.params.id);
      const active = await identities.active(request.params.id);
      if (active === undefined) {
        throw new RequestError(404, 'no-identity', 'This appliance has no certificate yet: upload one.');
      }
      return shownIdentity(active);
    });
    server.post('/appliances/:id/activate', { config: activate, schema: withReason }, async (request) => {
      const { id } = request.params;
      const result = await gate.activate(id, request.actor, { reason: request.body?.reason });
      demandLetIn(result);
      return shownIdentity(await served(console, result.identity!));
    });
    server.post('/appliances/:id/rollback', { config: activate, schema: withReason }, async (request) => {
      const { id } = request.params;
      const result = await gate.rollBack(id, request.actor, { reason: request.body?.reason });
      demandLetIn(result);
      return shownIdentity(await served(console, result.identity!));
    });
    server.post('/appliances/:id/confirm', { config: activate, schema: one }, async (request) =>
      shownIdentity(await identities.confirm(request.params.id, request.actor)),
    );
    server.post(
      '/appliances/:id/cancel',
      { config: activate, schema: { params, response: { 204: z.null() } } },
      async (request, reply) => {
        await identities.cancel(request.params.id, request.actor);
        return reply.status(204).send(null);
      },
    );
  };

/** Of the console's own certificate it is known at once whether clients get it. */
export async function served(console: ConsoleView, identity: Identity): Promise<Identity> {
  if (identity.applianceId !== CONSOLE_ID) return identity;
  try {
    await console.settled(identity.id);
  } catch (error) {
    throw new RequestError(409, 'not-served', (error as Error).message);
  }
  return identity;
}

export const shownIdentity = (identity: Identity): z.input<typeof identitySchema> => ({
  ...identity,
  notBefore: toTime(identity.notBefore),
  notAfter: toTime(identity.notAfter),
  stagedAt: toTime(identity.stagedAt),
  activateAt: toTimeOrNull(identity.activateAt),
  activatedAt: toTimeOrNull(identity.activatedAt),
  activationRefusedAt: toTimeOrNull(identity.activationRefusedAt),
  confirmBy: toTimeOrNull(identity.confirmBy),
  confirmedAt: toTimeOrNull(identity.confirmedAt),
  endedAt: toTimeOrNull(identity.endedAt),
});
