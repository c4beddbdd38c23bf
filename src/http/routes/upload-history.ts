import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { UploadEntry, UploadHistory } from '../../service/inventory/upload-history.ts';
import { uploadSchema } from '../contract/inventory.ts';
import { reportSchema } from '../contract/report.ts';
import { idSchema, pageOf, toTime } from '../contract/values.ts';
import type { Services } from './services.ts';

const params = z.object({ id: idSchema });
const read = { access: 'inventory:read', compress: true } as const;
const reportedSchema = uploadSchema.extend({ report: reportSchema });

/** What was handed in, let in or not, with the report of that time. */
export const uploadHistoryRoutes =
  ({ appliances, uploads }: Services): FastifyPluginAsyncZod =>
  async (server) => {
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
          response: { 200: reportedSchema },
        },
      },
      async (request) => withReport(await uploads.report(request.params.id, request.params.uploadId)),
    );
    server.get(
      '/uploads/:id',
      {
        config: read,
        schema: { params, response: { 200: reportedSchema } },
      },
      async (request) => withReport(await uploads.report(undefined, request.params.id)),
    );
  };

const shown = (record: UploadEntry) => ({ ...record, at: toTime(record.at) });

const withReport = ({ report, entry }: Awaited<ReturnType<UploadHistory['report']>>) => ({
  ...shown(entry),
  report: report as z.input<typeof reportSchema>,
});
