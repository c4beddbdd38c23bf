import { toPem } from '../../encode/der.ts';
import { writePkcs12 } from '../../convert/write-pkcs12.ts';
import { writePkcs7 } from '../../convert/pkcs7.ts';
import { keyToPem, spkiOf } from '../key.ts';
import { newRequest } from '../request.ts';
import { type Animal, type Expectation, UNREAD } from './animal.ts';
import { CN, type Park, pem } from './park.ts';

const SIGN_IN =
  '<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Your session has expired.</body></html>\n';
const PASSPHRASE = 'Correct-Horse-7';

/** The wrong thing in a file. */
export async function fileAnimals(park: Park): Promise<Animal[]> {
  return [
    ...certificateFiles(park),
    await pkcs12AsCrt(park),
    ...keyFiles(park),
    ...chainFiles(park),
    ...passphrases(park),
  ];
}

const NO_CERTIFICATE: readonly Expectation[] = ['not-checked crt-well-formed', ...UNREAD];
const NO_KEY: readonly Expectation[] = ['not-checked key-matches-crt', 'not-checked key-length'];

function certificateFiles(park: Park): Animal[] {
  const refused = { rule: 'crt-file', verdict: 'refused', leads: 'refused crt-file' } as const;
  const request = newRequest(
    { subject: { country: 'US', organization: 'Contoso Inc.', organizationalUnit: 'Contoso Labs', commonName: CN } },
    park.keys.sensor,
  );
  const other = park.leaf({ cn: 'sensor-2.contoso.com', key: park.keys.other });
  return [
    {
      ...refused,
      name: 'crt-file-request',
      why: 'The request (CSR) was uploaded instead of what the CA made of it.',
      files: park.bundle({ crt: toPem('CERTIFICATE REQUEST', request) }),
      also: NO_CERTIFICATE,
    },
    {
      ...refused,
      name: 'crt-file-web-page',
      why: "The CA's web page was saved after the session ran out: the file is HTML.",
      files: park.bundle({ crt: SIGN_IN }),
      also: NO_CERTIFICATE,
    },
    {
      ...refused,
      name: 'crt-file-cut-off',
      why: 'The download stopped in the middle: the second half of the certificate is missing.',
      files: park.bundle({ crt: pem(park.leaf().subarray(0, 500)) }),
      also: ['refused crt-well-formed', 'warning crt-file', ...UNREAD],
    },
    {
      ...refused,
      name: 'crt-file-two-sensors',
      why: "Two sensors' certificates in one file: which one is meant?",
      files: park.bundle({ crt: pem(park.leaf()) + pem(other) }),
    },
    {
      name: 'crt-file-with-chain',
      rule: 'crt-file',
      why: 'fullchain.pem renamed to .crt: the certificate and its CAs in one file. It might work.',
      files: park.bundle({ crt: pem(park.leaf()) + park.chain(), chain: '' }),
      verdict: 'unsupported',
      leads: 'unsupported crt-file',
    },
  ];
}

async function pkcs12AsCrt(park: Park): Promise<Animal> {
  const crt = await writePkcs12({
    key: { pkcs8: park.keys.sensor.export({ format: 'der', type: 'pkcs8' }) },
    certificates: [{ der: park.leaf() }],
    passphrase: new TextEncoder().encode(PASSPHRASE),
    protection: 'modern',
  });
  return {
    name: 'crt-file-pkcs12',
    rule: 'crt-file',
    why: 'A .pfx from Windows, renamed to .crt. certgate convert takes it apart; its password is in secret.txt.',
    files: { ...park.bundle({ crt }), 'secret.txt': `${PASSPHRASE}\n` },
    verdict: 'refused',
    leads: 'refused crt-file',
    also: NO_CERTIFICATE,
  };
}

