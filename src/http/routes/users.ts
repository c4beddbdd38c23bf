import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { User } from '../../service/access/users.ts';
import { newUserSchema, userChangeSchema, userSchema } from '../contract/access.ts';
import { idSchema, toTime, toTimeOrNull } from '../contract/values.ts';
import { versionAsked, withVersion } from './etag.ts';
import type { Services } from './services.ts';

const config = { access: 'users:write' } as const;

export const userRoutes =
  ({ users }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    server.get('/users', { config, schema: { response: { 200: z.array(userSchema) } } }, async () =>
      (await users.list()).map(shown),
    );
    server.post(
      '/users',
      { config, schema: { body: newUserSchema, response: { 201: userSchema } } },
      async (request, reply) => {
        const user = await users.create(request.body, request.actor);
        return withVersion(reply.status(201), user).send(shown(user));
      },
    );
    const params = z.object({ id: idSchema });
    server.patch(
      '/users/:id',
      { config, schema: { params, body: userChangeSchema, response: { 200: userSchema } } },
      async (request, reply) => {
        const { password, role, disabled } = request.body;
        const change = {
          ...(password !== undefined && { password }),
          ...(role !== undefined && { role }),
          ...(disabled !== undefined && { disabled }),
        };
        const user = await users.update(request.params.id, versionAsked(request), change, request.actor);
        return withVersion(reply, user).send(shown(user));
      },
    );
  };

const shown = (user: User) => ({
  ...user,
  createdAt: toTime(user.createdAt),
  disabledAt: toTimeOrNull(user.disabledAt),
});
