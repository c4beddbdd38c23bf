import type { Crypto } from '../../../base/ports.ts';
import { toHex } from '../../../der/values.ts';
import type { FileCertificate } from '../../../files/bundle.ts';
import { nameDamage } from '../../certificate-facts.ts';
import { called, describeAscent } from '../../chain-advice.ts';
import { climb, sameOctets } from '../../chain-order.ts';
import { broken, duplicates, inWrongOrder, rootElsewhere, strangers } from '../../chain-outcomes.ts';
import { defineRule, notChecked, pass, vendor } from '../../define.ts';

export const chainMatchesCrt = defineRule({
  id: 'chain-matches-crt',
  origin: 'defender-iot',
  title: 'The chain leads from the certificate to its root',
  source: vendor('SSL/TLS certificate requirements for on-premises resources'),
  quote: 'Some organizations also validate their certificates against … the certificate trust chain.',
  reading:
    "The appliance's upload form takes the chain as one PEM file: the issuer of the certificate first, then up to the root. Who " +
    'signed whom is told by names, key identifiers and the signatures themselves.',
  required: 'the issuer of the certificate, then its issuer, up to the root',
  explanation:
    'Passes: each certificate of the file signed the one before it, and the last is a root.\n\nRefused: the issuer is missing, or has the right name and another key; no root in the chain and none in `--trust`.\n\nUnsupported: another order; a CA that has nothing to do with the certificate.\n\nWarning: a certificate twice; the root only in `--trust`.\n\nNot checked: no chain was given.',
  fix: "Put the chain together again: cat issuing-ca.crt root-ca.crt > chain.pem (the certificate's issuer first, the root last)",
  applianceSays: 2,
  needs: 'bundle',
  gives: ['pass', 'warning', 'unsupported', 'refused', 'not-checked'],
  check(subject) {
    const { chain } = subject.bundle;
    if (chain === undefined) return NO_CHAIN;
    // A file that is no chain at all is refused by chain-file, with the reason.
    if (chain.certificates.length === 0) return NOTHING_IN_IT;
    const { certificate: leaf, circumstances } = subject;
    const readable = chain.certificates.filter(
      ({ certificate }) => certificate !== undefined && nameDamage(certificate) === undefined,
    );
    // The leaf among them is chain-file's to mention; it is not part of the way up.
    const others = readable.filter(({ certificate }) => !sameOctets(certificate!.der, leaf.der));
    const distinct = withoutDuplicates(others, circumstances.crypto);
    const pool = distinct.map(({ certificate }) => certificate!);
    let ascent = climb(leaf, pool, [], circumstances.crypto);
    const rootInChain = ascent.end === 'root';
    if (!rootInChain && circumstances.trust !== undefined) {
      ascent = climb(leaf, pool, circumstances.trust, circumstances.crypto);
    }
    if (ascent.end === 'unknown-algorithm') {
      return notChecked(
        `Who signed ${called(ascent.top.subject)} cannot be computed here: its algorithm is not supported.`,
      );
    }
    if (ascent.end !== 'root') return broken(ascent, subject, pool);
    const outcomes = [
      ...inWrongOrder(ascent, distinct),
      ...strangers(ascent, distinct),
      ...duplicates(others, distinct),
    ];
    if (!rootInChain) outcomes.push(rootElsewhere(ascent, subject, pool));
    return outcomes.length > 0 ? outcomes : pass({ found: () => describeAscent(leaf, ascent) });
  },
});

const NO_CHAIN = notChecked(
  'No chain was given, so nobody can tell whether it leads to a root; upload the chain, too (--chain FILE).',
);

const NOTHING_IN_IT = notChecked('The chain file holds no certificate: see chain-file.');

function withoutDuplicates(certificates: readonly FileCertificate[], crypto: Crypto): FileCertificate[] {
  const seen = new Set<string>();
  return certificates.filter(({ certificate }) => {
    const fingerprint = toHex(crypto.digest('sha256', certificate!.der));
    return !seen.has(fingerprint) && seen.add(fingerprint);
  });
}
