import { askForNewOne } from '../../advice.ts';
import { defineRule, inCertificate, pass, recurring, refused, unsupported, vendor } from '../../define.ts';
import { describeKey } from '../../key-words.ts';

export const crtPublicKey = defineRule({
  id: 'crt-public-key',
  origin: 'defender-iot',
  title: 'RSA key of 2048 or 4096 bits',
  source: vendor('CRT file requirements'),
  quote: 'Public Key: RSA 2048 bits (Minimum) or 4096 bits',
  reading:
    'The page says "2048 (Minimum) or 4096" for the certificate and "either RSA 2048 bits or 4096 bits" for the key file. ' +
    'Both sentences promise 2048 and 4096; below the minimum nothing works, and other sizes above it are promised by nobody.',
  required: 'an RSA key of 2048 or 4096 bits',
  explanation:
    'Passes: RSA with 2048 or 4096 bits.\n\nRefused: RSA below 2048 bits; DSA.\n\nUnsupported: RSA of another size from 2049 bits up, elliptic curves, Ed25519 and Ed448, keys restricted to RSASSA-PSS.\n\n4096 bits cost more than three times the CPU of 2048 at every handshake.',
  applianceSays: 6,
  needs: 'certificate',
  gives: ['pass', 'unsupported', 'refused'],
  check({ certificate, block }) {
    const spki = certificate.subjectPublicKeyInfo;
    if (spki.kind === 'RSA' && (spki.rsa.bits === 2048 || spki.rsa.bits === 4096))
      return pass({ found: () => describeKey(spki) });
    const found = describeKey(spki);
    const location = inCertificate(block, 'tbsCertificate.subjectPublicKeyInfo', spki.element);
    const fix = () => askForNewOne(certificate, { newKeyBits: 2048 });
    if (spki.kind === 'RSA' && spki.rsa.bits < 2048) {
      return refused({
        found,
        location,
        fix,
        message: tooShort(found),
      });
    }
    if (spki.kind === 'DSA') {
      return refused({
        found,
        location,
        fix,
        message: `The public key is ${found}; no current TLS client accepts DSA.`,
      });
    }
    return unsupported({
      found,
      location,
      fix,
      message: notPromised(found),
    });
  },
});

const tooShort = recurring(
  (found: string) => `The public key is ${found}: too short to be safe, and below the minimum of 2048 bits.`,
);
const notPromised = recurring(
  (found: string) => `The public key is ${found}; it might work, but only RSA with 2048 or 4096 bits is supported.`,
);
