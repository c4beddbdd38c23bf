import { z } from 'zod';
import { standingBriefSchema, standingStateSchema, stateCountsSchema } from './fleet.ts';
import { crlSchema } from './trust.ts';
import { idSchema, timeSchema } from './values.ts';

export const overviewProblemSchema = z.object({
  what: z.enum(['appliance', 'crl', 'anchor', 'console', 'channel']),
  id: idSchema,
  name: z.string(),
  state: z.string().describe('of an appliance its standing; crl: expired, due, unreachable; anchor: expired, expiring'),
  severity: z.enum(['critical', 'warning']).describe('critical: something is blocked, or nobody is protected'),
  since: timeSchema.nullable(),
  message: z.string(),
  fix: z.string().nullable(),
  appliances: z.int().optional().describe('how many appliances it concerns, where it is not one'),
});

export const overviewSchema = z.object({
  at: timeSchema,
  pending: z.int().describe('how many are being judged anew just now'),
  total: z.int().describe('appliances in service, the console itself left out'),
  ready: z.object({ count: z.int(), percent: z.int().describe('rounded down: 100 is all of them') }),
  blocked: z.int().describe('appliances whose encrypted traffic halts'),
  states: stateCountsSchema,
  console: standingBriefSchema.extend({
    id: idSchema,
    origin: z.enum(['self-signed', 'upload', 'generated', 'emergency']),
    notAfter: timeSchema,
  }),
  expiry: z.object({
    buckets: z
      .array(
        z.object({
          kind: z.enum(['expired', 'week', 'month', 'later']),
          from: timeSchema.nullable(),
          to: timeSchema.nullable(),
          count: z.int(),
        }),
      )
      .describe('what is over; eight weeks from today; eleven months after them; the rest'),
    nearest: z
      .array(
        z.object({
          id: idSchema,
          name: z.string(),
          hostname: z.string(),
          site: z.string().nullable(),
          notAfter: timeSchema,
          state: standingStateSchema,
        }),
      )
      .describe('the next 20 that are not over yet'),
  }),
  problems: z.object({
    total: z.int(),
    items: z.array(overviewProblemSchema).describe('at most 50, the worst first'),
  }),
  crls: z.object({
    counts: z.object({ current: z.int(), due: z.int(), expired: z.int(), 'without-end': z.int() }),
    items: z
      .array(crlSchema.pick({ id: true, issuer: true, url: true, nextUpdate: true, freshness: true }))
      .describe('at most 20, the one that runs out first first'),
  }),
  anchors: z.object({
    total: z.int(),
    expiring: z
      .array(z.object({ id: idSchema, name: z.string(), notAfter: timeSchema, identities: z.int() }))
      .describe('those that end within a year'),
  }),
});
export type Overview = z.infer<typeof overviewSchema>;
