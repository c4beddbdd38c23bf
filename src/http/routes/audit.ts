import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { pageOf, timeSchema, toTime } from '../contract/values.ts';
import type { Services } from './services.ts';

const entrySchema = z.object({
  seq: z.int(),
  at: timeSchema,
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  details: z.record(z.string(), z.unknown()),
  mac: z.string(),
});
const headSchema = z.object({ seq: z.int(), mac: z.string() });
const verificationSchema = z.union([
  z.object({ intact: z.literal(true), head: headSchema }),
  z.object({ intact: z.literal(false), seq: z.int(), problem: z.string() }),
]);

const config = { access: 'audit:read' } as const;

export const auditRoutes =
  ({ audit }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    const querystring = z.object({
      after: z.coerce.number().int().positive().optional(),
      limit: z.coerce.number().int().min(1).max(500).default(100),
      subject: z.string().max(200).optional(),
    });
    server.get(
      '/audit',
      { config, schema: { querystring, response: { 200: pageOf(entrySchema) } } },
      async (request) => {
        const { after, limit, subject } = request.query;
        const entries = await audit.page({
          limit,
          ...(after !== undefined && { before: after }),
          ...(subject !== undefined && { subject }),
        });
        const items = entries.map(({ previous: _previous, ...entry }) => ({ ...entry, at: toTime(entry.at) }));
        return { items, next: entries.length === limit ? String(entries.at(-1)!.seq) : null };
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
      { config, schema: { querystring: known, response: { 200: verificationSchema } } },
      (request) => {
        const [seq, mac] = request.query.head?.split(':') ?? [];
        return audit.verify(seq === undefined || mac === undefined ? undefined : { seq: Number(seq), mac });
      },
    );
  };
