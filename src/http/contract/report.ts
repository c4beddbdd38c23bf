import { z } from 'zod';
import { STATUSES } from '../../core/base/finding.ts';

export const findingSchema = z.object({
  rule: z.string(),
  status: z.enum(STATUSES),
  location: z
    .object({
      file: z.string(),
      block: z.int().optional(),
      path: z.string().optional(),
      offset: z.int().optional(),
      length: z.int().optional(),
    })
    .optional(),
  found: z.string().optional(),
  required: z.string().optional(),
  message: z.string(),
  fix: z.string().optional(),
  applianceSays: z.string().optional(),
  clientsSay: z.string().optional(),
  source: z.object({ document: z.string(), section: z.string() }).optional(),
});

export const verdictSchema = z.enum(['accepted', 'unsupported', 'refused']);

export const reportSchema = z.object({
  bundle: z.string(),
  profile: z.string(),
  at: z.string(),
  trust: z.enum(['anchors', 'own-chain', 'none']),
  verdict: verdictSchema,
  complete: z.boolean(),
  notChecked: z.array(z.string()),
  lowered: z.array(z.string()).optional(),
  findings: z.array(findingSchema),
});
