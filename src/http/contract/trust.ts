import { z } from 'zod';
import { idSchema, nameSchema, timeSchema } from './values.ts';

export const anchorSchema = z.object({
  id: idSchema,
  name: z.string(),
  subject: z.string(),
  fingerprint: z.string().describe('SHA-256, AB:CD:…'),
  notAfter: timeSchema,
  addedBy: z.string(),
  addedAt: timeSchema,
});

/** What a file holds, shown before anybody trusts it. */
export const anchorCandidateSchema = z.object({
  name: z.string(),
  subject: z.string(),
  issuer: z.string(),
  fingerprint: z.string(),
  notBefore: timeSchema,
  notAfter: timeSchema,
  selfSigned: z.boolean(),
  problem: z.string().optional(),
  warnings: z.array(z.string()),
});

const certificateText = z.string().min(1).describe('PEM, or Base64 of DER');

export const newAnchorSchema = z
  .object({
    certificate: certificateText,
    name: nameSchema.optional(),
    fingerprint: z.string().max(300).optional().describe('SHA-256, as compared with what the CA publishes'),
  })
  .strict();
export const anchorInspectionSchema = z.object({ certificate: certificateText }).strict();

export const crlSchema = z.object({
  id: idSchema,
  issuer: z.string(),
  url: z.string().nullable(),
  number: z.string().nullable(),
  thisUpdate: timeSchema,
  nextUpdate: timeSchema.nullable(),
  obtainedAt: timeSchema,
  freshness: z.enum(['current', 'due', 'expired', 'without-end']),
  size: z.int(),
  fingerprint: z.string(),
  olderAllowed: z.boolean(),
});
export const keptCrlSchema = z.object({ crl: crlSchema, outcome: z.enum(['added', 'replaced', 'unchanged']) });
export const crlFetchSchema = z.object({ url: z.string().min(1).max(2000) }).strict();
