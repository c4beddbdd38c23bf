import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { sessionSchema, setupSchema, setupStateSchema } from '../contract/access.ts';
import { sendSession } from './session.ts';
import type { Services } from './services.ts';

const open = { access: 'public', duringSetup: true } as const;
const config = { ...open, rateLimit: { max: 20, timeWindow: 60_000 } } as const;

export const setupRoutes =
  (services: Services): FastifyPluginAsyncZod =>
  async (server) => {
    server.get('/setup', { config: open, schema: { response: { 200: setupStateSchema } } }, async () => ({
      done: await services.setup.isDone(),
    }));
    server.post(
      '/setup',
      { config, schema: { body: setupSchema, response: { 201: sessionSchema } } },
      async (request, reply) => {
        const { token, name, password } = request.body;
        const user = await services.setup.createAdministrator(token, { name, password });
        return sendSession(reply.status(201), services, user);
      },
    );
  };
