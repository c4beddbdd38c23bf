import type { Finding, Source } from '../base/finding.ts';
import type { Element } from '../der/element.ts';
import type { Origin, ParsedCertificate } from './parsed-certificate.ts';

/**
 * Why a certificate or a chain is refused. The order is that of usefulness: of several candidate chains the one whose
 * worst problem stands furthest down came closest to being valid, and its reason is told first.
 */
export const PROBLEM_CODES = [
  'budget-exceeded',
  'issuer-unknown',
  'untrusted-root',
  'signature-invalid',
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
function sourceOf(section: string): Source {
  const at = section.indexOf(' §');
  return at < 0
    ? { document: 'RFC 5280', section }
    : { document: section.slice(0, at), section: section.slice(at + 2) };
}

const LEAF: Origin = { list: 'leaf', index: 0 };

/** The finding that a caller of the library sees; `file` is the input's own name and `block` the place in its list. */
export function toFinding(problem: Problem, origins: ReadonlyMap<ParsedCertificate, Origin>): Finding {
  const { certificate, field, element, found, required, message, fix, section } = problem;
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
    ...(fix === undefined ? {} : { fix }),
    source: sourceOf(section ?? '6.1'),
  };
}
