import type { KeyProblem } from '../files/bundle.ts';

const NEW = 'sensor-new.key';

/** Commands that bring a private key into a form that every TLS server reads; openssl asks for the passphrases. */
const FORMATS = {
  openssh: `Convert a copy of it: cp sensor.key ${NEW} && ssh-keygen -p -m PKCS8 -f ${NEW}`,
  der: `Convert it: openssl pkey -inform DER -in sensor.key -out ${NEW}`,
  'der-encrypted': `Convert it: openssl pkey -inform DER -in sensor.key -aes256 -out ${NEW}`,
  relabel: `Write it anew: openssl pkey -in sensor.key -out ${NEW}`,
  alone: `Write the key alone: openssl pkey -in sensor.key -out ${NEW} (add -aes256 to keep it encrypted)`,
} as const;

export const fixForFormat = (format: keyof typeof FORMATS): string => FORMATS[format];

const LEGACY = `openssl pkey -provider legacy -provider default -in sensor.key -aes256 -out ${NEW}`;

/** What to do about a key that cannot be opened for another reason than its passphrase. */
export function fixForProblem(code: KeyProblem['code']): string {
  switch (code) {
    case 'cipher-unsupported':
      return `Encrypt it again with AES: ${LEGACY}`;
    case 'cipher-not-here':
      return 'Nothing has to be mended for this: the server opens such a key at the upload, and so does the command line: certgate check sensor.crt sensor.key chain.pem --passphrase-file secret.txt';
    case 'derivation-over-budget':
      return `Encrypt it again with fewer iterations (opening it once takes its time): openssl pkcs8 -topk8 -v2 aes-256-cbc -iter 100000 -in sensor.key -out ${NEW}`;
    default:
      return 'Copy the file again from where it was made. If it stays damaged, make a new key and request: openssl req -new -newkey rsa:2048 -keyout sensor-new.key -out sensor.csr';
  }
}

// OpenSSL 3 keeps these in its legacy provider, which no server loads by itself. Triple DES is not among them.
const LEGACY_CIPHERS = /RC2|RC4|(?<!Triple)DES-CBC|BF-CBC|CAST5|SEED-CBC|IDEA/i;

export const opensWithLegacyOnly = (encryption: string | undefined): boolean =>
  encryption !== undefined && LEGACY_CIPHERS.test(encryption);

export const OLD_CIPHER = (encryption: string): string =>
  `The key is encrypted with ${encryption}, which OpenSSL 3 only opens with its legacy provider: the appliance might not.`;
