import type { KeyUsageName } from '../x509/extensions/key-usage.ts';
import type { CertificateCheck } from './certificate-checks.ts';
import type { PathSettings } from './settings.ts';

export type Purpose = 'server' | 'client' | 'any';

export type RevocationMode = 'off' | 'if-available' | 'required';

/** A name that the peer must have. Kinds as in `validatePath`. */
export interface PeerName {
  readonly kind: 'dns' | 'ip' | 'email';
  readonly value: string;
}

/** What is asked about every candidate chain: the inputs of RFC 5280 §6.1.1 beside the certificates. */
export interface PathQuestion {
  /** Seconds since 1970, floored: certificates know no fractions. */
  readonly at: number;
  readonly settings: PathSettings;
  readonly checks: readonly CertificateCheck[];
  readonly purpose: Purpose;
  /** Bits of keyUsage that the leaf must have, where it has the extension at all. */
  readonly keyUsage: readonly KeyUsageName[];
  readonly peerNames: readonly PeerName[];
  /** The leaf's own dates, extensions and key are judged elsewhere: only what ties it to the chain counts here. */
  readonly leafJudgedElsewhere: boolean;
  /** Intermediates, self-issued ones not counted. */
  readonly maxDepth: number;
  readonly revocation: RevocationMode;
  /** user-initial-policy-set, dotted; anyPolicy where none was given. */
  readonly initialPolicySet: readonly string[];
  readonly explicitPolicy: boolean;
  readonly inhibitMapping: boolean;
  readonly inhibitAny: boolean;
}
