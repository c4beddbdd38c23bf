import type { Certificate } from '../x509/certificate.ts';
import type { CRLReason } from '../x509/extensions/reason-code.ts';
import type { Name } from '../x509/name.ts';
import type { OpenCrl } from './open-crl.ts';

/** Is one certificate revoked? Asked for every certificate of a path, the trust anchor excepted. */
export interface RevocationQuestion {
  readonly certificate: Certificate;
  /** The next certificate on the path: the one whose key verified `certificate`. */
  readonly issuer: Certificate;
  /** All CRLs at hand, complete and delta, of any issuer, in any order. */
  readonly crls: readonly OpenCrl[];
  /** Seconds since 1970. */
  readonly at: number;
  readonly trust: CrlTrust;
}

/** What only the path validator knows. It may answer lazily: nothing is asked before names and scope have matched. */
export interface CrlTrust {
  /**
   * Whether `signer`'s key made the CRL's signature (parameters inherited where the key has none, hashes and key sizes
   * of the profile). Not called twice for one CRL and one signer.
   */
  verifySignature(crl: OpenCrl, signer: Certificate): boolean;
  /**
   * The certificates with this subject whose own path leads to the same trust anchor (RFC 5280 §6.3.3 (f)): for a CRL
   * signed by another key of the certificate's issuer, or by another CRL issuer. The path's own certificates may be
   * among them. One whose own status is just being asked is among them, too: an issuer may put a CRL signer on the
   * signer's own list (PKITS 4.14.30). See `isSettled`.
   */
  crlSigners(name: Name): Iterable<Certificate>;
  /**
   * False for a signer whose own status hangs on the answer to this question. Its list is heard, and makes no other
   * list obsolete: a revoked CRL signer could take itself off the list that names it. Absent: true for all.
   */
  isSettled?(signer: Certificate): boolean;
  /** Why this CRL's signature proves nothing, as the end of a sentence that begins with the CRL. Absent: all may. */
  refusedSignature?(crl: OpenCrl): string | undefined;
}

/** Why a CRL, or all of them, could not answer. Stable; messages may change. */
export type RevocationCode =
  /** No CRL of this issuer is at hand. */
  | 'crl-missing'
  /** thisUpdate lies more than the tolerance ahead. */
  | 'crl-not-yet-valid'
  /** nextUpdate has passed. */
  | 'crl-expired'
  /** Says nothing about when the next one comes; used all the same. */
  | 'crl-no-next-update'
  /** Nobody who may sign for this issuer made the signature. */
  | 'crl-bad-signature'
  /** The signer's keyUsage lacks cRLSign. */
  | 'crl-sign-missing'
  /** No certificate of the CRL's issuer leads to the trust anchor. */
  | 'crl-signer-unknown'
  /** For other certificates: CAs only, another distribution point, other reasons … */
  | 'crl-out-of-scope'
  /** A critical extension, of the CRL or of an entry, that we do not know: must not be used (RFC 5280 §5.2, §5.3). */
  | 'crl-unknown-critical'
  /** A field inside cannot be read. */
  | 'crl-malformed'
  /** A delta CRL without the complete CRL that it builds on. */
  | 'crl-delta-without-base'
  /** CRLs answer for some reasons only. */
  | 'crl-reasons-incomplete'
  /** The certificate's own cRLDistributionPoints cannot be read. */
  | 'distribution-points-malformed';

/** What was noticed about one CRL. */
export interface RevocationIssue {
  readonly code: RevocationCode;
  /** Undefined where it concerns no single CRL. */
  readonly crl: OpenCrl | undefined;
  /** One sentence with the values found. */
  readonly message: string;
}

export interface RevocationAnswer {
  /** `undetermined`: no usable CRL covers this certificate for every reason; the caller's mode decides what that means. */
  readonly status: 'good' | 'revoked' | 'undetermined';
  /** Of a revoked certificate; `certificateHold` may be lifted again. */
  readonly reason?: CRLReason;
  /** Seconds since 1970: the entry's revocationDate. */
  readonly revokedAt?: number;
  /** The CRL that decided (the delta where it did), or the first of those that said good. */
  readonly crl?: OpenCrl;
  /** Seconds since 1970: the earliest nextUpdate of the CRLs that the answer rests on. */
  readonly validUntil?: number;
  /** Each CRL that was looked at and could not (fully) be used; most useful first. */
  readonly issues: readonly RevocationIssue[];
}

/** How much earlier than now, in seconds, a CRL may say it was made: clocks of plants differ (RFC 5280 names none). */
export const CLOCK_TOLERANCE = 300;
