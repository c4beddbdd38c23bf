import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { reportSchema } from '../contract/report.ts';
import { nameSchema, timeSchema } from '../contract/values.ts';
import type { Services } from './services.ts';
import { readUploadForm } from './upload-form.ts';

const fieldsSchema = z.object({
  name: nameSchema.optional(),
  passphrase: z.string().max(4096).optional(),
  profile: nameSchema.optional(),
  hostname: nameSchema.optional(),
  role: z.enum(['sensor', 'ha']).optional(),
  crl: z.enum(['on', 'off']).optional(),
  at: timeSchema.optional(),
});

/** Stateless: judges and keeps nothing. */
export const checkRoutes =
  (services: Services): FastifyPluginAsyncZod =>
  async (server) => {
    server.post(
      '/checks',
      { config: { access: 'check' }, schema: { response: { 200: reportSchema } } },
      async (request) => {
        const form = await readUploadForm(request);
        try {
          const { passphrase, ...rest } = fieldsSchema.parse(form.fields);
          const options = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
          return { ...(await services.check({ ...form, passphrase }, options)) } as z.infer<typeof reportSchema>;
        } finally {
          form.wipe();
        }
      },
    );
  };
