import { formatTime } from '../../../der/time.ts';
import { toHex } from '../../../der/values.ts';
import type { CertificateStatus } from '../../../revocation/chain-status.ts';
import {
  defineRule,
  inCertificate,
  notApplicable,
  notChecked,
  pass,
  refused,
  unsupported,
  vendor,
} from '../../define.ts';
import type { BundleSubject, Outcome } from '../../rule.ts';

export const revocationStatus = defineRule({
  id: 'revocation-status',
  origin: 'defender-iot',
  title: 'Not revoked',
  source: vendor('SSL/TLS certificate requirements for on-premises resources'),
  quote: 'Some organizations also validate their certificates against a Certificate Revocation List (CRL)',
  required: 'neither the certificate nor a CA above it revoked or on hold',
  explanation:
    'Passes: current CRLs of every CA involved do not list the certificate, nor an intermediate.\n\nRefused: revoked or on hold.\n\nUnsupported: an intermediate without distribution point and without CRL.\n\nNot applicable: `--crl off`. Not checked: nobody said whether you validate against a CRL, or no CRL answers the question.',
  applianceSays: 4,
  needs: 'bundle',
  gives: ['pass', 'unsupported', 'refused', 'not-applicable', 'not-checked'],
  check(subject) {
    const { crl, revocation } = subject.circumstances;
    if (crl === 'off') return OFF;
    if (crl === undefined) return UNSTATED;
    if (revocation === undefined) return NO_FACTS;
    const problems = revocation.statuses.flatMap((status) => outcomeOf(status, subject) ?? []);
    if (problems.length > 0) return problems;
    return pass({ found: () => foundGood(revocation.statuses) });
  },
});

const OFF = notApplicable('CRL validation is off.');
const UNSTATED = notChecked(
  'Nobody said whether your organisation validates against a CRL: check with --crl on or --crl off.',
);
const NO_FACTS = notChecked('No CRL was asked.');

function foundGood(statuses: readonly CertificateStatus[]): string {
  const ends = statuses.flatMap(({ answer }) => answer?.validUntil ?? []);
  const count = `the certificate${statuses.length > 1 ? ` and ${statuses.length - 1} CA above it` : ''}`;
  return ends.length === 0
    ? `${count} not listed`
    : `${count} not listed; CRLs current until ${formatTime(Math.min(...ends))}`;
}

function outcomeOf(status: CertificateStatus, subject: BundleSubject): Outcome | undefined {
  const { answer, isLeaf, certificate } = status;
  const who = isLeaf ? 'the certificate' : `the CA certificate "${certificate.subject}"`;
  const location = () => locationOf(status, subject);
  const uploaded = subject.circumstances.upload === true;
  if (answer === undefined) {
    return notChecked(
      `Whether ${who} is revoked cannot be told: the certificate of its issuer is not at hand, so nobody knows whose CRL to trust.`,
      {
        found: `issuer "${certificate.issuer}"`,
        fix: uploaded
          ? 'Upload the chain with the certificate.'
          : 'Give the CA certificates with --chain FILE or --trust FILE.',
        location,
      },
    );
  }
  if (answer.status === 'good') return undefined;
  if (answer.status === 'revoked') {
    const serial = toHex(certificate.serialNumber.content(), ':');
    const since = answer.revokedAt === undefined ? '' : ` since ${formatTime(answer.revokedAt)}`;
    const why = answer.reason === undefined ? '' : `, reason ${answer.reason}`;
    const hold = answer.reason === 'certificateHold';
    return refused({
      found: `serial number ${serial} on the CRL of "${answer.crl?.issuer ?? certificate.issuer}"${since}${why}`,
      message: hold
        ? `${upperFirst(who)} is on hold${since}: its CA has suspended it and may yet revoke it.`
        : `${upperFirst(who)} has been revoked${since}${why === '' ? '' : ` (${answer.reason})`}. A revocation is for good.`,
      fix: hold ? HOLD_FIX : isLeaf ? LEAF_FIX : CA_FIX,
      location,
    });
  }
  const why = answer.issues[0]?.message ?? 'no CRL answers for it';
  if (!isLeaf && !status.namesDistributionPoint && answer.issues.every(({ code }) => code === 'crl-missing')) {
    return unsupported({
      found: `"${certificate.subject}" names no CRL, and none was given`,
      message: `Whether ${who} is revoked cannot be told: it names no CRL and none of its issuer was given.`,
      fix: `${uploaded ? `Upload the CRL of "${certificate.issuer}" to Certgate` : `Give the CRL of "${certificate.issuer}" with --crl-file FILE`}, or have the CA certificate issued with a distribution point.`,
      location,
      // It is not revoked, as far as anybody knows.
      applianceSays: 6,
    });
  }
  return notChecked(`Whether ${who} is revoked cannot be told: ${why}.`, {
    found: why,
    fix: uploaded
      ? `Upload the current CRL of "${certificate.issuer}" to Certgate, then repeat this.`
      : `Give a current CRL of "${certificate.issuer}": certgate check … --crl-file FILE. Fetch it by hand with: certgate crl fetch URL`,
    location,
  });
}

const HOLD_FIX = 'Ask the CA why it is on hold. Once it is released, its next CRL no longer lists it.';
const LEAF_FIX =
  'Make a new key and have the CA sign a new certificate; the revoked one and its key must not be used any more.';
const CA_FIX =
  'Every certificate below that CA is worthless now. Ask your PKI team for a certificate from the CA that replaces it.';

const upperFirst = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

function locationOf(
  { certificate, isLeaf }: CertificateStatus,
  { bundle, block }: BundleSubject,
): ReturnType<typeof inCertificate> {
  if (isLeaf) return inCertificate(block, 'tbsCertificate.serialNumber', certificate.serialNumber);
  const held = bundle.chain?.certificates.find((entry) => entry.certificate === certificate);
  return held === undefined ? { file: 'chain' } : { file: held.file, block: held.block.index };
}
