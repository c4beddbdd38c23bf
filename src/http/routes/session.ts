import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { User } from '../../service/access/users.ts';
import { passwordChangeSchema, sessionSchema, signInSchema } from '../contract/access.ts';
import { toTime } from '../contract/values.ts';
import { SESSION_COOKIE, userOf } from './authorise.ts';
import type { Services } from './services.ts';

const COOKIE = { path: '/', secure: true, httpOnly: true, sameSite: 'strict' } as const;

export const sessionRoutes =
  (services: Services): FastifyPluginAsyncZod =>
  async (server) => {
    const slow = { access: 'public', rateLimit: { max: 20, timeWindow: 60_000 } } as const;
    server.post(
      '/session',
      { config: slow, schema: { body: signInSchema, response: { 201: sessionSchema } } },
      async (request, reply) => {
        const { name, password } = request.body;
        const user = await services.users.authenticate(name, password);
        await services.audit.record({ actor: user.name, action: 'user.signed-in', subject: `user:${user.id}` });
        return sendSession(reply.status(201), services, user);
      },
    );
    server.get(
      '/session',
      { config: { access: 'signed-in' }, schema: { response: { 200: sessionSchema } } },
      (request) => ({
        user: shown(userOf(request)),
      }),
    );
    server.post(
      '/session/password',
      {
        config: { access: 'session', rateLimit: slow.rateLimit },
        schema: { body: passwordChangeSchema, response: { 204: z.null() } },
      },
      async (request, reply) => {
        const { current, password } = request.body;
        const { id, name, version } = userOf(request);
        await services.users.authenticate(name, current);
        await services.users.update(id, version, { password }, request.actor);
        return reply.clearCookie(SESSION_COOKIE, COOKIE).status(204).send(null);
      },
    );
    server.delete(
      '/session',
      { config: { access: 'session' }, schema: { response: { 204: z.null() } } },
      async (request, reply) => {
        const cookie = request.cookies[SESSION_COOKIE];
        if (cookie !== undefined) await services.sessions.close(cookie);
        return reply.clearCookie(SESSION_COOKIE, COOKIE).status(204).send(null);
      },
    );
  };

/** Signs the user in: the cookie goes to the browser, the CSRF token into the answer. */
export async function sendSession(reply: FastifyReply, services: Services, user: User): Promise<void> {
  const { id, csrfToken, expiresAt } = await services.sessions.open(user);
  reply.setCookie(SESSION_COOKIE, id, { ...COOKIE, expires: new Date(expiresAt) });
  await reply.send({ user: shown(user), csrfToken, expiresAt: toTime(expiresAt) });
}

const shown = ({ id, name, role }: User) => ({ id, name, role });
