import type { PeerName } from '../../core/path/question.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Who may be at the other end, beside having a valid certificate; all that is given must hold. */
export interface AllowList {
  /** Subject CN, any of these; case ignored. */
  readonly commonNames?: readonly string[];
  /** subjectAltName dNSName, any of these. */
  readonly dnsNames?: readonly string[];
  /** SHA-256 of the SubjectPublicKeyInfo, hex, any of these. */
  readonly publicKeys?: readonly string[];
}

interface CommonSettings {
  /** As people and logs call it. */
  readonly id: string;
  readonly listen: Address;
  readonly target: Address;
  /** `mandatory`: failure halts the channel; `none`: failure is only shown. */
  readonly validation: 'mandatory' | 'none';
  /** Judges and reports, blocks nothing: for the first weeks. */
  readonly observe?: boolean;
  readonly crl: 'on' | 'off';
  /** How long a CRL still counts after its nextUpdate; default 0: no current CRL blocks. */
  readonly staleCrlGraceHours?: number;
  readonly allow?: AllowList;
  readonly limits?: Partial<ChannelLimits>;
}

export interface ChannelLimits {
  readonly connections: number;
  readonly handshakeMs: number;
  /** New connections a minute from one address. */
  readonly perSourceAMinute: number;
  /** How long live connections may go on when the process is told to end. */
  readonly drainMs: number;
}

export const DEFAULT_LIMITS: ChannelLimits = {
  connections: 2000,
  // A handshake takes milliseconds; a slow client must not hold a place for Node's two minutes.
  handshakeMs: 10_000,
  perSourceAMinute: 600,
  drainMs: 10_000,
};

/** How the certificate of a web console that speaks TLS itself is judged. */
export interface TargetTls {
  /** The name that it must carry; default: the target's host. */
  readonly serverName?: string;
  /** SHA-256 of it, hex: stands in for path and name, as RFC 5425 §5.2 has it. Appliances come with self-signed ones. */
  readonly fingerprints?: readonly string[];
}

/** TLS in front of an appliance's web console. */
export interface ConsoleSettings extends CommonSettings {
  readonly kind: 'console';
  /** Present: the web console behind it speaks TLS itself. Else it is plain. */
  readonly targetTls?: TargetTls;
  /** Speaks HTTP with both sides: X-Forwarded headers inwards, Strict-Transport-Security outwards. Else bytes. */
  readonly http?: boolean;
}

/** Mutual TLS between sensor and HA server: one side connects, the other listens. */
export interface HaSettings extends CommonSettings {
  readonly kind: 'ha-listener' | 'ha-connector';
  /** The name that the listener's certificate must carry; the connector checks it. */
  readonly serverName?: string;
}

/** Plain on this side, verified TLS to the partner. */
export interface PartnerSettings extends CommonSettings {
  readonly kind: 'partner';
  /** The name that the partner's certificate must carry; default: the target's host. */
  readonly serverName?: string;
  /** SHA-256 of the partner's certificate, hex (RFC 5425 §5.2): stands in for path and name. */
  readonly fingerprints?: readonly string[];
  /** Whether to show our own certificate when asked. */
  readonly clientCertificate?: boolean;
}

export type ChannelSettings = ConsoleSettings | HaSettings | PartnerSettings;

/** The name to be found in the certificate of whoever is dialled. */
export function serverNameOf(dialled: { readonly serverName?: string; readonly target: Address }): PeerName {
  const value = dialled.serverName ?? dialled.target.host;
  return { kind: /^[\d.]+$|:/.test(value) ? 'ip' : 'dns', value };
}

/** The fingerprints that stand in for path and name; undefined: path and name count. */
export const pinsOf = (settings: ChannelSettings): readonly string[] | undefined =>
  settings.kind === 'partner'
    ? settings.fingerprints
    : settings.kind === 'console'
      ? settings.targetTls?.fingerprints
      : undefined;
