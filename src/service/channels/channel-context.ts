import type { Finding } from '../../core/base/finding.ts';
import type { TlsIdentity } from '../../platform/tls/server-options.ts';
import type { Trust } from '../../platform/tls/trust.ts';
import type { BreakGlass, Overlooked } from './break-glass.ts';
import type { MonotonicClock } from './trusted-time.ts';

/** The certificate that a channel shows, its key, and the certificates as DER, its own first. */
export interface ChannelIdentity {
  readonly tls: TlsIdentity;
  readonly chain: readonly Uint8Array[];
}

/** Where a channel gets its identity; the inventory and a folder of files both are one. */
export interface IdentitySource {
  current(): ChannelIdentity | undefined;
}

export type ChannelEvent =
  /** With findings: let through all the same, because of `override`, or because validation is none or observes. */
  | { readonly event: 'accepted'; readonly findings: readonly Finding[]; readonly override?: string }
  | {
      readonly event: 'refused';
      readonly reason: RefusalReason;
      readonly findings: readonly Finding[];
      /** What an exception would have to overlook; absent: none helps. */
      readonly overlookable?: readonly Overlooked[];
      /** What the system or OpenSSL said, where there is no finding. */
      readonly problem?: string;
    }
  /** What stands behind a console was let through although something speaks against its certificate. */
  | { readonly event: 'target-accepted'; readonly findings: readonly Finding[]; readonly override?: string }
  | {
      readonly event: 'closed';
      readonly reason: string;
      /** Why, where a verdict ended it. */
      readonly verdict?: ClosingVerdict;
      readonly bytesIn: number;
      readonly bytesOut: number;
    }
  | { readonly event: 'halted'; readonly findings: readonly Finding[]; readonly overlookable?: readonly Overlooked[] }
  /** With findings: an exception carries it. */
  | { readonly event: 'resumed'; readonly findings?: readonly Finding[] };

/** Why a live connection may not go on. */
export interface ClosingVerdict {
  readonly reason: 'peer-certificate' | 'own-certificate' | 'target-certificate';
  readonly findings: readonly Finding[];
  readonly overlookable: readonly Overlooked[];
}

export type RefusalReason =
  | 'peer-certificate'
  | 'own-certificate'
  | 'refused-by-other-end'
  | 'handshake'
  | 'handshake-timeout'
  | 'too-many-connections'
  | 'too-many-attempts'
  | 'target-unreachable'
  | 'target-handshake'
  | 'target-certificate'
  | 'stopping';

/** One line of the log: what happened to whose connection. */
export type LoggedEvent = ChannelEvent & {
  readonly channel: string;
  /** `address:port` of the other end. */
  readonly peer?: string;
  /** SHA-256 of its certificate. */
  readonly fingerprint?: string | undefined;
  readonly subject?: string | undefined;
};

/** What a channel works with. Everything is at hand synchronously: nothing is awaited between handshake and verdict. */
export interface ChannelContext {
  readonly identity: IdentitySource;
  /** Anchors and CRLs as they are now. */
  readonly trust: () => Trust;
  readonly clock: MonotonicClock;
  readonly breakGlass?: BreakGlass;
  readonly log: (event: LoggedEvent) => void;
}
