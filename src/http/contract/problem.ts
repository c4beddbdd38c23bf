import { z } from 'zod';
import { findingSchema } from './report.ts';
import { anchorCandidateSchema } from './trust.ts';

/** RFC 9457, with the findings of a refused certificate beside it. Sent as `application/problem+json`. */
export const problemSchema = z.object({
  type: z.string().describe('urn:certgate:problem: and a code to match on'),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional().describe('what happened, why, and what to do'),
  retryAfterSeconds: z.int().optional().describe('when it is worth trying again, as Retry-After says it, too'),
  findings: z.array(findingSchema).optional().describe('why a certificate was not let in, the root cause first'),
  uploadId: z.string().optional().describe('the attempt, kept with its report'),
  unknownRoot: anchorCandidateSchema
    .extend({ pem: z.string() })
    .optional()
    .describe('the root of the chain, which is no trust anchor: POST /anchors adds it, with its fingerprint'),
  fields: z
    .array(z.object({ path: z.string(), problem: z.string() }))
    .optional()
    .describe('which fields of the request are wrong'),
});

export type Problem = z.infer<typeof problemSchema>;
