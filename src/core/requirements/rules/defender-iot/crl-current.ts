import type { CrlFailureCode } from '../../../base/ports.ts';
import type { RevocationFacts } from '../../../revocation/chain-status.ts';
import type { RevocationCode } from '../../../revocation/question.ts';
import { wordsOf } from '../../crl-words.ts';
import { defineRule, notApplicable, notChecked, pass, refused, rfc, unsupported, warning } from '../../define.ts';
import type { Outcome } from '../../rule.ts';

export const crlCurrent = defineRule({
  id: 'crl-current',
  origin: 'defender-iot',
  title: 'The CRL is current and genuine',
  source: rfc(5280, '5.1.2 Certificate List "To Be Signed", 6.3 CRL Validation'),
  quote: 'If the current time is after the value of the CRL next update field, then … obtain an appropriate CRL',
  reading:
    'Clocks differ: a CRL may be dated up to 5 minutes ahead. One that cannot be used while another answers in its place is a warning.',
  required: "a CRL signed by the certificate's issuer, between its thisUpdate and its nextUpdate",
  explanation:
    'Passes: the CRL is signed by the right CA and its nextUpdate lies ahead.\n\nRefused: expired, forged, from another issuer, or dated more than 5 minutes ahead.\n\nUnsupported: without nextUpdate.\n\nNot applicable unless CRL validation is on. Not checked where no CRL came.',
  fix: 'Have the CA publish a current CRL, and fetch it: certgate crl fetch URL',
  applianceSays: 6,
  needs: 'bundle',
  gives: ['pass', 'warning', 'unsupported', 'refused', 'not-applicable', 'not-checked'],
  check({ circumstances: { crl, revocation } }) {
    if (crl !== 'on') return NOT_ON;
    if (revocation === undefined) return NONE_CAME;
    const problems = [...ofDeliveries(revocation), ...ofGiven(revocation), ...ofAnswers(revocation)];
    if (problems.length > 0) return problems;
    const answered = revocation.statuses.some(({ answer }) => answer !== undefined && answer.crl !== undefined);
    return answered ? pass() : NONE_CAME;
  },
});

const NOT_ON = notApplicable('CRL validation is not on (--crl on).');
const NONE_CAME = notChecked('There is no CRL to judge.');

const SPOILT: ReadonlySet<CrlFailureCode> = new Set([
  'wrong-issuer',
  'bad-signature',
  'stale',
  'not-yet-valid',
  'older',
]);

/** What a server sent and was not taken. */
function ofDeliveries({ deliveries = [] }: RevocationFacts): Outcome[] {
  return deliveries.flatMap(({ crl, failures }) =>
    failures
      .filter(({ code }) => SPOILT.has(code))
      .map(({ code, url, message, fix }) => {
        const words = { found: `${url} (${code})`, message, fix, location: { file: url } };
        return crl === undefined ? refused(words) : warning(words);
      }),
  );
}

/** Files that hold no CRL, or one of somebody else while one is missing. */
function ofGiven({ given, unreadable, statuses }: RevocationFacts): Outcome[] {
  const outcomes: Outcome[] = unreadable.map((reason) =>
    refused({
      found: reason,
      message: `A CRL that was given cannot be used: ${reason}.`,
      fix: 'Fetch it again, and compare: openssl crl -in FILE -noout -text; certgate inspect FILE says what the file is.',
    }),
  );
  const missing = statuses.find(({ answer }) => answer?.issues.some(({ code }) => code === 'crl-missing'));
  const strange = given.find(({ issuer }) => !statuses.some(({ certificate }) => certificate.issuer.equals(issuer)));
  if (missing !== undefined && strange !== undefined) {
    outcomes.push(
      refused({
        found: `a CRL of "${strange.issuer}"`,
        required: `a CRL of "${missing.certificate.issuer}"`,
        message: `The CRL that was given is of "${strange.issuer}", who issued none of these certificates.`,
        fix: `Give the CRL of "${missing.certificate.issuer}" with --crl-file FILE.`,
      }),
    );
  }
  return outcomes;
}

const UNUSABLE: ReadonlySet<RevocationCode> = new Set([
  'crl-expired',
  'crl-not-yet-valid',
  'crl-bad-signature',
  'crl-sign-missing',
  'crl-signer-unknown',
  'crl-unknown-critical',
  'crl-malformed',
]);

/** What was noticed in asking: each CRL once, as bad as it was for the certificate that needed it most. */
function ofAnswers({ statuses }: RevocationFacts): Outcome[] {
  const outcomes = new Map<string, Outcome>();
  for (const { answer } of statuses) {
    for (const issue of answer?.issues ?? []) {
      const { code, message } = issue;
      if (code === 'crl-no-next-update') outcomes.set(message, unsupported(wordsOf(issue)));
      if (!UNUSABLE.has(code) || outcomes.get(message)?.status === 'refused') continue;
      outcomes.set(message, answer?.status === 'undetermined' ? refused(wordsOf(issue)) : warning(wordsOf(issue)));
    }
  }
  return [...outcomes.values()];
}
