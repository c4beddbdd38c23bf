import { z } from 'zod';
import { findingSchema, verdictSchema } from './report.ts';
import { idSchema, timeSchema } from './values.ts';

/** What an appliance's certificate is worth now; the worst first. */
export const STANDING_STATES = [
  'revoked',
  'expired',
  'untrusted',
  'stale-crl',
  'not-yet-valid',
  'no-certificate',
  'expiring',
  'unsupported',
  'ready',
] as const;
export const standingStateSchema = z
  .enum(STANDING_STATES)
  .describe(
    [
      'revoked: its issuer, or that of a CA above it, has revoked it',
      'expired: notAfter is over',
      'untrusted: no path leads to a trust anchor, or a CA on it is expired or unfit',
      'stale-crl: whether it is revoked cannot be told, since no current CRL is held',
      'not-yet-valid: notBefore is to come',
      'no-certificate: none was uploaded, or a self-signed one stands in',
      'expiring: less than 30 days are left',
      'unsupported: let in for a written reason',
      'ready: nothing is the matter',
    ].join('; '),
  );
export type StandingState = z.infer<typeof standingStateSchema>;

const standing = {
  state: standingStateSchema,
  blocks: z.boolean().describe('validation is mandatory, and in this state encrypted traffic halts'),
  since: timeSchema.nullable().describe('since when, where that is known'),
  until: timeSchema.nullable().describe('when it changes by itself, unless trust anchors or CRLs change before'),
  rule: z.string().nullable().describe('what leads to the state'),
  message: z.string().nullable().describe('what is the matter, in one sentence; null where nothing is'),
  fix: z.string().nullable(),
};
export const standingBriefSchema = z.object(standing);

export const fleetRowSchema = z.object({
  id: idSchema,
  name: z.string(),
  hostname: z.string(),
  role: z.enum(['sensor', 'ha']),
  sensorId: idSchema.nullable(),
  site: z.string().nullable(),
  zone: z.string().nullable(),
  validation: z.enum(['mandatory', 'none']),
  crl: z.enum(['on', 'off']),
  profile: z.string(),
  ...standing,
  identity: z
    .object({
      id: idSchema,
      name: z.string(),
      origin: z.enum(['self-signed', 'upload', 'generated']),
      cn: z.string(),
      issuer: z.string().describe('the CN of its issuer, or what comes nearest'),
      serial: z.string().describe('hex'),
      fingerprint: z.string().describe('SHA-256 of the certificate, hex'),
      notBefore: timeSchema,
      notAfter: timeSchema,
      activatedAt: timeSchema.nullable(),
      confirmBy: timeSchema.nullable().describe('rolled back then, unless confirmed before'),
    })
    .nullable()
    .describe('the one in use'),
  staged: z
    .object({
      id: idSchema,
      name: z.string(),
      cn: z.string(),
      fingerprint: z.string(),
      notAfter: timeSchema,
      activateAt: timeSchema.nullable(),
      activationRefusedAt: timeSchema.nullable(),
    })
    .nullable()
    .describe('the one that waits for its time'),
  lastUpload: z
    .object({
      id: idSchema,
      name: z.string(),
      at: timeSchema,
      actor: z.string(),
      verdict: verdictSchema,
      outcome: z.enum(['refused', 'reason-needed', 'staged', 'activated']),
    })
    .nullable(),
});
export type FleetRow = z.infer<typeof fleetRowSchema>;

export const FLEET_SORTS = [
  'name',
  'hostname',
  'role',
  'site',
  'state',
  'notAfter',
  'activatedAt',
  'lastUpload',
] as const;

/** `a,b` or `a` repeated. */
const several = <T extends string>(values: readonly T[]) =>
  z
    .union([z.string(), z.array(z.string())])
    .transform((given) =>
      [given]
        .flat()
        .flatMap((one) => one.split(','))
        .filter((one) => one !== ''),
    )
    .pipe(z.array(z.enum(values)));

const text = z.string().max(300);
export const fleetFilterSchema = z.object({
  q: text.optional().describe('in name, host name, CN, site, zone, fingerprint, serial or sensor id'),
  state: several(STANDING_STATES).optional().describe('one or more, with commas between'),
  role: z.enum(['sensor', 'ha']).optional(),
  site: text.optional().describe('exactly this one; empty: those without'),
  zone: text.optional(),
  expiresBefore: timeSchema.optional(),
  sort: z.enum(FLEET_SORTS).default('name').describe('state: the worst first; notAfter: the earliest first'),
  direction: z.enum(['asc', 'desc']).default('asc'),
});
export const fleetQuerySchema = fleetFilterSchema.extend({
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type FleetQuery = z.input<typeof fleetQuerySchema>;

export const stateCountsSchema = z.object(
  Object.fromEntries(STANDING_STATES.map((state) => [state, z.int()])) as Record<StandingState, z.ZodInt>,
);
export const fleetSchema = z.object({
  items: z.array(fleetRowSchema),
  total: z.int().describe('how many the filters leave'),
  states: stateCountsSchema.describe('how many of each state the other filters leave: for the filter by state'),
  pending: z.int().describe('how many are being judged anew just now; their state is the last known one'),
});
export const placesSchema = z.object({
  sites: z.array(
    z.object({
      name: z.string(),
      appliances: z.int(),
      zones: z.array(z.object({ name: z.string(), appliances: z.int() })),
    }),
  ),
});

export const chainCertificateSchema = z.object({
  role: z.enum(['leaf', 'intermediate', 'anchor']).describe('anchor: one of the inventory'),
  subject: z.string(),
  cn: z.string().describe('the CN, or what comes nearest'),
  issuer: z.string(),
  serial: z.string().describe('hex'),
  fingerprint: z.string().describe('SHA-256, hex'),
  notBefore: timeSchema,
  notAfter: timeSchema,
  anchorId: idSchema.nullable(),
  revocation: z
    .enum(['good', 'revoked', 'unknown', 'off', 'not-asked'])
    .describe('not-asked: of anchors, and of broken paths'),
  problems: z.array(z.string()).describe('what speaks against this one'),
});

/** What the certificate in use is worth now, and why. */
export const applianceStandingSchema = z.object({
  applianceId: idSchema,
  at: timeSchema,
  ...standing,
  identityId: idSchema.nullable(),
  findings: z.array(findingSchema).describe('everything that speaks against it, what decides first'),
  path: z.array(chainCertificateSchema).describe('leaf first; where none is valid, the chain that came closest'),
  anchored: z.boolean().describe('the path ends in a trust anchor'),
  valid: z.boolean().describe('nothing speaks against the path'),
});
