import { createHash } from 'node:crypto';
import { toPem } from '../../making/encode/der.ts';
import type { OrderedOverride } from '../../service/channels/break-glass.ts';
import type { ChannelIdentity } from '../../service/channels/channel-context.ts';
import type { ChannelSettings } from '../../service/channels/channel-settings.ts';

/** Channels of one process; `all`: one process for every kind. */
export const GROUPS = ['console', 'ha', 'partner', 'all'] as const;
export type Group = (typeof GROUPS)[number];

export const groupOf = (kind: ChannelSettings['kind']): Exclude<Group, 'all'> =>
  kind === 'ha-listener' || kind === 'ha-connector' ? 'ha' : kind;

/** What the inventory says about one channel, whole. Bytes are Base64. */
export interface ChannelOrder {
  /** `settings.id` is the channel's id in the inventory. */
  readonly settings: ChannelSettings;
  readonly name: string;
  /** Null: there is none to show. */
  readonly identity: { readonly chain: readonly string[]; readonly key: string } | null;
  readonly overrides: readonly OverrideOrder[];
}

/** Times are the server's. */
export type OverrideOrder = Omit<OrderedOverride, 'remainingMs'> & { readonly endsAt: number };

/** What the inventory says to one process. It holds private keys: never to a log, a file in the clear, or a command line. */
export interface Feed {
  readonly format: 1;
  /** The server's clock when it was made, milliseconds. */
  readonly at: number;
  readonly anchors: readonly string[];
  /** SHA-256 in hex of each CRL; they come, and are kept, apart. */
  readonly crls: readonly string[];
  /** Where they are published: asked by the process itself while the server is away. */
  readonly crlUrls: readonly string[];
  readonly channels: readonly ChannelOrder[];
}

/** Tells whether anything but the time is different. */
export const digestOf = ({ at: _at, ...feed }: Feed): string =>
  createHash('sha256').update(JSON.stringify(feed)).digest('hex');

export const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const toBase64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');

/** A copy of its own, no view of a pool. */
export const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

export function identityOf({ identity }: ChannelOrder): ChannelIdentity | undefined {
  if (identity === null) return undefined;
  const chain = identity.chain.map(fromBase64);
  const certificates = chain.map((der) => toPem('CERTIFICATE', der)).join('');
  return { tls: { certificates, key: fromBase64(identity.key) }, chain };
}

/** In milliseconds of this process: the clocks of two hosts need not agree. */
export const overridesOf = ({ channels, at }: Feed): OrderedOverride[] =>
  channels.flatMap(({ overrides }) =>
    overrides.map(({ endsAt, ...override }) => ({ ...override, remainingMs: endsAt - at })),
  );
