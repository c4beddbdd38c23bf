import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { mayRole, type Permission, PERMISSIONS } from '../../service/access/roles.ts';
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
      async (request) => {
        const user = userOf(request);
        const who = { user: shown(user), permissions: permissionsOf(request) };
        const cookie = request.cookies[SESSION_COOKIE];
        // A token has no session.
        if (request.scopes !== undefined || cookie === undefined) return who;
        const { csrfToken, expiresAt } = await services.sessions.again(cookie);
        return { ...who, csrfToken, expiresAt: toTime(expiresAt) };
      },
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
  const permissions = PERMISSIONS.filter((permission) => mayRole(user.role, permission));
  await reply.send({ user: shown(user), permissions, csrfToken, expiresAt: toTime(expiresAt) });
}

function permissionsOf(request: FastifyRequest): Permission[] {
  const { role } = userOf(request);
  const { scopes = PERMISSIONS } = request;
  return PERMISSIONS.filter((permission) => mayRole(role, permission) && scopes.includes(permission));
}

const shown = ({ id, name, role }: User) => ({ id, name, role });
