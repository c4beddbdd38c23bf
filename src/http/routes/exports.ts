import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { exportSchema, exportWishSchema } from '../contract/inventory.ts';
import { idSchema } from '../contract/values.ts';
import type { Services } from './services.ts';

/** How an accepted key reaches the real appliance; each time is in the audit log. */
export const exportRoutes =
  ({ exportIdentity }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    server.post(
      '/appliances/:id/export',
      {
        config: { access: 'certificates:export' },
        schema: { params: z.object({ id: idSchema }), body: exportWishSchema, response: { 200: exportSchema } },
      },
      async (request) => {
        const exported = await exportIdentity(request.params.id, request.body, request.actor);
        const files = exported.map(({ name, bytes, secret }) => {
          const content = Buffer.from(bytes).toString('base64');
          if (secret) bytes.fill(0);
          return { name, secret, content };
        });
        return { files };
      },
    );
  };
