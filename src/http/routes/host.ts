import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { setupLinkSchema } from '../contract/host.ts';
import { nameSchema } from '../contract/values.ts';
import type { HostActions } from './services.ts';

const config = { access: 'public', duringSetup: true } as const;

/** For commands on this host, over the unix socket; on the network these routes do not exist. */
export const hostRoutes =
  (host: HostActions): FastifyPluginAsyncZod =>
  async (server) => {
    server.post('/host/setup-link', { config, schema: { response: { 200: setupLinkSchema } } }, () => host.setupLink());
    server.post('/host/console-certificate', { config, schema: { response: { 204: z.null() } } }, async (_, reply) => {
      await host.renewConsole();
      return reply.status(204).send(null);
    });
    server.post(
      '/host/administrator',
      {
        config,
        schema: {
          body: z.object({ name: nameSchema }),
          response: { 200: z.object({ name: z.string(), password: z.string() }) },
        },
      },
      (request) => host.resetAdministrator(request.body.name),
    );
  };
