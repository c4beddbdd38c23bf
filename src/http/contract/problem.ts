import { z } from 'zod';
import { findingSchema } from './report.ts';

/** RFC 9457, with the findings of a refused certificate beside it. Sent as `application/problem+json`. */
export const problemSchema = z.object({
  type: z.string().describe('urn:certgate:problem: and a code to match on'),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional().describe('what happened, why, and what to do'),
  findings: z.array(findingSchema).optional(),
  /** Which fields of the request are wrong. */
  fields: z.array(z.object({ path: z.string(), problem: z.string() })).optional(),
});

export type Problem = z.infer<typeof problemSchema>;
