import { z } from 'zod';
import { reportSchema, verdictSchema } from './report.ts';
import { idSchema, nameSchema, timeSchema } from './values.ts';

const switchSchema = z.enum(['on', 'off']);
const validationSchema = z.enum(['mandatory', 'none']);

export const applianceSchema = z.object({
  id: idSchema,
  name: z.string(),
  hostname: z.string(),
  role: z.enum(['sensor', 'ha']),
  sensorId: idSchema.nullable(),
  site: z.string().nullable(),
  zone: z.string().nullable(),
  validation: validationSchema,
  crl: switchSchema,
  profile: z.string(),
  createdAt: timeSchema,
  updatedAt: timeSchema,
  version: z.int(),
  retiredAt: timeSchema.nullable(),
});

const changeable = {
  name: nameSchema,
  hostname: nameSchema,
  sensorId: idSchema.nullable().optional(),
  site: nameSchema.nullable().optional(),
  zone: nameSchema.nullable().optional(),
  validation: validationSchema.optional(),
  crl: switchSchema.optional(),
  profile: nameSchema.optional(),
};
export const newApplianceSchema = z.object({ ...changeable, role: z.enum(['sensor', 'ha']).optional() }).strict();
export const applianceChangeSchema = z.object(changeable).partial().strict();

export const identitySchema = z.object({
  id: idSchema,
  applianceId: idSchema,
  name: z.string(),
  origin: z.enum(['self-signed', 'upload', 'generated']),
  state: z.enum(['staged', 'active', 'previous', 'ended']),
  fingerprint: z.string().describe('SHA-256 of the certificate, hex'),
  spkiFingerprint: z.string(),
  subject: z.string(),
  cn: z.string(),
  notBefore: timeSchema,
  notAfter: timeSchema,
  crl: switchSchema,
  verdict: z.enum(['accepted', 'unsupported']),
  reason: z.string().nullable(),
  stagedAt: timeSchema,
  activateAt: timeSchema.nullable(),
  activatedAt: timeSchema.nullable(),
  confirmBy: timeSchema.nullable(),
  confirmedAt: timeSchema.nullable(),
  endedAt: timeSchema.nullable(),
});

/** The fields of the upload form that are no files; in JSON the files are PEM text or Base64 of DER. */
export const uploadFieldsSchema = z.object({
  name: nameSchema,
  passphrase: z.string().max(4096).optional(),
  passphraseSet: z.stringbool().or(z.boolean()).optional(),
  crl: switchSchema.optional(),
  reason: z.string().trim().max(2000).optional(),
  activateAt: timeSchema.optional(),
  confirmWithinMinutes: z.coerce.number().int().min(1).max(10_080).optional(),
});
export const uploadResultSchema = z.object({
  uploadId: idSchema,
  outcome: z.enum(['refused', 'reason-needed', 'staged', 'activated']),
  report: reportSchema,
  identity: identitySchema.optional(),
});
export const uploadSchema = z.object({
  id: idSchema,
  applianceId: idSchema,
  name: z.string(),
  at: timeSchema,
  actor: z.string(),
  verdict: verdictSchema,
  outcome: uploadResultSchema.shape.outcome,
  identityId: idSchema.nullable(),
});
