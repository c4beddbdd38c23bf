import { z } from 'zod';
import { findingSchema } from './report.ts';
import { idSchema, nameSchema, timeSchema } from './values.ts';

// Channels: connections that carry data only while the certificates of their ends hold.
//   GET    /channels                                  [channel]                        inventory:read
//   POST   /channels                                  newChannel → channel             inventory:write
//   GET    /channels/:id                              channel, ETag                    inventory:read
//   PATCH  /channels/:id        If-Match              channelChange → channel          inventory:write
//   DELETE /channels/:id        If-Match                                               inventory:write
//   GET    /channels/states                           [channelState]                   inventory:read
//   GET    /channels/:id/state                        channelState                     inventory:read
//   GET    /channels/:id/connections                  channelConnections               inventory:read
//   GET    /channels/forecast?at=TIME[&channelId=ID]  channelForecast                  inventory:read
//   GET    /channels/:id/overrides                    [override], newest first         inventory:read
//   POST   /channels/:id/overrides                    newOverride → override           channels:override, no token
//   DELETE /channels/:id/overrides/:overrideId        override, as it ended            channels:override, no token

export const channelKindSchema = z
  .enum(['console', 'ha-listener', 'ha-connector', 'partner'])
  .describe(
    'console: TLS in front of a web console; ha-listener and ha-connector: the two ends of an HA link, both show certificates; partner: plain here, verified TLS to a partner',
  );

const hostSchema = z.string().trim().min(1).max(253);
export const addressSchema = z.object({ host: hostSchema, port: z.int().min(1).max(65_535) });
const listenSchema = z.object({ host: hostSchema, port: z.int().min(0).max(65_535).describe('0: any free one') });

const namesSchema = z.array(z.string().trim().min(1).max(300)).max(100);
export const allowListSchema = z
  .object({
    commonNames: namesSchema.describe('subject CN, any of these'),
    dnsNames: namesSchema.describe('subjectAltName dNSName, any of these'),
    publicKeys: namesSchema.describe('SHA-256 of the SubjectPublicKeyInfo in hex, any of these'),
  })
  .describe('who may be at the other end, beside having a valid certificate; an empty list demands nothing');

export const channelLimitsSchema = z.object({
  connections: z.int().min(1).max(100_000),
  handshakeMs: z.int().min(100).max(120_000),
  perSourceAMinute: z.int().min(1).max(1_000_000).describe('new connections from one address'),
  drainMs: z.int().min(0).max(600_000).describe('how long connections may go on when the channel is stopped'),
});

const settings = {
  name: nameSchema,
  applianceId: idSchema.nullable().describe('whose active certificate is shown; null for a partner channel'),
  partnerId: idSchema
    .nullable()
    .describe('whose server name, fingerprints and client certificate count; null for every other kind'),
  node: nameSchema
    .nullable()
    .describe('where it runs: null on the server itself, else on the host that has the API token of this name'),
  listen: listenSchema,
  target: addressSchema
    .nullable()
    .describe('what it leads to: the service behind it, or the ha-listener; null for a partner: its own address'),
  http: z
    .boolean()
    .describe('console: speak HTTP (X-Forwarded headers, HSTS, WebSockets); else bytes are carried as they are'),
  serverName: z
    .string()
    .trim()
    .min(1)
    .max(253)
    .nullable()
    .describe("ha-connector: the name that the listener's certificate must carry; null: the host of the target"),
  targetTls: z
    .strictObject({
      serverName: z
        .string()
        .trim()
        .min(1)
        .max(253)
        .nullable()
        .default(null)
        .describe('the name that its certificate must carry; null: the host of the target'),
      fingerprints: z
        .array(z.string().trim().min(1).max(300))
        .max(20)
        .default([])
        .describe('SHA-256 of its certificate in hex, any of these: in place of path and name; its dates still count'),
    })
    .nullable()
    .describe(
      'console: the web console behind it speaks TLS itself, and nothing is sent to it unless its certificate holds; null: it is plain. Replaced as a whole',
    ),
  validation: z.enum(['mandatory', 'none']).describe('none: judged and reported, never blocked'),
  crl: z.enum(['on', 'off']).describe('on: every certificate of the path needs a current CRL that does not list it'),
  mode: z.enum(['enforce', 'observe']).describe('observe: judges and reports, blocks nothing, for the first weeks'),
  staleCrlGraceHours: z
    .number()
    .min(0)
    .max(720)
    .describe('how long a CRL still counts after its nextUpdate; 0: no current CRL blocks'),
  allow: allowListSchema,
  limits: channelLimitsSchema,
  enabled: z.boolean(),
};

