import {
  encryptedKey,
  good,
  goodChain,
  issuing,
  keys,
  leaf,
  made,
  openssl,
  path,
  pemOf,
  read,
  root,
  selfSigned,
} from './materials.ts';
import { derOf } from './openssl.ts';
import { bytes, type Recipe, shaped } from './recipe.ts';
import { readFileSync } from 'node:fs';

const file = (name: string): Buffer => readFileSync(path(name));
const out = (name: string, ...args: string[]): Buffer => (openssl(...args, '-out', name), file(name));
const p12 = out('bundle.p12', 'pkcs12', '-export', '-in', good, '-inkey', keys.sensor, '-passout', 'pass:secret');
const bags = openssl('pkcs12', '-in', 'bundle.p12', '-passin', 'pass:secret', '-nodes').toString();
const bagsOf = (label: RegExp): string =>
  bags
    .slice(
      bags.search(
        label === CERTIFICATE
          ? /Bag Attributes(?=(?:(?!Bag Attributes)[^])*BEGIN CERT)/
          : /Bag Attributes(?=(?:(?!Bag Attributes)[^])*BEGIN PRIV)/,
      ),
    )
    .replace(/(-----END [^-]+-----\n)[^]*/, '$1');
const CERTIFICATE = /CERTIFICATE/;
const HTML =
  '<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Your session has expired.</body></html>\n';
openssl('req', '-new', '-key', keys.sensor, '-subj', '/CN=sensor.contoso.com', '-out', 'sensor.csr');

const asTheyAre: Recipe[] = [
  {
    name: 'files/all-in-order',
    why: 'Everything as the vendor asks.',
    options: { hostname: 'sensor.contoso.com', crl: 'off' },
    crt: read(good),
  },
  { name: 'files/der', why: 'The certificate in DER, which is allowed.', crt: bytes(derOf(good)) },
  {
    name: 'files/crlf',
    why: 'Made on Windows: every line ends in CR LF.',
    crt: shaped(read(good), 'crlf'),
    key: shaped(read(keys.sensor), 'crlf'),
    chain: shaped(goodChain, 'crlf'),
  },
  { name: 'files/bom', why: 'Saved by Notepad as "UTF-8 with BOM".', crt: shaped(read(good), 'bom') },
  {
    name: 'files/utf-16',
    why: 'Written by PowerShell with > into a file: UTF-16.',
    crt: shaped(read(good), 'bom', 'utf-16'),
  },
  {
    name: 'files/bag-attributes',
    why: 'Straight out of openssl pkcs12 -nodes, bag attributes and all.',
    crt: bagsOf(CERTIFICATE),
    key: bagsOf(/KEY/),
  },
  {
    name: 'files/stray-text',
    why: 'openssl x509 -text printed the certificate in words first.',
    crt: openssl('x509', '-in', good, '-text').toString(),
  },
  {
    name: 'files/no-final-newline',
    why: 'The last newline was lost in copying.',
    crt: shaped(read(good), 'no-newline'),
    key: shaped(read(keys.sensor), 'no-newline'),
  },
  {
    name: 'crt-file/leaf-and-chain',
    why: 'fullchain.pem: leaf and CAs in one file.',
    crt: read(good) + goodChain,
    chain: null,
  },
  { name: 'crt-file/twice', why: 'The same certificate pasted twice.', crt: read(good) + read(good) },
  {
    name: 'crt-file/two-leaves',
    why: 'Certificates of two sensors in one file.',
    crt:
      read(good) +
      read(leaf({ subject: '/C=US/O=Contoso Inc./OU=Contoso Labs/CN=sensor-2.contoso.com', key: keys.other })),
  },
  {
    name: 'crt-file/key-instead',
    why: 'The key was chosen in the field of the certificate, and the other way round.',
    crt: read(keys.sensor),
    key: read(good),
  },
  { name: 'crt-file/csr-instead', why: 'The request instead of what the CA made of it.', crt: read('sensor.csr') },
  { name: 'crt-file/pkcs12', why: 'A .p12 renamed to .crt.', crt: bytes(p12) },
  {
    name: 'crt-file/pkcs7',
    why: 'A .p7b from a Windows CA, renamed.',
    crt: made('crl2pkcs7', '-nocrl', '-certfile', good),
  },
  { name: 'crt-file/html', why: 'The CA web page, saved after the session ran out.', crt: HTML },
  { name: 'crt-file/empty', why: 'A file of no bytes.', crt: bytes(new Uint8Array()) },
  {
    name: 'crt-file/der-with-trailing-bytes',
    why: 'Something follows the certificate.',
    crt: bytes(Buffer.concat([derOf(good), Buffer.from('\nEOF')])),
  },
  {
    name: 'crt-file/base64-without-header',
    why: 'Only the Base64 was copied, without the BEGIN and END lines.',
    crt: derOf(good)
      .toString('base64')
      .replace(/.{1,64}/g, '$&\n'),
  },
  {
    name: 'crt-file/damaged-sample',
    why: 'Like the sample certificate that the vendor prints: scanned text with a | and blanks in the Base64, digits lost, expired in 2022, CA:TRUE, no SAN, no CDP. What is wrong must be said, not just that it cannot be read.',
    crt: damagedSample(),
  },
];

