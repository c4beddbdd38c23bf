import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { csvImportSchema } from '../contract/inventory.ts';
import { RequestError } from './problems.ts';
import type { Services } from './services.ts';

/** Many appliances at once. */
export const fleetRoutes =
  ({ importCsv }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    server.addContentTypeParser('text/csv', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    server.post(
      '/appliances/import',
      { config: { access: 'inventory:write' }, schema: { response: { 200: csvImportSchema } } },
      async (request) => {
        if (!Buffer.isBuffer(request.body)) {
          throw new RequestError(415, 'not-a-csv', 'Send the file itself as text/csv, in UTF-8.');
        }
        const { imported, problems } = await importCsv(request.body, request.actor);
        if (problems.length === 0) return { imported: imported.map(({ id, name }) => ({ id, name })) };
        const fields = problems.map(({ line, column, reason }) => ({
          path: column === undefined ? `line ${line}` : `line ${line}, ${column}`,
          problem: reason,
        }));
        const first = fields.slice(0, 3).map(({ path, problem }) => `${path}: ${problem}`);
        const rest = fields.length > 3 ? ` (and ${fields.length - 3} more)` : '';
        throw new RequestError(422, 'csv-refused', `Nothing was imported. ${first.join(' ')}${rest}`, { fields });
      },
    );
  };
