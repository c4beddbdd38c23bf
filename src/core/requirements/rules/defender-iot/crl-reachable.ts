import type { CrlFailureCode } from '../../../base/ports.ts';
import type { Delivery } from '../../../revocation/gather.ts';
import type { Certificate } from '../../../x509/certificate.ts';
import { defineRule, notApplicable, notChecked, pass, refused, vendor, warning } from '../../define.ts';
import type { Outcome } from '../../rule.ts';

export const crlReachable = defineRule({
  id: 'crl-reachable',
  origin: 'defender-iot',
  title: 'The CRL can be fetched',
  source: vendor('CRT file requirements'),
  quote: 'CRL Distribution Point: URL to a CRL server.',
  reading:
    'A certificate may give several URLs for one CRL; they are tried in turn, and one that answers is enough. A CRL that was fetched ' +
    'before and is still current stands in for one that cannot be had: an outage of the CRL server must not stop the plant.',
  required: 'a distribution point that answers with a CRL',
  explanation:
    'Passes: the URLs of the distribution point answer.\n\nRefused: none of them answers and no current CRL is held.\n\nWarning: one does not answer, or a CRL that is still current had to serve.\n\nNot applicable unless CRL validation is on. Not checked where CRLs were given as files: then nothing is fetched.',
  applianceSays: 5,
  needs: 'bundle',
  gives: ['pass', 'warning', 'refused', 'not-applicable', 'not-checked'],
  check({ certificate, circumstances: { crl, revocation } }) {
    if (crl !== 'on') return NOT_ON;
    const deliveries = revocation?.deliveries;
    if (deliveries === undefined) return OFFLINE;
    if (deliveries.length === 0) return NO_URL;
    const problems = deliveries.flatMap((delivery) => [...outcomeOf(delivery, certificate), ...deltaOutcome(delivery)]);
    if (problems.length > 0) return problems;
    return pass({ found: () => deliveries.map(({ url }) => url).join(', ') });
  },
});

const NOT_ON = notApplicable('CRL validation is not on (--crl on).');
const OFFLINE = notChecked('CRLs were not fetched: whether the appliance can reach the URLs was not tried.');
const NO_URL = notApplicable('No certificate names a URL of a CRL.');

/** The server answered, and what it sent is judged by the rule crl-current. */
const ANSWERED: ReadonlySet<CrlFailureCode> = new Set([
  'wrong-issuer',
  'bad-signature',
  'stale',
  'not-yet-valid',
  'older',
]);

function outcomeOf({ certificate, urls, url, crl, from, failures }: Delivery, leaf: Certificate): Outcome[] {
  const failed = failures.filter(({ code }) => !ANSWERED.has(code));
  const [first] = failed;
  if (first === undefined) return [];
  const location = { file: first.url };
  const all = failed.map(({ url: asked, message }) => `${asked} gives no CRL: ${message}`).join(' ');
  const whose = certificate === leaf ? 'the certificate' : `the CA certificate "${certificate.subject}"`;
  if (crl === undefined) {
    // One of them did answer, if with a CRL that cannot be used.
    if (failures.length > failed.length) return [warning({ found: first.url, message: all, fix: first.fix, location })];
    return [
      refused({
        found: `${urls.length === 1 ? first.url : `${urls.length} URLs, none of which gives a CRL`} (${first.code})`,
        message: `No CRL can be had for ${whose}. ${all}`,
        fix: first.fix,
        location,
      }),
    ];
  }
  const serves =
    from === 'held' ? 'The CRL fetched earlier is still current and serves.' : `${url} answers and serves.`;
  return [warning({ found: `${first.url} (${first.code})`, message: `${all} ${serves}`, fix: first.fix, location })];
}

/** The complete CRL is there, and what was revoked since it was made would stand on the delta. */
function deltaOutcome({ delta, url }: Delivery): Outcome[] {
  const [first] = delta?.failures ?? [];
  if (delta === undefined || delta.crl !== undefined || first === undefined) return [];
  return [
    warning({
      found: `${first.url} (${first.code})`,
      message: `${url} answers, but not its delta CRL, which has the newest revocations: ${first.message}`,
      fix: first.fix,
      location: { file: first.url },
    }),
  ];
}
