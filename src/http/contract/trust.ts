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
export const listedAnchorSchema = anchorSchema.extend({
  identities: z.int().describe('how many certificates in use lead to it'),
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

export const crlAttemptSchema = z.object({
  url: z.string(),
  at: timeSchema,
  ok: z.boolean(),
  code: z.string().nullable().describe('why not, to match on'),
  reason: z.string().nullable().describe('why not, in one sentence'),
  fix: z.string().nullable(),
});
/** Where certificates say that their CRLs lie. */
export const crlPointSchema = z.object({
  url: z.string(),
  identities: z.int().describe('how many certificates in use name it, for themselves or in their chain'),
  crlId: idSchema.nullable().describe('the CRL held that came from there'),
  freshness: crlSchema.shape.freshness.nullable(),
  lastAttempt: crlAttemptSchema.nullable().describe('of this server since it was started'),
  nextAttempt: timeSchema.nullable().describe('null: it is not fetched by itself'),
});
export const crlFetchAllSchema = z.object({
  results: z.array(crlAttemptSchema.extend({ outcome: keptCrlSchema.shape.outcome.nullable() })),
});

/** For a check in the page: the CRLs that the server would hold these certificates against. */
export const crlsForSchema = z.strictObject({
  certificates: z.array(certificateText).min(1).max(20).describe('those of the bundle; never its key'),
});
const matches = z
  .array(z.object({ appliance: z.string(), active: z.boolean(), same: z.boolean() }))
  .describe('who has it, or ever had it (name: has it now); same: this very appliance');
/** For a check in the page: what the rules on uniqueness ask about these certificates. */
export const claimsForAnswerSchema = z.object({ commonName: matches, certificate: matches, key: matches });
const base64 = z.string().describe('Base64 of DER');
export const crlsForAnswerSchema = z.object({
  held: z.array(base64),
  replies: z
    .array(
      z.object({
        url: z.string(),
        from: z.enum(['network', 'unchanged', 'held']).optional(),
        crl: base64.optional(),
        failure: z.object({ code: z.string(), url: z.string(), message: z.string(), fix: z.string() }).optional(),
      }),
    )
    .describe('what each URL that the certificates name gave: the answers of a `CrlSource`'),
  at: timeSchema.describe('the time of the server, which the CRLs are judged for'),
});
