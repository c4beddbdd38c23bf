import { toHex } from '../../../core/der/values.ts';
import type { ParsedCertificate } from '../../../core/path/parsed-certificate.ts';
import type { RevocationAnswer } from '../../../core/revocation/question.ts';
import type { Certificate } from '../../../core/x509/certificate.ts';
import { nameOf } from '../anchors.ts';
import { sha256 } from '../fingerprint.ts';
import type { Explained } from './fleet.ts';

/** One certificate of the chain that an identity rests on, for whoever draws it. Times in milliseconds. */
export interface ChainLink {
  /** `anchor`: one of the inventory. */
  readonly role: 'leaf' | 'intermediate' | 'anchor';
  readonly subject: string;
  /** The CN, or what comes nearest. */
  readonly cn: string;
  readonly issuer: string;
  /** Hex. */
  readonly serial: string;
  readonly fingerprint: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly anchorId: string | null;
  readonly revocation: 'good' | 'revoked' | 'unknown' | 'off' | 'not-asked';
  /** What speaks against this one. */
  readonly problems: readonly string[];
}

/** Leaf first: the verified path, or the chain that came closest; of a certificate that issued itself, just that. */
export function chainOf({ assessment, loaded, judge, at }: Explained): ChainLink[] {
  const { explored } = assessment;
  const { material } = loaded;
  if (material === undefined) return [];
  // Dates of the certificate itself are no matter of the path.
  const own = assessment.matters
    .filter(({ finding }) => OF_DATES.has(finding.rule))
    .map(({ finding }) => finding.message);
  if (explored === undefined) {
    const revocation = 'not-asked';
    return [{ ...linkOf(material.leaf), role: 'leaf', anchorId: null, revocation, problems: own }];
  }
  const best = explored.verified ?? explored.attempts[0];
  const nodes: readonly ParsedCertificate[] = best?.certificates ?? [];
  const problems = explored.verified === undefined ? (explored.attempts[0]?.problems ?? []) : [];
  const asked = material.identity.crl === 'on';
  const answers = asked ? judge.answersFor(material, at) : assessment.answers;
  return nodes.map((node, index) => {
    const anchorId = judge.anchorId(explored, node) ?? null;
    const role = index === 0 ? 'leaf' : anchorId === null ? 'intermediate' : 'anchor';
    return {
      ...linkOf(node.certificate),
      role,
      anchorId,
      revocation: role === 'anchor' ? 'not-asked' : revocationOf(answers?.[index], asked),
      problems: [
        ...(index === 0 ? own : []),
        ...problems.filter(({ certificate }) => certificate === node).map(({ message }) => message),
      ],
    };
  });
}

const OF_DATES = new Set(['crt-valid-from', 'crt-valid-to']);

function revocationOf(answer: RevocationAnswer | undefined, asked: boolean): ChainLink['revocation'] {
  if (answer?.status === 'revoked') return 'revoked';
  if (!asked) return 'off';
  if (answer === undefined) return 'not-asked';
  return answer.status === 'good' ? 'good' : 'unknown';
}

const linkOf = (certificate: Certificate) => ({
  subject: certificate.subject.toString(),
  cn: nameOf(certificate.subject),
  issuer: certificate.issuer.toString(),
  serial: toHex(certificate.serialNumber.content()),
  fingerprint: sha256(certificate.der),
  notBefore: certificate.notBefore.seconds * 1000,
  notAfter: certificate.notAfter.seconds * 1000,
});
