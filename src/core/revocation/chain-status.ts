import type { Crypto } from '../base/ports.ts';
import { DerError } from '../der/errors.ts';
import type { Certificate } from '../x509/certificate.ts';
import { cRLDistributionPoints } from '../x509/extensions/crl-distribution-points.ts';
import { checkRevocation } from './check-revocation.ts';
import type { Delivery } from './gather.ts';
import { isSignedBy, verifies } from './judge-crl.ts';
import type { OpenCrl } from './open-crl.ts';
import type { CrlTrust, RevocationAnswer } from './question.ts';

/** A certificate and those above it, each signed by the next. Nothing is said about validity, names or trust. */
export interface SignedChain {
  /** Leaf first; the last is a root, or one whose issuer is not at hand. */
  readonly certificates: readonly Certificate[];
  /** The last one signed itself, or is an anchor. */
  readonly complete: boolean;
  /** It leads to a configured anchor. */
  readonly anchored: boolean;
}

export interface ChainMaterial {
  readonly leaf: Certificate;
  /** Certificates that came with it. */
  readonly others: readonly Certificate[];
  readonly anchors: readonly Certificate[];
  readonly crypto: Crypto;
}

// No honest chain is longer; a loop of cross-certificates would be endless.
const LONGEST_CHAIN = 16;

/** Follows the signatures upwards. Anchors are preferred, so that a chain ends as soon as it is trusted. */
export function followSignatures({ leaf, others, anchors, crypto }: ChainMaterial): SignedChain {
  const certificates = [leaf];
  for (;;) {
    const last = certificates.at(-1)!;
    const anchored = anchors.some((anchor) => sameBytes(anchor.der, last.der));
    if (anchored || certificates.length === LONGEST_CHAIN) return { certificates, complete: anchored, anchored };
    const issuer = [...anchors, ...others].find(
      (candidate) => !certificates.includes(candidate) && isIssuedBy(last, candidate, crypto),
    );
    if (issuer === undefined) return { certificates, complete: isIssuedBy(last, last, crypto), anchored: false };
    certificates.push(issuer);
  }
}

function isIssuedBy(certificate: Certificate, issuer: Certificate, crypto: Crypto): boolean {
  try {
    return certificate.issuer.equals(issuer.subject) && verifies(certificate, issuer, crypto);
  } catch (error) {
    // A name that cannot be read is nobody's.
    if (error instanceof DerError) return false;
    throw error;
  }
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((octet, i) => octet === b[i]);

/** What CRLs say about one certificate of the chain. */
export interface CertificateStatus {
  readonly certificate: Certificate;
  readonly isLeaf: boolean;
  readonly namesDistributionPoint: boolean;
  /** Undefined where its issuer is not at hand, so that no CRL can be trusted. */
  readonly answer: RevocationAnswer | undefined;
}

/** Everything that the rules on revocation judge. */
export interface RevocationFacts {
  /** Leaf first, the root left out. */
  readonly statuses: readonly CertificateStatus[];
  /** CRLs given as such; not those that were fetched. */
  readonly given: readonly OpenCrl[];
  /** Why others that were given could not be opened. */
  readonly unreadable: readonly string[];
  /** Undefined: nothing was fetched, since CRLs were given or nobody can fetch here. */
  readonly deliveries: readonly Delivery[] | undefined;
}

/**
 * Asks all CRLs at hand about every certificate of a chain but its root. Nothing but signatures is known about the chain
 * and about the signers of CRLs: for a report, where no path could be verified; never enough to let traffic through.
 */
export function statusesOf(
  chain: SignedChain,
  material: ChainMaterial,
  crls: readonly OpenCrl[],
  at: number,
): CertificateStatus[] {
  const trust = trustOf(chain, material);
  const { certificates, complete } = chain;
  // RFC 5280 §6.1: the trust anchor is not part of the path; nobody can revoke it but whoever configured it.
  const asked = complete ? certificates.slice(0, Math.max(1, certificates.length - 1)) : certificates;
  return asked.map((certificate, i) => {
    const issuer = certificates[i + 1] ?? (complete ? certificate : undefined);
    return statusOf(certificate, i === 0, issuer && checkRevocation({ certificate, issuer, crls, at, trust }));
  });
}

export const statusOf = (
  certificate: Certificate,
  isLeaf: boolean,
  answer: RevocationAnswer | undefined,
): CertificateStatus => ({
  certificate,
  isLeaf,
  namesDistributionPoint: certificate.extensions.find(cRLDistributionPoints.oid) !== undefined,
  answer,
});

/** Signers are taken whose own signatures lead into the chain. */
function trustOf(chain: SignedChain, { others, anchors, crypto }: ChainMaterial): CrlTrust {
  return {
    verifySignature: (crl, signer) => isSignedBy(crl, signer, crypto),
    *crlSigners(name) {
      const above = chain.certificates.slice(1);
      for (const certificate of above) if (certificate.subject.equals(name)) yield certificate;
      for (const certificate of [...others, ...anchors]) {
        if (above.includes(certificate) || !certificate.subject.equals(name)) continue;
        if (above.some((issuer) => isIssuedBy(certificate, issuer, crypto))) yield certificate;
      }
    },
  };
}
