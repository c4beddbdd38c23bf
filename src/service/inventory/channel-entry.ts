import type { Selectable } from 'kysely';
import type { Schema } from '../../platform/store/schema.ts';
import { keyOf, problemOfHostname, problemOfName } from './appliances.ts';
import { typed } from './fingerprint.ts';
import { InventoryError } from './inventory-error.ts';

export type ChannelKind = 'console' | 'ha-listener' | 'ha-connector' | 'partner';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What a channel is told, beside whose certificate it shows. */
export interface ChannelEntrySettings {
  /** Port 0: any free one. */
  readonly listen: Endpoint;
  /** Null for a partner: its own address. */
  readonly target: Endpoint | null;
  /** `console`: speaks HTTP with both sides. */
  readonly http: boolean;
  /** `ha-connector`: the name in the listener's certificate; null: the host of the target. */
  readonly serverName: string | null;
  /** `console`: how the web console behind it is judged, where that speaks TLS itself; null: it is plain. */
  readonly targetTls: {
    /** Null: the host of the target. */
    readonly serverName: string | null;
    /** SHA-256 of its certificate, lower-case hex: stands in for path and name. */
    readonly fingerprints: readonly string[];
  } | null;
  readonly validation: 'mandatory' | 'none';
  readonly crl: 'on' | 'off';
  readonly mode: 'enforce' | 'observe';
  /** 0: no current CRL blocks. */
  readonly staleCrlGraceHours: number;
  readonly allow: {
    readonly commonNames: readonly string[];
    readonly dnsNames: readonly string[];
    /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
    readonly publicKeys: readonly string[];
  };
  readonly limits: {
    readonly connections: number;
    readonly handshakeMs: number;
    readonly perSourceAMinute: number;
    readonly drainMs: number;
  };
}

/** A channel as the inventory has it; whether it runs is another question. Times in milliseconds. */
export interface ChannelEntry extends ChannelEntrySettings {
  readonly id: string;
  readonly name: string;
  readonly kind: ChannelKind;
  /** Whose active identity is shown; null for a partner channel. */
  readonly applianceId: string | null;
  readonly partnerId: string | null;
  /** Where it runs: null on the server, else on the host with the token of this name. */
  readonly node: string | null;
  readonly enabled: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Grows with every change. */
  readonly version: number;
}

export const DEFAULT_CHANNEL = {
  target: null,
  http: false,
  serverName: null,
  targetTls: null,
  mode: 'enforce',
  staleCrlGraceHours: 0,
  allow: { commonNames: [], dnsNames: [], publicKeys: [] },
  limits: { connections: 2000, handshakeMs: 10_000, perSourceAMinute: 600, drainMs: 10_000 },
} as const satisfies Partial<ChannelEntrySettings>;

const IP_ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f:]*:[0-9a-f:.]*)$/i;

/** The same, tidied up. @throws {InventoryError} `invalid` with what is wrong and what would be right */
export function checkedChannel(entry: ChannelEntry): ChannelEntry {
  const { kind, name, node } = entry;
  if (problemOfName(name) !== undefined) throw invalid('A channel needs a name of 1 to 200 printable characters.');
  if (node !== null && problemOfName(node) !== undefined) {
    throw invalid('The node is the name of the API token that its host uses.');
  }
  demandEnds(entry);
  demandHost('listen', entry.listen, 0);
  if (entry.target !== null) demandHost('target', entry.target, 1);
  if (entry.http && kind !== 'console') throw invalid('Only a console channel speaks HTTP.');
  if (entry.serverName !== null) {
    if (kind !== 'ha-connector') {
      throw invalid("Only an ha-connector has a server name of its own; that of a partner is among the partner's.");
    }
    demandServerName(entry.serverName);
  }
  if (entry.targetTls !== null && kind !== 'console') {
    throw invalid('Only a console channel can lead to a web console that speaks TLS (targetTls).');
  }
  const publicKeys = entry.allow.publicKeys.map(typed);
  if (publicKeys.some((key) => !/^[0-9a-f]{64}$/.test(key))) {
    throw invalid(
      'A public key of the allow-list is the SHA-256 of its SubjectPublicKeyInfo, 64 hex digits: openssl x509 -in peer.crt -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum',
    );
  }
  return {
    ...entry,
    name: name.trim(),
    node: node?.trim() ?? null,
    allow: { ...entry.allow, publicKeys },
    targetTls: checkedTargetTls(entry),
  };
}

