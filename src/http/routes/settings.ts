import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { VersionedDefaults } from '../../service/inventory/appliance-defaults.ts';
import { settingsChangeSchema, settingsSchema } from '../contract/settings.ts';
import { defined } from './defined.ts';
import { versionAsked, withVersion } from './etag.ts';
import type { Services } from './services.ts';

/** What can be set while the server runs; how it runs itself is in its configuration. */
export const settingsRoutes =
  ({ settings }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    server.get(
      '/settings',
      { config: { access: 'inventory:read' }, schema: { response: { 200: settingsSchema } } },
      async (_request, reply) => {
        const held = await settings.read();
        return withVersion(reply, held).send(shown(held));
      },
    );
    server.patch(
      '/settings',
      {
        config: { access: 'settings:write' },
        schema: { body: settingsChangeSchema, response: { 200: settingsSchema } },
      },
      async (request, reply) => {
        const change = defined(request.body.applianceDefaults);
        const held = await settings.change(versionAsked(request), change, request.actor);
        return withVersion(reply, held).send(shown(held));
      },
    );
  };

const shown = ({ validation, crl, profile, version }: VersionedDefaults) => ({
  applianceDefaults: { validation, crl, profile },
  version,
});
