import { z } from 'zod';
import { idSchema, timeSchema } from './values.ts';

export const EVENT_TOPICS = [
  'appliances',
  'identities',
  'standing',
  'anchors',
  'crls',
  'partners',
  'channels',
  'users',
  'settings',
  'audit',
  /** Anything may have changed: what was missed is no longer known. Read everything again. */
  'all',
] as const;

/** One `data:` line of `GET /events`: not what changed, but what to read again. */
export const eventSchema = z.object({
  topic: z.enum(EVENT_TOPICS),
  id: idSchema.optional().describe('of the appliance, anchor, CRL …; absent: several'),
  at: timeSchema,
});
export type ServerEvent = z.infer<typeof eventSchema>;
