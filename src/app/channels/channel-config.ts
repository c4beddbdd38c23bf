import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { nearest } from '../../core/base/nearest.ts';
import type { Address, ChannelSettings } from '../../service/channels/channel-settings.ts';
import { typed } from '../../service/inventory/fingerprint.ts';
import { ConfigError } from '../config/config.ts';

const addressSchema = z.string().transform((text, context) => {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match !== null && port <= 65_535) return { host: match[1] ?? match[2]!, port };
  context.addIssue(`"${text}" is no address; write host:port, e.g. 127.0.0.1:8080 or [::1]:8080`);
  return z.NEVER;
});

const files = z.array(z.string().min(1));
const filesSchema = {
  certificate: z.string().optional(),
  key: z.string().optional(),
  chain: z.string().optional(),
  passphraseFile: z.string().optional(),
  anchors: files.min(1, 'name at least one file with root certificates'),
  crls: files.default([]),
  crlRefreshMinutes: z.number().min(0.01).max(1440).default(10),
};
const commonSchema = {
  id: z.string().regex(/^[A-Za-z0-9_.-]+$/, 'letters, digits, dot, dash and underscore only'),
  listen: addressSchema,
  target: addressSchema,
  validation: z.enum(['mandatory', 'none']).default('mandatory'),
  observe: z.boolean().default(false),
  crl: z.enum(['on', 'off']).default('off'),
  staleCrlGraceHours: z.number().min(0).max(720).default(0),
  allow: z.strictObject({ commonNames: files, dnsNames: files, publicKeys: files }).partial().optional(),
  limits: z
    .strictObject({
      connections: z.int().min(1).max(100_000),
      handshakeMs: z.int().min(100).max(120_000),
      perSourceAMinute: z.int().min(1),
      drainMs: z.int().min(0),
    })
    .partial()
    .optional(),
};
const fingerprintSchema = z.string().transform((text, context) => {
  const hex = typed(text);
  if (/^[0-9a-f]{64}$/.test(hex)) return hex;
  context.addIssue(
    `"${text}" is no SHA-256 fingerprint, 64 hex digits; the command for it: openssl x509 -in appliance.crt -noout -fingerprint -sha256`,
  );
  return z.NEVER;
});
const targetTlsSchema = z.strictObject({
  serverName: z.string().min(1).optional(),
  fingerprints: z.array(fingerprintSchema).min(1).optional(),
});
/** `true`: by path and name alone. */
const fromShortForm = (given: unknown): unknown => (given === true ? {} : given === false ? undefined : given);
const channelSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('console'),
    http: z.boolean().optional(),
    targetTls: z.preprocess(fromShortForm, targetTlsSchema.optional()).optional(),
    ...commonSchema,
    ...filesSchema,
  }),
  z.strictObject({
    kind: z.enum(['ha-listener', 'ha-connector']),
    serverName: z.string().optional(),
    ...commonSchema,
    ...filesSchema,
  }),
  z.strictObject({
    kind: z.literal('partner'),
    serverName: z.string().optional(),
    fingerprints: files.optional(),
    clientCertificate: z.boolean().optional(),
    ...commonSchema,
    ...filesSchema,
  }),
]);
const configSchema = z.strictObject({
  /** Where the highest time seen is kept. */
  state: z.string().default('channel-state'),
  /** What `certgate channel status` asks; 0600. */
  socket: z.string().default('channel.sock'),
  /** Where Prometheus asks, plain HTTP; default: nowhere. */
  metrics: addressSchema.optional(),
  channels: z.array(channelSchema).min(1, 'there is no channel to run'),
});

export interface ChannelFiles {
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly chain: string | undefined;
  readonly passphraseFile: string | undefined;
  readonly anchors: readonly string[];
  /** Files, or folders of files. */
  readonly crls: readonly string[];
  /** http://, and how often they are asked for. */
  readonly crlUrls: readonly string[];
  readonly crlRefreshMs: number;
}

export interface ConfiguredChannel {
  readonly settings: ChannelSettings;
  readonly files: ChannelFiles;
}

export interface ChannelConfig {
  readonly state: string;
  readonly socket: string;
  readonly metrics: Address | undefined;
  readonly channels: readonly ConfiguredChannel[];
}

/** Reads a YAML file; paths in it count from its folder. @throws {ConfigError} naming every mistake */
export function loadChannelConfig(path: string): ChannelConfig {
  const parsed = configSchema.safeParse(readYaml(path));
  if (!parsed.success)
    throw new ConfigError(parsed.error.issues.map((issue) => `${path}: ${explain(issue)}`).join('\n'));
  const base = dirname(resolve(path));
  const here = (file: string | undefined): string | undefined => (file === undefined ? undefined : resolve(base, file));
  const { state, socket, metrics, channels } = parsed.data;
  const twice = channels.find(({ id }, index) => channels.findIndex((other) => other.id === id) !== index);
  if (twice !== undefined) throw new ConfigError(`${path}: two channels are called ${twice.id}.`);
  return {
    state: resolve(base, state),
    socket: resolve(base, socket),
    metrics,
    channels: channels.map(
      ({ certificate, key, chain, passphraseFile, anchors, crls, crlRefreshMinutes, ...settings }) => ({
        settings: settings as ChannelSettings,
        files: {
          certificate: here(certificate),
          key: here(key),
          chain: here(chain),
          passphraseFile: here(passphraseFile),
          anchors: anchors.map((file) => resolve(base, file)),
          crls: crls.filter((crl) => !isUrl(crl)).map((file) => resolve(base, file)),
          crlUrls: crls.filter(isUrl),
          crlRefreshMs: crlRefreshMinutes * 60_000,
        },
      }),
    ),
  };
}

const isUrl = (text: string): boolean => /^https?:\/\//i.test(text);

function readYaml(path: string): unknown {
  try {
    return parseYaml(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError(`${path} cannot be read: ${(error as Error).message.split('\n')[0]}`);
  }
}

const KNOWN_KEYS = [
  ...new Set([
    'state',
    'socket',
    'metrics',
    'channels',
    ...Object.keys(targetTlsSchema.shape),
    ...channelSchema.options.flatMap((option) => Object.keys(option.shape)),
  ]),
];

function explain(issue: z.core.$ZodIssue): string {
  const where = issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  if (issue.code !== 'unrecognized_keys') return `${where}${issue.message}`;
  const [key = ''] = issue.keys;
  return `${where}there is no key ${key}. Did you mean ${nearest(key, KNOWN_KEYS)}?`;
}
