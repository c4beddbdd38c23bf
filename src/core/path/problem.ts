import type { Finding, Source } from '../base/finding.ts';
import type { Element } from '../der/element.ts';
import type { Origin, ParsedCertificate } from './parsed-certificate.ts';

/**
 * Why a certificate or a chain is refused. The order is that of usefulness: of several candidate chains the one whose
 * worst problem stands furthest down came closest to being valid, and its reason is told first.
 */
export const PROBLEM_CODES = [
  'issuer-unknown',
  'untrusted-root',
  'signature-invalid',
  // A search that was given up may have missed a valid chain: that is worth more than where a dead end was.
  'budget-exceeded',
  'malformed',
  'signature-algorithm-mismatch',
  'not-a-ca',
  'algorithm-unsupported',
  'path-too-long',
  'key-identifier-mismatch',
  'unknown-critical-extension',
  'certificate-profile',
  'weak-signature',
  'weak-key',
  'name-constraints',
  'policy',
  'extended-key-usage',
  'key-usage',
  'not-yet-valid',
  'expired',
  'revocation-unknown',
  'revoked',
  'peer-name',
] as const;

export type ProblemCode = (typeof PROBLEM_CODES)[number];

export interface Problem {
  readonly code: ProblemCode;
  readonly certificate: ParsedCertificate;
  /** In the terms of RFC 5280, e.g. `tbsCertificate.validity.notAfter`. */
  readonly field?: string;
  readonly element?: Element | undefined;
  readonly found?: string;
  readonly required?: string;
  /** One sentence; names the certificate where it is not the leaf. */
  readonly message: string;
  readonly fix?: string;
  readonly section?: string;
}

const RANK = new Map<ProblemCode, number>(PROBLEM_CODES.map((code, index) => [code, index]));

export const rankOf = (code: ProblemCode): number => RANK.get(code)!;

/** RFC 5280 unless the section says which document it is of. */
export function sourceOf(section: string): Source {
  const at = section.indexOf(' §');
  return at < 0
    ? { document: 'RFC 5280', section }
    : { document: section.slice(0, at), section: section.slice(at + 2) };
}

const REISSUE = 'Ask the CA that issued this certificate for a new one in which this is put right';

/** What to do where the problem itself does not say it better. */
const FIXES: Readonly<Record<ProblemCode, string>> = {
  'budget-exceeded': 'Hand in only the certificates of the one chain that is meant',
  'issuer-unknown': 'Add the missing CA certificate to the chain',
  'untrusted-root': 'If this root is your own CA, add it to the trust anchors after comparing its fingerprint',
  'signature-invalid': 'Take the certificates from the CA anew; this one was damaged, or is not of this CA',
  malformed: 'Take the file from the CA anew; if it stays so, the CA has to issue it again',
  'signature-algorithm-mismatch': REISSUE,
  'not-a-ca': 'Have the certificate issued by a CA certificate; this one may not issue any',
  'algorithm-unsupported': 'Have the certificate signed with a common algorithm, such as sha256WithRSAEncryption',
  'path-too-long': 'Have the certificate issued by a CA nearer to the root, or the limit above it raised',
  'key-identifier-mismatch':
    'Put the CA certificate with the right key into the chain, or have the certificate issued again',
  'unknown-critical-extension': REISSUE,
  'certificate-profile': REISSUE,
  'weak-signature': 'Have it issued again with a SHA-256 signature',
  'weak-key': 'Make a new key, RSA with at least 2048 bits, and have it certified',
  'name-constraints': 'Use a name that the CA may issue for, or a CA that may issue for this name',
  policy: 'Ask for a certificate under the policy that is demanded',
  'extended-key-usage': 'Have it issued for the purpose it is used for (extKeyUsage serverAuth, clientAuth)',
  'key-usage': 'Have it issued with the key usage that is needed',
  'not-yet-valid': 'Wait until it is valid, or put right the clock',
  expired: 'Renew it, and put the new one in place of the old',
  'revocation-unknown': 'Fetch the current CRL of its issuer and hand it in with --crl-file',
  revoked: 'Have a new certificate issued, with a new key',
  'peer-name': 'Use the name that stands in the certificate, or have it issued for the name that is used',
};

export const fixOf = ({ code, fix }: Problem): string => fix ?? FIXES[code];

const LEAF: Origin = { list: 'leaf', index: 0 };

/** The finding that a caller of the library sees; `file` is the input's own name and `block` the place in its list. */
export function toFinding(problem: Problem, origins: ReadonlyMap<ParsedCertificate, Origin>): Finding {
  const { certificate, field, element, found, required, message, section } = problem;
  const { list, index } = origins.get(certificate) ?? LEAF;
  return {
    rule: 'trust-path',
    status: 'refused',
    location: {
      file: list,
      ...(list === 'leaf' ? {} : { block: index }),
      ...(field === undefined ? {} : { path: field }),
      ...(element === undefined ? {} : { offset: element.offset, length: element.length }),
    },
    ...(found === undefined ? {} : { found }),
    ...(required === undefined ? {} : { required }),
    message,
    fix: fixOf(problem),
    source: sourceOf(section ?? '6.1'),
  };
}
