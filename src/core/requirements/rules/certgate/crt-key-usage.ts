import type { Certificate } from '../../../x509/certificate.ts';
import { extKeyUsage, KEY_PURPOSE, keyPurposeName } from '../../../x509/extensions/ext-key-usage.ts';
import { keyUsage } from '../../../x509/extensions/key-usage.ts';
import { defineRule, inCertificate, pass, recurring, rfc, unsupported, warning } from '../../define.ts';

export const crtKeyUsage = defineRule({
  id: 'crt-key-usage',
  origin: 'certgate',
  title: 'May be used as a TLS server certificate',
  source: rfc(5280, '4.2.1.3 Key Usage, 4.2.1.12 Extended Key Usage'),
  quote:
    'id-kp-serverAuth … TLS WWW server authentication; key usage bits that may be consistent: digitalSignature, keyEncipherment or keyAgreement',
  reading:
    'TLS 1.3 and every suite with forward secrecy sign with the key: digitalSignature. anyExtendedKeyUsage counts as serverAuth and ' +
    'clientAuth. A sensor with an HA server, and that server, are TLS clients of each other, too.',
  required: 'keyUsage with digitalSignature; extendedKeyUsage with serverAuth, and clientAuth in an HA pair',
  explanation:
    "Passes: keyUsage with digitalSignature, extendedKeyUsage with serverAuth (and clientAuth for `--role ha`).\n\nUnsupported: keyUsage without digitalSignature, extendedKeyUsage without serverAuth: TLS clients refuse it.\n\nWarning: either extension is absent (then everything is allowed); clientAuth is absent where the appliance is half of an HA pair.\n\nThe vendor's sample has keyUsage digitalSignature, keyEncipherment, keyAgreement and extendedKeyUsage clientAuth, serverAuth.",
  fix: 'Have your CA issue it with: keyUsage = critical, digitalSignature, keyEncipherment and extendedKeyUsage = serverAuth, clientAuth (in the extensions section of its openssl.cnf; Windows CAs: the "Web Server" template with client authentication added).',
  applianceSays: null,
  needs: 'certificate',
  gives: ['pass', 'warning', 'unsupported'],
  check({ certificate, block, circumstances: { role } }) {
    const usages = certificate.get(keyUsage);
    const purposes = certificate.get(extKeyUsage);
    const any = purposes?.has(KEY_PURPOSE.anyExtendedKeyUsage) === true;
    const serves = any || purposes?.has(KEY_PURPOSE.serverAuth) === true;
    const connects = any || purposes?.has(KEY_PURPOSE.clientAuth) === true;
    if (usages !== undefined && !usages.names.has('digitalSignature')) {
      return unsupported({
        found: () => usageText(certificate),
        location: locate(certificate, block, keyUsage),
        message: 'The keyUsage does not allow digitalSignature: TLS clients refuse to connect with such a certificate.',
      });
    }
    if (purposes !== undefined && !serves) {
      return unsupported({
        found: () => usageText(certificate),
        location: locate(certificate, block, extKeyUsage),
        message:
          'The extendedKeyUsage does not allow serverAuth: it is no server certificate, and TLS clients refuse it as one.',
      });
    }
    if (usages === undefined || purposes === undefined) {
      const both = usages === undefined && purposes === undefined;
      const found = both ? NEITHER : usages === undefined ? NO_KEY_USAGE : NO_EXT_KEY_USAGE;
      return warning({ found, message: anything(found) });
    }
    if (role === 'ha' && !connects) {
      return warning({
        found: () => usageText(certificate),
        location: locate(certificate, block, extKeyUsage),
        message:
          'The extendedKeyUsage does not allow clientAuth: the two halves of an HA pair connect to each other, each as client, too.',
      });
    }
    return pass({ found: () => usageText(certificate) });
  },
});

const NO_KEY_USAGE = 'no keyUsage';
const NO_EXT_KEY_USAGE = 'no extendedKeyUsage';
const NEITHER = 'no keyUsage and no extendedKeyUsage';
const anything = recurring(
  (found: string) => `The certificate has ${found}: it may be used for anything, and strict clients refuse it.`,
);

const locate = (certificate: Certificate, block: number | undefined, { oid, name }: { oid: string; name: string }) =>
  inCertificate(block, `tbsCertificate.extensions.${name}`, certificate.extensions.find(oid)?.element);

function usageText(certificate: Certificate): string {
  const usages = usagesText(certificate.get(keyUsage)?.names ?? NOTHING);
  const purposes = certificate.get(extKeyUsage)?.purposes ?? [];
  if (purposes.length === 0) return withoutPurposes(usages);
  return `${usages}; extendedKeyUsage ${purposes.map(({ oid }) => keyPurposeName(oid)).join(', ')}`;
}

const NOTHING: ReadonlySet<string> = new Set();
const usagesText = recurring((names: ReadonlySet<string>) => `keyUsage ${[...names].join(', ') || 'none'}`);
const withoutPurposes = recurring((usages: string) => `${usages}; extendedKeyUsage none`);
