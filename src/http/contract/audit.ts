import { z } from 'zod';
import { pageOf, timeSchema } from './values.ts';

export const auditEntrySchema = z.object({
  seq: z.int(),
  at: timeSchema,
  actor: z.string().describe('a user, a user (token NAME), host for the command line on the server, or system'),
  action: z.string().describe('noun and verb: certificate.activated'),
  subject: z.string().describe('kind:id of what it was done to'),
  subjectName: z.string().nullable().describe('what that is called now; null where it is gone'),
  details: z.record(z.string(), z.unknown()),
  mac: z.string().describe('binds it to the entry before'),
});
export const auditPageSchema = pageOf(auditEntrySchema);

export const auditFilterSchema = z.object({
  actor: z.string().min(1).max(500).optional().describe('with what the tokens of that user did'),
  action: z
    .string()
    .regex(/^[a-z-]+\.[a-z-]*$/, 'an action, or everything of one noun: certificate.')
    .optional(),
  subject: z.string().min(1).max(200).optional().describe('kind:id'),
  from: timeSchema.optional(),
  to: timeSchema.optional().describe('and nothing at or after it'),
});
/** What there is to filter by. */
export const auditFacetsSchema = z.object({ actors: z.array(z.string()), actions: z.array(z.string()) });

const headSchema = z.object({ seq: z.int(), mac: z.string() });
export const auditVerificationSchema = z.union([
  z.object({
    intact: z.literal(true),
    head: headSchema.describe('noted elsewhere, it shows later that nothing was cut off'),
  }),
  z.object({
    intact: z.literal(false),
    seq: z.int().describe('of the first entry that is wrong'),
    problem: z.string(),
  }),
]);
