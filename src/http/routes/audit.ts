import { Readable } from 'node:stream';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { AuditEntry, AuditFilter, AuditLog } from '../../service/audit/audit-log.ts';
import {
  auditEntrySchema,
  auditFacetsSchema,
  auditFilterSchema,
  auditPageSchema,
  auditVerificationSchema,
} from '../contract/audit.ts';
import { toTime } from '../contract/values.ts';
import { defined } from './defined.ts';
import { csvValue } from './fleet-list.ts';
import type { Services } from './services.ts';

const config = { access: 'audit:read', compress: true } as const;

export const auditRoutes =
  ({ audit }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    const querystring = auditFilterSchema.extend({
      after: z.coerce.number().int().positive().optional(),
      limit: z.coerce.number().int().min(1).max(500).default(100),
    });
    server.get('/audit', { config, schema: { querystring, response: { 200: auditPageSchema } } }, async (request) => {
      const { after, limit, ...filter } = request.query;
      const entries = await audit.page({ limit, ...(after !== undefined && { before: after }), ...filterOf(filter) });
      const next = entries.length === limit ? String(entries.at(-1)!.seq) : null;
      return { items: await shown(audit, entries), next };
    });
    server.get('/audit/facets', { config, schema: { response: { 200: auditFacetsSchema } } }, () => audit.facets());
    server.get(
      '/audit/export',
      {
        config,
        schema: { querystring: auditFilterSchema.extend({ format: z.enum(['csv', 'jsonl']).default('csv') }) },
      },
      async (request, reply) => {
        const { format, ...filter } = request.query;
        const type = format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/jsonl';
        return reply
          .type(type)
          .header('Content-Disposition', `attachment; filename="certgate-audit.${format}"`)
          .send(Readable.from(exported(audit, filterOf(filter), format)));
      },
    );
    const known = z.object({
      head: z
        .string()
        .regex(/^\d+:[0-9a-f]{64}$/, 'NUMBER:MAC')
        .optional(),
    });
    server.get(
      '/audit/verification',
      { config, schema: { querystring: known, response: { 200: auditVerificationSchema } } },
      (request) => {
        const [seq, mac] = request.query.head?.split(':') ?? [];
        return audit.verify(seq === undefined || mac === undefined ? undefined : { seq: Number(seq), mac });
      },
    );
  };

function filterOf({ from, to, ...filter }: z.output<typeof auditFilterSchema>): AuditFilter {
  return {
    ...defined(filter),
    ...(from !== undefined && { from: Date.parse(from) }),
    ...(to !== undefined && { to: Date.parse(to) }),
  };
}

async function shown(audit: AuditLog, entries: readonly AuditEntry[]): Promise<z.input<typeof auditEntrySchema>[]> {
  const names = await audit.names(entries.map(({ subject }) => subject));
  return entries.map(({ previous: _previous, at, ...entry }) => ({
    ...entry,
    at: toTime(at),
    subjectName: names.get(entry.subject) ?? null,
  }));
}

/** Page by page, so that a log of years takes no memory. */
async function* exported(audit: AuditLog, filter: AuditFilter, format: 'csv' | 'jsonl'): AsyncGenerator<string> {
  if (format === 'csv') yield `${COLUMNS.join(',')}\r\n`;
  for (let before: number | undefined; ;) {
    const entries = await audit.page({ ...filter, ...(before !== undefined && { before }), limit: 1000 });
    if (entries.length === 0) return;
    const lines = (await shown(audit, entries)).map((entry) =>
      format === 'csv'
        ? `${COLUMNS.map((column) => csvValue(textOf(entry[column]))).join(',')}\r\n`
        : `${JSON.stringify(entry)}\n`,
    );
    yield lines.join('');
    before = entries.at(-1)!.seq;
  }
}

const COLUMNS = ['seq', 'at', 'actor', 'action', 'subject', 'subjectName', 'details', 'mac'] as const;

const textOf = (value: unknown): string =>
  value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
