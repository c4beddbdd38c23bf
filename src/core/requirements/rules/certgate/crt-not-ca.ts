import { basicConstraints } from '../../../x509/extensions/basic-constraints.ts';
import { askForNewOne } from '../../advice.ts';
import { defineRule, inCertificate, pass, rfc, unsupported } from '../../define.ts';

export const crtNotCa = defineRule({
  id: 'crt-not-ca',
  origin: 'certgate',
  title: 'Not a CA certificate',
  source: rfc(5280, '4.2.1.9 Basic Constraints'),
  quote: 'The cA boolean indicates whether the certified public key may be used to verify certificate signatures.',
  reading:
    'An appliance signs no certificates. With CA:TRUE whoever steals its key can issue certificates for every other machine.',
  required: 'basicConstraints absent, or CA:FALSE',
  explanation:
    "Passes: no basicConstraints, or CA:FALSE.\n\nUnsupported: CA:TRUE. Self-signed certificates made with `openssl req -x509` have it unless told otherwise. Besides the danger, some clients refuse a CA certificate as a server's.",
  applianceSays: null,
  needs: 'certificate',
  gives: ['pass', 'unsupported'],
  check({ certificate, block }) {
    if (certificate.get(basicConstraints)?.cA !== true) return pass({ found: 'CA:FALSE' });
    return unsupported({
      found: 'CA:TRUE',
      location: inCertificate(
        block,
        'tbsCertificate.extensions.basicConstraints',
        certificate.extensions.find(basicConstraints.oid)?.element,
      ),
      message:
        'The certificate says CA:TRUE: it is a certificate authority, and whoever gets its key can issue certificates for other machines.',
      fix: () => `Have the CA issue an end-entity (server) certificate. ${askForNewOne(certificate)}`,
      clientsSay: 'MOZILLA_PKIX_ERROR_CA_CERT_USED_AS_END_ENTITY (Firefox)',
    });
  },
});