function checkedTargetTls({ targetTls }: ChannelEntry): ChannelEntry['targetTls'] {
  if (targetTls === null) return null;
  const { serverName } = targetTls;
  if (serverName !== null) demandServerName(serverName);
  const fingerprints = targetTls.fingerprints.map(typed);
  if (fingerprints.every((fingerprint) => /^[0-9a-f]{64}$/.test(fingerprint))) return { serverName, fingerprints };
  throw invalid(
    "A fingerprint of the appliance's certificate is its SHA-256, 64 hex digits: openssl x509 -in appliance.crt -noout -fingerprint -sha256",
  );
}

function demandServerName(name: string): void {
  if (IP_ADDRESS.test(name) || problemOfHostname(name) === undefined) return;
  throw invalid(`${JSON.stringify(name.slice(0, 80))} is no name that a certificate can carry.`);
}

/** Which of appliance, partner and target a kind has. */
function demandEnds({ kind, applianceId, partnerId, target }: ChannelEntry): void {
  if (kind === 'partner') {
    if (partnerId === null) throw invalid('A partner channel leads to a partner: name it (partnerId).');
    if (applianceId !== null) {
      throw invalid(
        'A partner channel shows the certificate that is set at the partner (clientApplianceId); it has no applianceId of its own.',
      );
    }
    if (target !== null) throw invalid("A partner channel leads to the partner's own address; leave target out.");
    return;
  }
  if (partnerId !== null) throw invalid(`A channel of kind ${kind} leads to no partner; leave partnerId out.`);
  if (applianceId === null) {
    throw invalid(`A channel of kind ${kind} shows an appliance's certificate: name the appliance (applianceId).`);
  }
  if (target === null) throw invalid(`Say where the channel leads to: target, with host and port.`);
}

function demandHost(what: 'listen' | 'target', { host, port }: Endpoint, leastPort: number): void {
  if (!IP_ADDRESS.test(host) && problemOfHostname(host) !== undefined) {
    throw invalid(`${what}.host is ${JSON.stringify(host.slice(0, 80))}: neither a host name nor an IP address.`);
  }
  if (!Number.isInteger(port) || port < leastPort || port > 65_535) {
    throw invalid(`${what}.port is a number from ${leastPort} to 65535.`);
  }
}

const invalid = (message: string): InventoryError => new InventoryError('invalid', message);

type Row = Selectable<Schema['channels']>;

export function toChannelRow(entry: ChannelEntry, disabledAt: number | null): Row {
  const { id, name, kind, applianceId, partnerId, node, createdAt, updatedAt, version, enabled, ...settings } = entry;
  return {
    id,
    name,
    name_key: keyOf(name),
    kind,
    appliance_id: applianceId,
    partner_id: partnerId,
    node,
    settings: JSON.stringify(settings),
    created_at: createdAt,
    updated_at: updatedAt,
    disabled_at: enabled ? null : disabledAt,
    version,
  };
}

export const toChannelEntry = (row: Row): ChannelEntry => ({
  // Older rows have no targetTls.
  ...({ targetTls: null, ...JSON.parse(row.settings) } as ChannelEntrySettings),
  id: row.id,
  name: row.name,
  kind: row.kind,
  applianceId: row.appliance_id,
  partnerId: row.partner_id,
  node: row.node,
  enabled: row.disabled_at === null,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  version: row.version,
});