const keyFiles: Recipe[] = [
  { name: 'key-file/none', why: 'No key was handed in.', crt: read(good), key: null },
  {
    name: 'key-file/pkcs1',
    why: 'The old form, BEGIN RSA PRIVATE KEY.',
    crt: read(good),
    key: made('rsa', '-in', keys.sensor, '-traditional'),
  },
  { name: 'key-file/two', why: 'Two keys in one file.', crt: read(good), key: read(keys.sensor) + read(keys.other) },
  {
    name: 'key-file/public',
    why: 'The public half only.',
    crt: read(good),
    key: openssl('pkey', '-in', keys.sensor, '-pubout').toString(),
  },
  {
    name: 'key-file/der',
    why: 'The key in DER; the appliance wants PEM.',
    crt: read(good),
    key: bytes(out('key.der', 'pkey', '-in', keys.sensor, '-outform', 'DER')),
  },
  { name: 'key-file/pkcs12', why: 'A .p12 in the field of the key.', crt: read(good), key: bytes(p12) },
  { name: 'key-file/certificate', why: 'The certificate in the field of the key.', crt: read(good), key: read(good) },
  {
    name: 'key-file/key-and-certificate',
    why: 'Key and certificate in one file, as some servers like it.',
    crt: read(good),
    key: read(keys.sensor) + read(good),
  },
  {
    name: 'key-passphrase/right',
    why: 'An encrypted key and its passphrase.',
    options: { passphrase: 'Correct-Horse-7' },
    crt: read(good),
    key: encryptedKey('Correct-Horse-7'),
  },
  {
    name: 'key-passphrase/wrong',
    why: 'A typing error in the passphrase.',
    options: { passphrase: 'Correct-Horse-8' },
    crt: read(good),
    key: encryptedKey('Correct-Horse-7'),
  },
  {
    name: 'key-passphrase/missing',
    why: 'The key is encrypted, and nobody gave the passphrase.',
    crt: read(good),
    key: encryptedKey('Correct-Horse-7'),
  },
  {
    name: 'key-passphrase/not-needed',
    why: 'A passphrase for a key that is not encrypted.',
    options: { passphrase: 'Correct-Horse-7' },
    crt: read(good),
  },
  {
    name: 'key-passphrase/traditional',
    why: 'Proc-Type: 4,ENCRYPTED, as older software writes keys.',
    options: { passphrase: 'Correct-Horse-7' },
    crt: read(good),
    key: made('rsa', '-in', keys.sensor, '-traditional', '-aes256', '-passout', 'pass:Correct-Horse-7'),
  },
  {
    name: 'key-passphrase-characters/blank',
    why: 'The passphrase fits, but holds a blank, which the appliance does not support.',
    options: { passphrase: 'Correct Horse' },
    crt: read(good),
    key: encryptedKey('Correct Horse'),
  },
  { name: 'key-matches-crt/other-key', why: "Another sensor's key.", crt: read(good), key: read(keys.other) },
  {
    name: 'key-matches-crt/other-kind',
    why: 'An elliptic-curve key for an RSA certificate.',
    crt: read(good),
    key: read(keys.p256),
  },
  {
    name: 'key-length/rsa-1024',
    why: 'The key is too short, and the certificate is another one.',
    crt: read(good),
    key: read(keys.rsa1024),
  },
];

const chainFiles: Recipe[] = [
  {
    name: 'chain-file/der',
    why: 'The chain in DER; it must be PEM.',
    crt: read(good),
    chain: bytes(derOf(issuing.crt)),
  },
  {
    name: 'chain-file/pkcs7',
    why: 'A .p7b as chain.',
    crt: read(good),
    chain: made('crl2pkcs7', '-nocrl', '-certfile', issuing.crt, '-certfile', root.crt),
  },
  {
    name: 'chain-file/holds-key',
    why: 'The private key is in the chain file, which is handed around.',
    crt: read(good),
    chain: goodChain + read(keys.sensor),
  },
  {
    name: 'chain-file/holds-leaf',
    why: 'fullchain.pem as chain: the leaf is in it, too.',
    crt: read(good),
    chain: read(good) + goodChain,
  },
  {
    name: 'chain-file/foreign-leaf',
    why: "Another sensor's certificate is in the chain.",
    crt: read(good),
    chain:
      goodChain +
      read(leaf({ subject: '/C=US/O=Contoso Inc./OU=Contoso Labs/CN=sensor-2.contoso.com', key: keys.other })),
  },
  { name: 'chain-file/html', why: 'A web page saved as chain.', crt: read(good), chain: HTML },
  {
    name: 'chain-file/bag-attributes',
    why: 'Bag attributes between the certificates are fine.',
    crt: read(good),
    chain: `Bag Attributes: <No Attributes>\nsubject=C = US, CN = Contoso Issuing CA\n${read(issuing.crt)}Bag Attributes: <No Attributes>\n${read(root.crt)}`,
  },
];

/** Damage of the same kinds as in the printed sample, on a certificate with the same flaws. */
function damagedSample(): string {
  const crt = selfSigned({
    subject:
      '/C=US/ST=Illinois/L=Springfield/O=Contoso Ltd/OU=Contoso Labs/CN=sensor.contoso.com/emailAddress=support@contoso.com',
    from: '20201217184038Z',
    to: '20221217184038Z',
    ext: {
      basicConstraints: 'CA:TRUE',
      subjectAltName: false,
      keyUsage: 'digitalSignature,keyEncipherment,keyAgreement',
      extendedKeyUsage: 'clientAuth,serverAuth',
    },
  });
  const lines = pemOf('CERTIFICATE', derOf(crt)).split('\n');
  // In the key: a digit read as |, one lost, blanks slipped in.
  lines[12] = `${lines[12]!.slice(0, 11)}|${lines[12]!.slice(12, 27)} ${lines[12]!.slice(27)}`;
  lines[13] = `${lines[13]!.slice(0, 8)} ${lines[13]!.slice(9)}`;
  return `Bag Attributes: <No Attributes>\nsubject=C = US, O = Contoso Ltd, CN= sensor.contoso.com\n${lines.join('\n')}`;
}

export const fileRecipes = [...asTheyAre, ...keyFiles, ...chainFiles];
