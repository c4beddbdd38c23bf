import { Reader } from '../../../der/element.ts';
import { readSpki } from '../../../x509/spki.ts';
import { askForNewOne } from '../../advice.ts';
import { defineRule, notChecked, pass, refused, unsupported, vendor } from '../../define.ts';
import { describeKey } from '../../key-words.ts';

export const keyLength = defineRule({
  id: 'key-length',
  origin: 'defender-iot',
  title: 'Key file: RSA 2048 or 4096 bits',
  source: vendor('Key file requirements'),
  quote: 'Make sure that your certificate key files use either RSA 2048 bits or 4096 bits.',
  reading:
    'Shorter keys fall below the minimum that the same page names for the certificate; other sizes are promised by nobody.',
  required: 'an RSA private key of 2048 or 4096 bits',
  explanation:
    'Passes: an RSA private key of 2048 or 4096 bits.\n\nRefused: RSA below 2048 bits; DSA.\n\nUnsupported: RSA of another size from 2049 bits up, elliptic curves, Ed25519 and Ed448, keys restricted to RSASSA-PSS.\n\nNot checked: no key, or one that could not be opened.\n\n4096 bits make every handshake slower: `certgate bench` shows by how much on your machine.',
  fix: 'Make a new key, and ask your CA for a certificate for it: openssl req -new -newkey rsa:2048 -nodes -keyout sensor-new.key -sha256 -out sensor.csr',
  applianceSays: 6,
  needs: 'files',
  gives: ['pass', 'unsupported', 'refused', 'not-checked'],
  check({ certificate, bundle: { key } }) {
    if (key === undefined) return notChecked('No private key was given.');
    if (key.spki === undefined) {
      const why =
        key.pkcs8 === undefined ? 'could not be opened' : 'is of a kind or size that Certgate does not compute with';
      return notChecked(`The private key ${why}, so its length is unknown.`);
    }
    const spki = readSpki(new Reader(key.spki), 'subjectPublicKeyInfo');
    const found = describeKey(spki);
    const words = {
      found,
      location: { file: 'key', block: key.keys[0]?.index ?? 0 },
      ...(certificate !== undefined && {
        fix: () => `Make a new key with a new certificate. ${askForNewOne(certificate, { newKeyBits: 2048 })}`,
      }),
    };
    if (spki.kind === 'RSA' && (spki.rsa.bits === 2048 || spki.rsa.bits === 4096))
      return pass({ found, location: words.location });
    if (spki.kind === 'RSA' && spki.rsa.bits < 2048) {
      return refused({
        ...words,
        message: `The private key is ${found}: too short to be safe, and below the minimum of 2048 bits.`,
      });
    }
    if (spki.kind === 'DSA')
      return refused({ ...words, message: `The private key is ${found}; no current TLS client accepts DSA.` });
    return unsupported({
      ...words,
      message: `The private key is ${found}; it might work, but only RSA with 2048 or 4096 bits is supported.`,
    });
  },
});
