import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Upload, UploadResult } from '../../service/inventory/gate.ts';
import { uploadFieldsSchema, uploadResultSchema } from '../contract/inventory.ts';
import type { reportSchema } from '../contract/report.ts';
import { idSchema } from '../contract/values.ts';
import { served, shownIdentity } from './identities.ts';
import { demandLetIn } from './refusal.ts';
import { RequestError } from './problems.ts';
import { repeatable } from './repeatable.ts';
import type { Services } from './services.ts';
import { readUploadForm, type UploadForm } from './upload-form.ts';

const params = z.object({ id: idSchema });

export const uploadRoutes =
  (services: Services): FastifyPluginAsyncZod =>
  async (server) => {
    const { gate, console } = services;
    server.post(
      '/appliances/:id/uploads',
      {
        config: { access: 'certificates:upload', form: 'upload' },
        schema: { params, response: { 201: uploadResultSchema } },
      },
      async (request, reply) => {
        const form = await readUploadForm(request);
        try {
          return (await repeatable({ request, reply, form }, services, async () => {
            const result = await gate.upload(request.params.id, toUpload(form), request.actor);
            demandLetIn(result);
            if (result.outcome === 'activated') await served(console, result.identity!);
            return { status: 201, body: shownResult(result) };
          })) as never;
        } finally {
          form.wipe();
        }
      },
    );
  };

function toUpload({ crt, key, chain, fields }: UploadForm): Upload {
  const parsed = uploadFieldsSchema.safeParse(fields);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), problem: message }));
    const detail = wrong.map(({ path, problem }) => (path === '' ? problem : `${path}: ${problem}`)).join('; ');
    throw new RequestError(422, 'invalid-request', detail, { fields: wrong });
  }
  const { passphrase, activateAt, confirmWithinMinutes, ...rest } = parsed.data;
  return {
    ...rest,
    crt,
    key,
    chain,
    passphrase: passphrase === undefined ? undefined : Buffer.from(passphrase, 'utf8'),
    activateAt: activateAt === undefined ? undefined : Date.parse(activateAt),
    confirmWithinMs: confirmWithinMinutes === undefined ? undefined : confirmWithinMinutes * 60_000,
  };
}

const shownResult = ({ uploadId, outcome, report, identity }: UploadResult): z.input<typeof uploadResultSchema> => ({
  uploadId,
  outcome,
  report: report as z.input<typeof reportSchema>,
  ...(identity !== undefined && { identity: shownIdentity(identity) }),
});
