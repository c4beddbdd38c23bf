import { type Finding } from '../../../core/base/finding.ts';
import { formatTime } from '../../../core/der/time.ts';
import { type Attempt } from '../../../core/path/build.ts';
import { fixOf, type Problem, type ProblemCode, sourceOf } from '../../../core/path/problem.ts';
import { askForNewOne } from '../../../core/requirements/advice.ts';
import { crlLocations } from '../../../core/revocation/locations.ts';
import type { RevocationAnswer } from '../../../core/revocation/question.ts';
import type { Certificate } from '../../../core/x509/certificate.ts';
import type { Material } from './material.ts';
import type { State } from './standing.ts';

/** Something that speaks against a certificate in use. */
export interface Matter {
  readonly state: State;
  /** Milliseconds; null: not known. */
  readonly since: number | null;
  readonly finding: Finding;
}

export const SOON_DAYS = 30;

/** The certificate's own dates. @param at seconds since 1970, floored */
export function datesMatter({ leaf }: Material, at: number): Matter | undefined {
  const { notBefore, notAfter } = leaf;
  const shared = { location: { file: 'crt' }, source: { document: 'RFC 5280', section: '4.1.2.5' } };
  if (at > notAfter.seconds) {
    return {
      state: 'expired',
      since: (notAfter.seconds + 1) * 1000,
      finding: {
        ...shared,
        rule: 'crt-valid-to',
        status: 'refused',
        found: formatTime(notAfter.seconds),
        required: 'a future date',
        message: `The certificate expired at ${formatTime(notAfter.seconds)}.`,
        fix: `${askForNewOne(leaf)} Then upload it here.`,
      },
    };
  }
  if (at < notBefore.seconds) {
    return {
      state: 'not-yet-valid',
      since: null,
      finding: {
        ...shared,
        rule: 'crt-valid-from',
        status: 'refused',
        found: formatTime(notBefore.seconds),
        required: 'a past date',
        message: `The certificate is valid only from ${formatTime(notBefore.seconds)} on.`,
        fix: 'Go back to the one before until then, or compare the clock of this server.',
      },
    };
  }
  if (at <= notAfter.seconds - SOON_DAYS * 86_400) return undefined;
  return {
    state: 'expiring',
    since: (notAfter.seconds - SOON_DAYS * 86_400 + 1) * 1000,
    finding: {
      ...shared,
      rule: 'crt-expires-soon',
      status: 'warning',
      found: formatTime(notAfter.seconds),
      required: `at least ${SOON_DAYS} days left`,
      message: `The certificate expires at ${formatTime(notAfter.seconds)}.`,
      fix: `Order the next one now. ${askForNewOne(leaf)}`,
    },
  };
}

export const selfSignedMatter = ({ leaf, identity }: Material): Matter => ({
  state: 'no-certificate',
  since: identity.activated_at,
  finding: {
    rule: 'crt-self-signed',
    status: 'unsupported',
    location: { file: 'crt' },
    found: `issued by itself: ${leaf.issuer.toString()}`,
    required: 'a certificate that a CA issued',
    message: 'Only a self-signed certificate is in use: nobody can check it. It is for testing.',
    fix: `${askForNewOne(leaf)} Then upload it here.`,
  },
});

export const NOTHING_UPLOADED: Omit<Finding, 'location'> = {
  rule: 'crt-file',
  status: 'refused',
  message: 'No certificate has been uploaded yet.',
  fix: 'Upload one, or make a key and a request for one here (CSR).',
};

export const unsupportedMatter = ({ identity }: Material): Matter => ({
  state: 'unsupported',
  since: identity.activated_at,
  finding: {
    rule: 'verdict',
    status: 'unsupported',
    message: `The vendor does not support this certificate; it is in use for this reason: ${identity.reason ?? 'none was given'}`,
    fix: 'See the report of its upload for what is unsupported, and have the next one issued without that.',
  },
});

/** What speaks against the best chain that was found. */
export function pathMatter(problem: Problem, { leaf }: Material, answer: RevocationAnswer | undefined): Matter {
  const { code, found, required, message, section } = problem;
  return {
    state: STATE_OF[code] ?? 'untrusted',
    since: sinceOf(problem, answer),
    finding: {
      rule: RULE_OF[code] ?? 'trust-path',
      status: 'refused',
      location: { file: problem.certificate.certificate.der === leaf.der ? 'crt' : 'chain' },
      ...(found !== undefined && { found }),
      ...(required !== undefined && { required }),
      message: `${message}.`,
      fix: `${fixHere(problem)}.`,
      source: sourceOf(section ?? '6.1'),
    },
  };
}

const STATE_OF: Partial<Record<ProblemCode, State>> = { revoked: 'revoked', 'revocation-unknown': 'stale-crl' };
const RULE_OF: Partial<Record<ProblemCode, string>> = {
  revoked: 'revocation-status',
  'revocation-unknown': 'crl-current',
};

function sinceOf({ code, certificate }: Problem, answer: RevocationAnswer | undefined): number | null {
  if (code === 'expired') return (certificate.certificate.notAfter.seconds + 1) * 1000;
  if (code === 'revoked') return answer?.revokedAt === undefined ? null : answer.revokedAt * 1000;
  const ranOut = answer?.issues.find((issue) => issue.code === 'crl-expired')?.crl?.list.nextUpdate;
  return code === 'revocation-unknown' && ranOut !== undefined ? (ranOut.seconds + 1) * 1000 : null;
}

/** The advice of the engine speaks of files and commands; here there are pages. */
function fixHere(problem: Problem): string {
  const { code, certificate } = problem;
  if (code === 'revocation-unknown') {
    const urls = locationsOf(certificate.certificate);
    const from = urls.length === 0 ? '' : `, from ${urls.join(' or ')}`;
    return `Fetch the current CRL of ${certificate.issuerLabel} now (Trust, CRLs)${from}, or upload it there by hand`;
  }
  if (code === 'issuer-unknown') {
    return `Upload the certificate again with its whole chain, or add the CA ${certificate.issuerLabel} as trust anchor (Trust) after comparing its fingerprint`;
  }
  if (code === 'untrusted-root') {
    return `If ${certificate.label} is your own CA, add it as trust anchor (Trust) after comparing its fingerprint with the one that the CA publishes; if not, ask your own CA for a certificate`;
  }
  if (code === 'revoked') return 'Have a new certificate issued, with a new key, and upload it here';
  return fixOf(problem).replace(/\.$/, '');
}

function locationsOf(certificate: Certificate): string[] {
  try {
    return crlLocations(certificate).flatMap(({ urls }) => urls);
  } catch {
    return [];
  }
}

/** CRLs are not asked for it, and one that is held lists it all the same. */
export const listedMatter = (
  attempt: Pick<Attempt, 'certificates'>,
  answer: RevocationAnswer,
  index: number,
): Matter => ({
  state: 'ready',
  since: answer.revokedAt === undefined ? null : answer.revokedAt * 1000,
  finding: {
    rule: 'revocation-status',
    status: 'warning',
    location: { file: index === 0 ? 'crt' : 'chain' },
    message: `A CRL that is held here lists ${attempt.certificates[index]!.label} as revoked; this certificate was uploaded without CRL check, so nothing halts.`,
    fix: 'Have a new certificate issued and upload it with the CRL check on.',
  },
});
