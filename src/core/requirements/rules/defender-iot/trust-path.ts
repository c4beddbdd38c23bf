import type { OpenedBundle } from '../../../files/bundle.ts';
import type { PathReason } from '../../../path/path-facts.ts';
import { defineRule, notChecked, pass, refused, vendor } from '../../define.ts';
import type { BundleSubject, Outcome } from '../../rule.ts';

export const trustPath = defineRule({
  id: 'trust-path',
  origin: 'defender-iot',
  title: 'A valid path to a trusted root',
  source: vendor('SSL/TLS certificate requirements for on-premises resources'),
  quote: 'Some organizations also validate their certificates against … the certificate trust chain.',
  reading:
    "Valid means valid by RFC 5280 §6: every signature, date and constraint from the root down holds. The certificate's own dates, names and key have rules of their own and are not repeated here.",
  required: 'a certification path that RFC 5280 §6 accepts, up to a trust anchor',
  explanation:
    'Passes: there is a path from the certificate to a trust anchor (`--trust`, or the root of the chain as on the appliance) in which every signature, date and constraint holds.\n\nRefused: there is none. The reason is that of the path that came closest: a CA that expired, may not issue certificates, or may not issue for this name; a signature that does not fit; an issuer that is missing; a root that is not among the trust anchors.\n\nNot checked: neither chain nor anchors were given, or the certificate is its own root.',
  fix: 'Show the path with the reason at each step: certgate verify sensor.crt --chain chain.pem --trust root-ca.crt',
  applianceSays: 2,
  needs: 'bundle',
  gives: ['pass', 'refused', 'not-checked'],
  check(subject) {
    const { path } = subject.circumstances;
    if (path === undefined) return nothingToSearch(subject);
    if (path.path !== undefined) return pass({ found: () => path.path!.join(' ← ') });
    const unreadable = path.reasons.find(({ code, location }) => code === 'malformed' && location.file === 'crt');
    if (unreadable !== undefined) return notChecked(`The certificate cannot be read whole: ${unreadable.found}.`);
    const told = path.reasons.some(({ code }) => BROKEN_CHAIN.has(code)) && isJudged(subject.bundle);
    return path.reasons.map((reason) => (told && BROKEN_CHAIN.has(reason.code) ? seeChain(reason) : outcomeOf(reason)));
  },
});

function nothingToSearch({ certificate, bundle }: BundleSubject): Outcome {
  if (certificate.issuer.element.sameBytes(certificate.subject.element)) return OWN_ROOT;
  return bundle.chain === undefined ? NOTHING_GIVEN : NO_CA_GIVEN;
}

/** What chain-matches-crt tells from the same files, and with the command that mends it. */
const BROKEN_CHAIN: ReadonlySet<PathReason['code']> = new Set(['issuer-unknown', 'signature-invalid']);

const isJudged = ({ chain }: OpenedBundle): boolean => chain !== undefined && chain.certificates.length > 0;

const seeChain = ({ found, required, location }: PathReason): Outcome =>
  refused({
    found,
    required,
    location,
    message: 'No path leads to a trusted root, for the chain is broken (see chain-matches-crt).',
    fix: 'Complete the chain as chain-matches-crt says.',
  });

const OWN_ROOT = notChecked('The certificate is its own root: nothing vouches for it but whoever installs it.');
const NO_CA_GIVEN = notChecked(
  'The chain file holds no CA certificate to build a path with: see the rules on the chain.',
);
const NOTHING_GIVEN = notChecked(
  'Neither a chain nor trust anchors were given; give the CA certificates with --chain FILE or --trust FILE.',
);

const outcomeOf = ({ message, found, required, fix, location }: PathReason): Outcome =>
  refused({ message: `${message}.`, found, required, fix: `${fix}.`, location });