function keyFiles(park: Park): Animal[] {
  const refused = { rule: 'key-file', verdict: 'refused', leads: 'refused key-file' } as const;
  const { sensor, other } = park.keys;
  return [
    {
      ...refused,
      name: 'key-file-public-half',
      why: 'The public half of the key was handed in: it is no secret, and no use.',
      files: park.bundle({ key: toPem('PUBLIC KEY', spkiOf(sensor)) }),
      also: ['not-checked key-passphrase', ...NO_KEY],
    },
    {
      ...refused,
      name: 'key-file-der',
      why: 'The key in DER; the appliance wants PEM.',
      files: park.bundle({ key: sensor.export({ format: 'der', type: 'pkcs8' }) }),
    },
    {
      name: 'key-file-with-certificate',
      rule: 'key-file',
      why: 'Key and certificate in one file, as some servers like it. It might work.',
      files: park.bundle({ key: keyToPem(sensor) + pem(park.leaf()) }),
      verdict: 'unsupported',
      leads: 'unsupported key-file',
    },
    {
      name: 'key-matches-crt',
      rule: 'key-matches-crt',
      why: "Another sensor's key: the files of two sensors were mixed up.",
      files: park.bundle({ key: keyToPem(other) }),
      verdict: 'refused',
      leads: 'refused key-matches-crt',
    },
  ];
}

function chainFiles(park: Park): Animal[] {
  const refused = { rule: 'chain-file', verdict: 'refused', leads: 'refused chain-file' } as const;
  const certificates = [park.issuing.certificate, park.root.certificate];
  return [
    {
      ...refused,
      name: 'chain-file-holds-key',
      why: 'The private key got into the chain file, which is handed around. Make a new key.',
      files: park.bundle({ chain: park.chain() + keyToPem(park.keys.sensor) }),
    },
    {
      ...refused,
      name: 'chain-file-pkcs7',
      why: 'The .p7b of a Windows CA as chain; the appliance wants PEM. certgate convert unpacks it.',
      files: park.bundle({ chain: toPem('PKCS7', writePkcs7(certificates)) }),
      also: ['not-checked chain-matches-crt', 'not-checked trust-path'],
    },
    {
      ...refused,
      name: 'chain-file-der',
      why: 'The chain in DER, which holds one certificate only.',
      files: park.bundle({ chain: park.issuing.certificate }),
      also: ['refused chain-matches-crt', 'refused trust-path'],
    },
    {
      name: 'chain-file-holds-leaf',
      rule: 'chain-file',
      why: "The sensor's own certificate stands in the chain, too. That does no harm.",
      files: park.bundle({ crt: pem(sameLeaf(park)), chain: pem(sameLeaf(park)) + park.chain() }),
      verdict: 'accepted',
      leads: 'warning chain-file',
    },
  ];
}

const leaves = new WeakMap<Park, Uint8Array>();
/** One and the same certificate for two files. */
function sameLeaf(park: Park): Uint8Array {
  const leaf = leaves.get(park) ?? park.leaf();
  leaves.set(park, leaf);
  return leaf;
}

function passphrases(park: Park): Animal[] {
  const key = keyToPem(park.keys.sensor, PASSPHRASE);
  return [
    {
      name: 'key-passphrase-wrong',
      rule: 'key-passphrase',
      why: 'A typing error in the passphrase: the last digit. The right one is in secret.txt.',
      files: { ...park.bundle({ key }), 'secret.txt': `${PASSPHRASE}\n` },
      asking: { passphrase: 'Correct-Horse-8' },
      verdict: 'refused',
      leads: 'refused key-passphrase',
      also: NO_KEY,
    },
    {
      name: 'key-passphrase-missing',
      rule: 'key-passphrase',
      why: 'The key is encrypted, and nobody gave its passphrase. It is in secret.txt.',
      files: { ...park.bundle({ key }), 'secret.txt': `${PASSPHRASE}\n` },
      verdict: 'refused',
      leads: 'refused key-passphrase',
      also: NO_KEY,
    },
    {
      name: 'key-passphrase-needless',
      rule: 'key-passphrase',
      why: 'A passphrase was given, and the key is not encrypted.',
      files: park.bundle(),
      asking: { passphrase: PASSPHRASE },
      verdict: 'accepted',
      leads: 'warning key-passphrase',
    },
    {
      name: 'key-passphrase-characters',
      rule: 'key-passphrase-characters',
      why: 'The passphrase fits, but holds a blank and an ampersand, which the appliance does not support.',
      files: park.bundle({ key: keyToPem(park.keys.sensor, 'Salt & Pepper') }),
      asking: { passphrase: 'Salt & Pepper' },
      verdict: 'unsupported',
      leads: 'unsupported key-passphrase-characters',
    },
  ];
}
