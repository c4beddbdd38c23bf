import type { Certificate } from '../../../x509/certificate.ts';
import { authorityKeyIdentifier } from '../../../x509/extensions/authority-key-identifier.ts';
import { subjectKeyIdentifier } from '../../../x509/extensions/subject-key-identifier.ts';
import { askForNewOne } from '../../advice.ts';
import { defineRule, inCertificate, pass, rfc, unsupported } from '../../define.ts';

export const crtSelfSigned = defineRule({
  id: 'crt-self-signed',
  origin: 'certgate',
  title: 'Signed by a CA',
  source: rfc(5280, '3.2 Certification Paths and Trust'),
  quote:
    'Self-issued certificates are CA certificates in which the issuer and subject are the same entity. … Self-signed ' +
    'certificates are self-issued certificates where the digital signature may be verified by the public key bound into the certificate.',
  reading:
    'The appliance comes with a self-signed certificate, asks for a real one at the first sign-in, and takes another self-signed ' +
    "one only after an explicit confirmation, for testing. Told by the names and key identifiers; the signature itself is the path's business.",
  required: 'a certificate signed by a CA, not by itself',
  explanation:
    'Passes: issuer and subject differ, or the key identifiers do.\n\nUnsupported: issuer and subject are the same and nothing says that another key signed it. Nobody can tell a self-signed certificate from one that an attacker made with the same names. For a test, `--allow-unsupported` is the confirmation that the appliance asks for.',
  applianceSays: null,
  needs: 'certificate',
  gives: ['pass', 'unsupported'],
  check({ certificate, block, bundle }) {
    // Comparing names by their meaning is dear; without a bundle (bulk) the same bytes must do.
    const { issuer, subject } = certificate;
    const selfIssued = subject.element.sameBytes(issuer.element) || (bundle !== undefined && certificate.isSelfIssued);
    if (!selfIssued || signedByAnotherKey(certificate)) return pass({ found: () => `signed by ${issuer.toString()}` });
    return unsupported({
      found: () => `issuer and subject ${subject.toString()}`,
      location: inCertificate(block, 'tbsCertificate.issuer', issuer.element),
      message: 'The certificate is signed by itself, not by a CA: good for a test only, nobody can verify who made it.',
      fix: () => `${askForNewOne(certificate)} (for a test: confirm with --allow-unsupported)`,
      clientsSay: 'NET::ERR_CERT_AUTHORITY_INVALID',
    });
  },
});

function signedByAnotherKey(certificate: Certificate): boolean {
  const authority = certificate.get(authorityKeyIdentifier)?.keyIdentifier;
  const own = certificate.get(subjectKeyIdentifier)?.keyIdentifier;
  if (authority === undefined || own === undefined) return false;
  const a = authority.content();
  const b = own.content();
  return a.length !== b.length || a.some((octet, i) => octet !== b[i]);
}
