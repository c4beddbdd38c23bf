import { SIGNATURE_ALGORITHMS } from '../../../x509/algorithms.data.ts';
import { askForNewOne } from '../../advice.ts';
import { defineRule, inCertificate, pass, recurring, refused, unsupported, vendor } from '../../define.ts';

const SHA256_WITH_RSA = '1.2.840.113549.1.1.11';
const BROKEN_HASHES: readonly (string | undefined)[] = ['MD2', 'MD4', 'MD5', 'SHA-1'];

export const crtSignatureAlgorithm = defineRule({
  id: 'crt-signature-algorithm',
  origin: 'defender-iot',
  title: 'Signed with SHA256RSA',
  source: vendor('CRT file requirements'),
  quote: 'Signature Algorithm: SHA256RSA',
  reading:
    'SHA256RSA is how Windows spells sha256WithRSAEncryption (RFC 4055). What is broken (MD2, MD4, MD5, SHA-1) or cannot ' +
    'serve TLS any more (DSA) is refused; other sound algorithms "might work, they aren\'t supported".',
  required: 'sha256WithRSAEncryption (SHA256RSA)',
  explanation:
    "Passes: sha256WithRSAEncryption.\n\nRefused: MD2, MD4, MD5 and SHA-1 signatures, DSA, and a certificate whose two statements of its algorithm (inside and outside the signed part) differ.\n\nUnsupported: any other, e.g. RSA-PSS, SHA-384, ECDSA.\n\nThe algorithm is chosen by whoever signs: it is your CA's setting, not your request's.",
  applianceSays: 6,
  needs: 'certificate',
  gives: ['pass', 'unsupported', 'refused'],
  check({ certificate, block }) {
    const { signatureAlgorithm: outer, innerSignatureAlgorithm: inner } = certificate;
    const name = nameOf(outer.oid);
    // RFC 5280 §4.1.1.2: "This field MUST contain the same algorithm identifier as the signature field".
    if (!outer.element.sameBytes(inner.element)) {
      const differs =
        outer.oid === inner.oid ? `${name} with different parameters` : `${name} outside, ${nameOf(inner.oid)} inside`;
      return refused({
        found: differs,
        location: inCertificate(block, 'signatureAlgorithm', outer.element),
        message: `The certificate names two different signature algorithms (${differs}): it was altered or badly made.`,
        fix: 'Export the certificate again from the CA; if it is the same there, have the CA issue a new one.',
      });
    }
    if (outer.oid === SHA256_WITH_RSA) return pass({ found: name });
    const location = inCertificate(block, 'signatureAlgorithm', outer.element);
    const known = SIGNATURE_ALGORITHMS[outer.oid];
    const fix = () =>
      `Have your CA sign with SHA-256 and RSA (a setting of the CA). ${askForNewOne(certificate, known?.key === 'RSA' ? {} : { newKeyBits: 2048 })}`;
    if (known?.key === 'DSA') {
      return refused({
        found: name,
        location,
        fix,
        message: `The certificate is signed with ${name}; DSA is not accepted any more.`,
      });
    }
    if (BROKEN_HASHES.includes(known?.hash)) {
      return refused({
        found: name,
        location,
        fix,
        message: forgeable(outer.oid),
      });
    }
    return unsupported({
      found: name,
      location,
      fix,
      message: notPromised(outer.oid),
    });
  },
});

const nameOf = recurring((oid: string) => SIGNATURE_ALGORITHMS[oid]?.name ?? `an unknown algorithm (${oid})`);
const forgeable = recurring(
  (oid: string) =>
    `The certificate is signed with ${nameOf(oid)}; ${SIGNATURE_ALGORITHMS[oid]!.hash} is broken: such a signature can be forged.`,
);
const notPromised = recurring(
  (oid: string) => `The certificate is signed with ${nameOf(oid)}; it might work, but only SHA256RSA is supported.`,
);
