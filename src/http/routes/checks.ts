import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { checkFieldsSchema } from '../contract/inventory.ts';
import { reportSchema } from '../contract/report.ts';
import type { Services } from './services.ts';
import { readUploadForm } from './upload-form.ts';

/** Stateless: judges and keeps nothing. */
export const checkRoutes =
  (services: Services): FastifyPluginAsyncZod =>
  async (server) => {
    server.post(
      '/checks',
      { config: { access: 'check', form: 'check' }, schema: { response: { 200: reportSchema } } },
      async (request) => {
        const form = await readUploadForm(request);
        try {
          const { passphrase, ...rest } = checkFieldsSchema.parse(form.fields);
          return await services.check({ ...form, passphrase }, rest);
        } finally {
          form.wipe();
        }
      },
    );
  };