export const channelSchema = z.object({
  id: idSchema,
  kind: channelKindSchema,
  ...settings,
  createdAt: timeSchema,
  updatedAt: timeSchema,
  version: z.int(),
});

/** What is left out: validation and CRL as the appliance or the partner has them, the rest plain and strict. */
export const newChannelSchema = z.strictObject({
  ...z.object(settings).partial().shape,
  kind: channelKindSchema,
  name: nameSchema,
  listen: listenSchema,
  allow: allowListSchema.partial().optional(),
  limits: channelLimitsSchema.partial().optional(),
});
/** The kind stays; `allow` and `limits` are changed key by key. */
export const channelChangeSchema = z.strictObject({
  ...z.object(settings).partial().shape,
  allow: allowListSchema.partial().optional(),
  limits: channelLimitsSchema.partial().optional(),
});

/** What an exception may overlook. Never: a revoked certificate, a wrong name, no certificate. */
export const overlookedSchema = z.enum(['date', 'stale-crl', 'chain']);

export const overrideSchema = z.object({
  id: idSchema,
  channelId: idSchema,
  overlooks: z.array(overlookedSchema),
  fingerprint: z.string().describe('SHA-256 of the one certificate that it is for, lower-case hex'),
  reason: z.string(),
  openedBy: z.string().describe('a user; "host (NAME)" where it was opened at the channel itself'),
  openedAt: timeSchema,
  endsAt: timeSchema,
  /** Null while it is open. */
  closedAt: timeSchema.nullable(),
  closedBy: z.string().nullable().describe('"system" where its time was over'),
});
export const newOverrideSchema = z.strictObject({
  overlooks: z.array(overlookedSchema).min(1),
  fingerprint: z
    .string()
    .trim()
    .max(300)
    .describe(
      'SHA-256 of the certificate, with or without colons: of the refused connection, or of blocked.fingerprint',
    ),
  reason: z.string().trim().min(10).max(1000),
  hours: z.number().positive().max(24).default(1),
  password: z.string().min(1).max(1024).describe("the signed-in user's own, again"),
});

export const refusalReasonSchema = z.enum([
  'peer-certificate',
  'own-certificate',
  'refused-by-other-end',
  'handshake',
  'handshake-timeout',
  'too-many-connections',
  'too-many-attempts',
  'target-unreachable',
  'target-handshake',
  'target-certificate',
  'stopping',
]);

const heldCrlSchema = z.object({
  issuer: z.string(),
  thisUpdate: timeSchema,
  nextUpdate: timeSchema.nullable(),
  ageSeconds: z.number(),
  current: z.boolean().describe('false: nextUpdate is over'),
});

const overlookableSchema = z
  .array(overlookedSchema)
  .describe('what an exception would have to overlook to let it through; empty: no exception can');

/**
 * How a channel fares, in one word:
 * `flows`; `observed` (something is wrong, but validation is none or mode is observe); `overridden` (an exception carries
 * it); `blocked` (its own certificate does not hold, or that of whom it dials); `not-listening` (e.g. its port is taken, or no identity yet);
 * `no-process` (whoever should run it does not, or is not heard of); `disabled`.
 */
export const channelConditionSchema = z.enum([
  'flows',
  'observed',
  'overridden',
  'blocked',
  'not-listening',
  'no-process',
  'disabled',
]);

