import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { PERMISSIONS } from '../../service/access/roles.ts';
import type { ApiToken } from '../../service/access/tokens.ts';
import { madeTokenSchema, newTokenSchema, tokenSchema } from '../contract/access.ts';
import { idSchema, toTime, toTimeOrNull } from '../contract/values.ts';
import { userOf } from './authorise.ts';
import type { Services } from './services.ts';

const config = { access: 'session' } as const;

export const tokenRoutes =
  ({ tokens }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    const body = newTokenSchema.extend({ scopes: z.array(z.enum(PERMISSIONS)).min(1) });
    server.get('/tokens', { config, schema: { response: { 200: z.array(tokenSchema) } } }, async (request) =>
      (await tokens.list(userOf(request))).map(shown),
    );
    server.post('/tokens', { config, schema: { body, response: { 201: madeTokenSchema } } }, async (request, reply) => {
      const { name, scopes, expiresAt } = request.body;
      const expiry = expiresAt === null ? null : Date.parse(expiresAt);
      const { token, secret } = await tokens.create(userOf(request), { name, scopes, expiresAt: expiry });
      return reply.status(201).send({ ...shown(token), secret });
    });
    const params = z.object({ id: idSchema });
    server.delete(
      '/tokens/:id',
      { config, schema: { params, response: { 204: z.null() } } },
      async (request, reply) => {
        await tokens.revoke(userOf(request), request.params.id, request.actor);
        return reply.status(204).send(null);
      },
    );
  };

const shown = (token: ApiToken) => ({
  ...token,
  scopes: [...token.scopes],
  createdAt: toTime(token.createdAt),
  expiresAt: toTimeOrNull(token.expiresAt),
  lastUsedAt: toTimeOrNull(token.lastUsedAt),
  revokedAt: toTimeOrNull(token.revokedAt),
});
