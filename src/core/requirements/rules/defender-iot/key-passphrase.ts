import { defineRule, notApplicable, notChecked, pass, refused, vendor, warning } from '../../define.ts';

const PASSPHRASE = { file: 'passphrase' } as const;

export const keyPassphrase = defineRule({
  id: 'key-passphrase',
  origin: 'defender-iot',
  title: 'The passphrase opens the key',
  source: vendor('Supported characters for keys and passphrases'),
  quote: 'The following characters are supported for creating a key or certificate with a passphrase',
  reading: 'A key may be encrypted; then the upload form needs the passphrase that opens it.',
  required: 'the passphrase that opens the private key, where that is encrypted',
  explanation:
    'Passes: the passphrase opens the key.\n\nRefused: it does not, or the key is encrypted and none was given.\n\nWarning: a passphrase for a key that is not encrypted.\n\nNot applicable: an unencrypted key without passphrase.',
  applianceSays: 1,
  needs: 'files',
  gives: ['pass', 'warning', 'refused', 'not-checked', 'not-applicable'],
  check({ bundle: { key, passphrase } }) {
    if (key === undefined) return notChecked('No .key file was given.');
    if (key.keys.length === 0) return notChecked('The .key file holds no private key: see key-file.');
    const { problem, encryption } = key;
    const found = encryption ?? 'an encrypted key';
    if (problem?.code === 'passphrase-missing') {
      return refused({
        found: `${found}, no passphrase`,
        location: PASSPHRASE,
        message: `The private key is encrypted (${found}), and no passphrase was given.`,
        fix: 'Give the passphrase: put it into a file and add --passphrase-file FILE. Or remove it from the key: openssl pkey -in sensor.key -out sensor-new.key',
      });
    }
    if (problem?.code === 'passphrase-wrong') {
      return refused({
        found: `${found}, another passphrase`,
        location: PASSPHRASE,
        message:
          'The passphrase does not open the private key. It belongs to another key, or it is mistyped (upper and lower case, a space or line break at its end).',
        fix: 'Try it by hand (openssl asks for it): openssl pkey -in sensor.key -noout && echo OK. If nobody knows it, make a new key and request.',
      });
    }
    if (problem !== undefined) return notChecked('The private key cannot be opened: see key-file.');
    if (key.encrypted) return pass({ found, location: PASSPHRASE });
    if (passphrase === undefined) return notApplicable('The private key is not encrypted and needs no passphrase.');
    return warning({
      found: 'a passphrase, and a key that is not encrypted',
      location: PASSPHRASE,
      message: 'A passphrase was given, but the private key is not encrypted: whoever has the file has the key.',
      fix: 'Leave the passphrase out, or encrypt the key with it: openssl pkcs8 -topk8 -v2 aes-256-cbc -in sensor.key -out sensor-new.key',
    });
  },
});
