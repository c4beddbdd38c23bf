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
  activationRefusedAt: timeSchema.nullable().describe('when its time had come and it was no longer let in'),
  confirmBy: timeSchema.nullable(),
  confirmedAt: timeSchema.nullable(),
  endedAt: timeSchema.nullable(),
});

/** Why something unusual is wanted all the same; it goes into the audit log. */
export const reasonSchema = z
  .object({ reason: z.string().trim().max(2000).optional() })
  .strict()
  .nullish();

export const newCsrSchema = z
  .object({
    bits: z.literal([2048, 4096]).optional(),
    subject: z
      .object({
        country: z.string().max(64),
        state: z.string().max(128).optional(),
        locality: z.string().max(128).optional(),
        organization: z.string().max(128),
        organizationalUnit: z.string().max(128),
        emailAddress: z.string().max(255).optional(),
      })
      .strict()
      .optional()
      .describe('default: that of the certificate in use; the common name is the host name of the appliance'),
    alternativeNames: z.array(z.string().max(253)).max(100).optional(),
  })
  .strict()
  .nullish();
export const pendingKeySchema = z.object({
  id: idSchema,
  applianceId: idSchema,
  spkiFingerprint: z.string(),
  csr: z.string().describe('PEM'),
  createdAt: timeSchema,
  createdBy: z.string(),
});

/** The fields of the upload form that are no files; in JSON the files are PEM text or Base64 of DER. */
export const uploadFieldsSchema = z.strictObject({
  name: nameSchema,
  passphrase: z.string().max(4096).optional(),
  passphraseSet: z.stringbool().or(z.boolean()).optional(),
  crl: switchSchema.optional(),
  reason: z.string().trim().max(2000).optional(),
  activateAt: timeSchema.optional(),
  confirmWithinMinutes: z.coerce.number().int().min(1).max(10_080).optional(),
});
/** The fields of a stateless check. */
export const checkFieldsSchema = z.strictObject({
  name: nameSchema.optional(),
  passphrase: z.string().max(4096).optional(),
  profile: nameSchema.optional(),
  hostname: nameSchema.optional(),
  role: z.enum(['sensor', 'ha']).optional(),
  crl: switchSchema.optional(),
  at: timeSchema.optional(),
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

export const exportWishSchema = z
  .object({
    format: z.enum(['folder', 'pkcs12']).describe('folder: .crt, .key and .pem, as the upload form takes them'),
    passphrase: z.string().max(1024).optional().describe('encrypts the key; pkcs12 needs one'),
    which: z.enum(['active', 'staged']).optional(),
  })
  .strict();
export const exportSchema = z.object({
  files: z.array(z.object({ name: z.string(), secret: z.boolean(), content: z.string().describe('Base64') })),
});
export const csvImportSchema = z.object({ imported: z.array(z.object({ id: idSchema, name: z.string() })) });
