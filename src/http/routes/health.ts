import type { FastifyPluginAsync } from 'fastify';
import type { Services } from './services.ts';

const OPEN = { access: 'public', duringSetup: true } as const;

export const healthRoutes =
  (services: Services): FastifyPluginAsync =>
  async (server) => {
    server.get('/healthz', { config: OPEN, schema: { hide: true } }, () => ({ status: 'ok' }));
    server.get('/readyz', { config: OPEN, schema: { hide: true } }, async (_request, reply) => {
      // A question to the database: its answer is the readiness.
      try {
        await services.audit.head();
      } catch {
        return reply.status(503).send({ status: 'the database does not answer' });
      }
      return { status: 'ok', setupDone: await services.setup.isDone() };
    });
  };
