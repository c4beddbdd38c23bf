import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Upload, UploadResult } from '../../service/inventory/gate.ts';
import type { UploadEntry } from '../../service/inventory/upload-history.ts';
import { uploadFieldsSchema, uploadResultSchema, uploadSchema } from '../contract/inventory.ts';
import { reportSchema } from '../contract/report.ts';
import { idSchema, pageOf, toTime } from '../contract/values.ts';
import { served, shownIdentity } from './identities.ts';
import { demandLetIn } from './refusal.ts';
import { RequestError } from './problems.ts';
import { repeatable } from './repeatable.ts';
import type { Services } from './services.ts';
import { readUploadForm, type UploadForm } from './upload-form.ts';

const params = z.object({ id: idSchema });
const read = { access: 'inventory:read' } as const;

export const uploadRoutes =
  (services: Services): FastifyPluginAsyncZod =>
  async (server) => {
    const { gate, appliances, uploads, console } = services;
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
    const querystring = z.object({
      after: idSchema.optional(),
      limit: z.coerce.number().int().min(1).max(500).default(100),
    });
    server.get(
      '/appliances/:id/uploads',
      { config: read, schema: { params, querystring, response: { 200: pageOf(uploadSchema) } } },
      async (request) => {
        const { after, limit } = request.query;
        await appliances.byId(request.params.id);
        const records = await uploads.page(request.params.id, { limit, ...(after !== undefined && { before: after }) });
        return { items: records.map(shown), next: records.length === limit ? records.at(-1)!.id : null };
      },
    );
    server.get(
      '/appliances/:id/uploads/:uploadId',
      {
        config: read,
        schema: {
          params: params.extend({ uploadId: idSchema }),
          response: { 200: uploadSchema.extend({ report: reportSchema }) },
        },
      },
      async (request) => {
        const { report, entry } = await uploads.report(request.params.id, request.params.uploadId);
        return { ...shown(entry), report: report as z.input<typeof reportSchema> };
      },
    );
    server.get(
      '/uploads/:id',
      {
        config: { ...read, compress: true },
        schema: { params, response: { 200: uploadSchema.extend({ report: reportSchema }) } },
      },
      async (request) => {
        const { report, entry } = await uploads.report(undefined, request.params.id);
        return { ...shown(entry), report: report as z.input<typeof reportSchema> };
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

const shown = (record: UploadEntry) => ({ ...record, at: toTime(record.at) });