export const channelStateSchema = z.object({
  channelId: idSchema,
  condition: channelConditionSchema,
  problem: z.string().nullable().describe('one sentence on what is the matter, and what to do; null: nothing is'),
  process: z.object({
    node: nameSchema.nullable(),
    state: z
      .enum(['running', 'starting', 'restarting', 'away', 'none'])
      .describe('restarting: it crashed, and waits; away: on another host, and not connected; none: not wanted'),
    pid: z.int().nullable(),
    restarts: z.int().describe('since the server started'),
    /** When the process last said something; null: never. */
    heardAt: timeSchema.nullable(),
    serverAway: z
      .object({ since: timeSchema, until: timeSchema })
      .nullable()
      .describe('when the process last had to go on without the server'),
    clockTrusted: z.boolean(),
  }),
  /** The actual port, where `listen.port` is 0. */
  listening: z.object({ host: z.string(), port: z.int() }).nullable(),
  target: z.object({ host: z.string(), port: z.int() }).nullable(),
  certificate: z
    .object({
      fingerprint: z.string().describe('SHA-256, lower-case hex'),
      subject: z.string(),
      notAfter: timeSchema,
      daysLeft: z.number().describe('negative: since then'),
    })
    .nullable()
    .describe('its own, as it is shown now; null: it shows none'),
  findings: z
    .array(findingSchema)
    .describe('what speaks against its own certificate, or that of whom it dials, whether or not that blocks'),
  blocked: z
    .object({
      since: timeSchema,
      whose: z
        .enum(['own', 'peer'])
        .describe('peer: of the partner, listener or web console that it dials, at the last attempt'),
      fingerprint: z.string().nullable().describe('of the certificate that does not hold; null: there is none'),
      overlookable: overlookableSchema,
    })
    .nullable()
    .describe('set while nothing flows; why is in findings'),
  connections: z.int(),
  bytesIn: z.number(),
  bytesOut: z.number(),
  handshakes: z.object({
    accepted: z.int(),
    refused: z.array(z.object({ reason: refusalReasonSchema, rule: z.string().nullable(), count: z.int() })),
  }),
  crls: z.array(heldCrlSchema),
  overrides: z.array(overrideSchema).describe('those that are open'),
});

export const liveConnectionSchema = z.object({
  peer: z.string().describe('address:port'),
  fingerprint: z.string().nullable().describe('of its certificate; null: it shows none'),
  subject: z.string().nullable(),
  since: timeSchema,
  validUntil: timeSchema.nullable().describe('when it is closed unless something changes; null: not foreseeable'),
  bytesIn: z.number(),
  bytesOut: z.number(),
  overrideId: idSchema.nullable().describe('the exception that carries it'),
});

export const refusedConnectionSchema = z.object({
  at: timeSchema,
  peer: z.string().nullable(),
  /** `closed`: it was live, and ended by a verdict. */
  what: z.enum(['refused', 'closed']),
  reason: refusalReasonSchema,
  problem: z.string().nullable().describe('what the system or OpenSSL said, where there is no finding'),
  findings: z.array(findingSchema),
  fingerprint: z.string().nullable(),
  subject: z.string().nullable(),
  overlookable: overlookableSchema,
});

export const channelConnectionsSchema = z.object({
  channelId: idSchema,
  /** When the process said so; null: no process is heard of. */
  at: timeSchema.nullable(),
  total: z.int().describe('live ones; `live` holds the newest 200'),
  live: z.array(liveConnectionSchema),
  refused: z.array(refusedConnectionSchema).describe('the last 50, newest first'),
});

export const forecastQuerySchema = z.object({
  at: z.string().max(40).describe('2027-01-31, or 2027-01-31T08:00:00Z'),
  channelId: idSchema.optional(),
});
export const channelForecastSchema = z.object({
  at: timeSchema,
  channels: z.array(
    z.object({
      channelId: idSchema,
      name: nameSchema,
      /** Of the channel as a whole, by its own certificate. */
      outcome: z
        .enum(['flows', 'observed', 'blocked', 'disabled'])
        .describe('with the anchors of now, and provided that the CA goes on publishing CRLs that list nothing new'),
      crlsUntil: timeSchema.nullable().describe('how long the CRLs that are held now last; null: none is needed'),
      findings: z.array(findingSchema),
      /** Null: the process is not heard of; the outcome is then worked out of the inventory. */
      connections: z
        .object({
          live: z.int(),
          wouldClose: z.array(
            z.object({
              peer: z.string(),
              fingerprint: z.string().nullable(),
              subject: z.string().nullable(),
              findings: z.array(findingSchema),
            }),
          ),
        })
        .nullable(),
    }),
  ),
});
