import { shellWord } from '../../core/base/shell-word.ts';
import type { Certificate } from '../../core/x509/certificate.ts';
import { ATTRIBUTE } from '../../core/x509/name.ts';
import { toPem } from '../encode/der.ts';
import { arrange, type Arrangement } from './arrange.ts';
import type { BagAttributes } from './bag.ts';
import { attributesText } from './bag-text.ts';
import { ConversionError } from './conversion-error.ts';
import { encryptedPrivateKeyInfo, type Protection } from './encrypt.ts';
import type { FoundCertificate, FoundKey, Material } from './material.ts';
import { writePkcs7 } from './pkcs7.ts';
import { writePkcs12 } from './write-pkcs12.ts';

export const FORMATS = ['pem', 'der', 'pkcs12', 'pkcs7'] as const;
export type Format = (typeof FORMATS)[number];
export const PARTS = ['crt', 'key', 'chain', 'csr', 'crl'] as const;
export type Part = (typeof PARTS)[number];

export interface Wish {
  readonly format: Format;
  /** Only this part of what the files hold. */
  readonly only: Part | undefined;
  /** For the private key, UTF-8; undefined leaves it unencrypted. */
  readonly passphrase: Uint8Array | undefined;
  readonly protection: Protection;
  readonly bagAttributes: boolean;
  /** Certificates that do not belong to the chain are kept behind it. */
  readonly keepAll: boolean;
}

/** One file of the result. */
export interface Result {
  readonly part: Part | 'pkcs12' | 'pkcs7';
  /** With the dot. */
  readonly extension: string;
  readonly bytes: Uint8Array;
  readonly secret: boolean;
  /** `the certificate for sensor.contoso.com`. */
  readonly description: string;
}

export interface Conversion {
  readonly results: readonly Result[];
  readonly remarks: readonly string[];
}

/**
 * Makes the wanted files of the material.
 * @throws {ConversionError} where it cannot be done, or where guessing would be needed.
 */
export async function convert(material: Material, wish: Wish): Promise<Conversion> {
  const key = theKey(material);
  const arrangement = arrange(material.certificates, key?.spki);
  const remarks = [...material.remarks];
  if (wish.only !== 'key' && wish.only !== 'csr' && wish.only !== 'crl') tell(arrangement, { key, wish, remarks });
  const chain = wish.keepAll ? [...arrangement.chain, ...arrangement.others] : arrangement.chain;
  const parts: Parts = { key, leaf: arrangement.leaf, chain, material };
  switch (wish.format) {
    case 'pem':
      return { results: nonEmpty(await pemFiles(parts, wish), wish), remarks };
    case 'der':
      return { results: [await derFile(parts, wish)], remarks };
    case 'pkcs12':
      return { results: [await pkcs12File(parts, wish)], remarks };
    case 'pkcs7':
      return { results: [pkcs7File(parts, wish)], remarks };
  }
}

interface Parts {
  readonly key: FoundKey | undefined;
  readonly leaf: FoundCertificate | undefined;
  readonly chain: readonly FoundCertificate[];
  readonly material: Material;
}

function theKey({ keys }: Material): FoundKey | undefined {
  const different = keys.filter(
    (key, i) => !keys.slice(0, i).some((other) => Buffer.compare(other.pkcs8, key.pkcs8) === 0),
  );
  if (different.length > 1) {
    throw new ConversionError(
      `The files hold ${different.length} different private keys (${[...new Set(keys.map(({ path }) => path))].join(', ')}).`,
      'Convert them one by one: an appliance has one key.',
    );
  }
  return different[0];
}

interface Told {
  readonly key: FoundKey | undefined;
  readonly wish: Wish;
  readonly remarks: string[];
}

function tell({ leaf, leaves, others, duplicates, incomplete }: Arrangement<FoundCertificate>, told: Told): void {
  const { key, wish, remarks } = told;
  if (leaf === undefined && leaves.length > 1 && wish.only !== 'chain') {
    throw new ConversionError(
      `The files hold the certificates of ${leaves.length} appliances: ${names(leaves)}.`,
      "Hand in one appliance's key as well, so that its certificate can be told from the others, or take the CAs alone: --only chain",
    );
  }
  if (leaf !== undefined && key?.spki !== undefined && wish.only === undefined && !owns(key, leaf)) {
    throw new ConversionError(
      `The private key (${key.path}) does not belong to the certificate ${nameOf(leaf.certificate)} (${leaf.path}).`,
      `See what belongs together: certgate inspect ${shellWord(leaf.path)} ${shellWord(key.path)}`,
    );
  }
  if (duplicates > 0) remarks.push(`${duplicates} exact ${duplicates === 1 ? 'duplicate' : 'duplicates'} left out.`);
  const foreign = others.filter((one) => leaf !== undefined || !leaves.includes(one));
  if (foreign.length > 0 && !wish.keepAll) {
    remarks.push(`Left out, since they do not belong to the chain: ${names(foreign)}. --keep-all keeps them.`);
  }
  if (incomplete !== undefined && incomplete !== leaf) {
    remarks.push(
      `The chain does not reach a root: the issuer of ${nameOf(incomplete.certificate)}, "${incomplete.certificate.issuer.toString()}", is missing.`,
    );
  }
}

const owns = ({ spki }: FoundKey, { certificate }: FoundCertificate): boolean =>
  spki !== undefined && Buffer.compare(certificate.subjectPublicKeyInfo.element.der(), spki) === 0;

/** The common name, else the whole name. */
export const nameOf = ({ subject }: Certificate): string =>
  subject.all(ATTRIBUTE.CN)[0]?.text ?? (subject.isEmpty ? 'a certificate without a subject' : subject.toString());

const names = (certificates: readonly FoundCertificate[]): string => {
  const all = certificates.map(({ certificate }) => `"${nameOf(certificate)}"`);
  return all.length > 5 ? `${all.slice(0, 5).join(', ')} and ${all.length - 5} more` : all.join(', ');
};

const wants = ({ only }: Wish, part: Part): boolean => only === undefined || only === part;

function nonEmpty(results: readonly Result[], { only }: Wish): readonly Result[] {
  if (results.length === 0) throw nothing(only);
  return results;
}

const nothing = (only: Part | undefined): ConversionError =>
  new ConversionError(
    only === undefined ? 'There is nothing in the files to convert.' : `The files hold no ${WORDS[only]}.`,
    'See what they hold: certgate inspect FILE',
  );

const WORDS: Readonly<Record<Part, string>> = {
  crt: "appliance's certificate",
  key: 'private key',
  chain: 'CA certificates',
  csr: 'certificate request',
  crl: 'CRL',
};

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

/** The appliance's three files, and requests and CRLs. */
async function pemFiles({ key, leaf, chain, material }: Parts, wish: Wish): Promise<Result[]> {
  const results: Result[] = [];
  const add = (part: Part, extension: string, content: string, description: string): void => {
    if (wants(wish, part)) results.push({ part, extension, bytes: text(content), secret: part === 'key', description });
  };
  if (leaf !== undefined) add('crt', '.crt', certificatePem(leaf, wish), describeLeaf(leaf));
  if (key !== undefined && wants(wish, 'key')) {
    add('key', '.key', above(key.attributes, wish) + (await keyPem(key, wish)), describeKey(wish));
  }
  if (chain.length > 0) {
    add('chain', '.pem', chain.map((one) => certificatePem(one, wish)).join(''), describeChain(chain));
  }
  const { requests, crls } = material;
  if (requests.length > 0) {
    const pem = requests.map(({ der }) => toPem('CERTIFICATE REQUEST', der)).join('');
    add(
      'csr',
      '.csr',
      pem,
      requests.length === 1 ? 'the certificate request' : `${requests.length} certificate requests`,
    );
  }
  if (crls.length > 0) {
    const pem = crls.map(({ der }) => toPem('X509 CRL', der)).join('');
    add('crl', '.crl', pem, crls.length === 1 ? 'the CRL' : `${crls.length} CRLs`);
  }
  return results;
}

const above = (attributes: BagAttributes, { bagAttributes }: Wish, certificate?: Certificate): string =>
  bagAttributes ? attributesText(attributes, certificate) : '';

const certificatePem = ({ certificate, attributes }: FoundCertificate, wish: Wish): string =>
  above(attributes, wish, certificate) + toPem('CERTIFICATE', certificate.der);

async function keyDer({ pkcs8 }: FoundKey, { passphrase, protection }: Wish): Promise<Uint8Array> {
  return passphrase === undefined ? pkcs8 : encryptedPrivateKeyInfo(pkcs8, passphrase, protection);
}

const keyPem = async (key: FoundKey, wish: Wish): Promise<string> =>
  toPem(wish.passphrase === undefined ? 'PRIVATE KEY' : 'ENCRYPTED PRIVATE KEY', await keyDer(key, wish));

const describeLeaf = ({ certificate }: FoundCertificate): string => `the certificate for ${nameOf(certificate)}`;
const describeKey = ({ passphrase }: Wish): string =>
  passphrase === undefined
    ? 'the private key, not encrypted: whoever has the file has the key'
    : 'the private key, encrypted';
const describeChain = (chain: readonly FoundCertificate[]): string =>
  `the chain: ${chain.map(({ certificate }) => nameOf(certificate)).join(', then ')}`;

/** DER holds one object. */
async function derFile({ key, leaf, chain, material }: Parts, wish: Wish): Promise<Result> {
  const found: { part: Part; der: () => Promise<Uint8Array>; description: string }[] = [];
  const add = (part: Part, der: () => Promise<Uint8Array>, description: string): void => {
    if (wants(wish, part)) found.push({ part, der, description });
  };
  if (leaf !== undefined) add('crt', () => Promise.resolve(leaf.certificate.der), describeLeaf(leaf));
  if (key !== undefined) add('key', () => keyDer(key, wish), describeKey(wish));
  for (const one of chain)
    add('chain', () => Promise.resolve(one.certificate.der), `the CA ${nameOf(one.certificate)}`);
  for (const { der } of material.requests) add('csr', () => Promise.resolve(der), 'the certificate request');
  for (const { der } of material.crls) add('crl', () => Promise.resolve(der), 'the CRL');
  const [first, ...more] = found;
  if (first === undefined) throw nothing(wish.only);
  if (more.length > 0) {
    throw new ConversionError(
      `A DER file holds one object; these files hold ${found.length}: ${found.map(({ description }) => description).join('; ')}.`,
      'Name one with --only crt, --only key, --only csr or --only crl; several certificates fit into one .p7b: --to pkcs7',
    );
  }
  const { part, description } = first;
  return { part, extension: '.der', bytes: await first.der(), secret: part === 'key', description };
}

async function pkcs12File({ key, leaf, chain }: Parts, { passphrase, protection }: Wish): Promise<Result> {
  if (key === undefined || leaf === undefined) {
    throw new ConversionError(
      `A PKCS#12 file is made of a private key and its certificate; there is no ${key === undefined ? 'private key' : 'certificate'} in the files.`,
      'Hand in both, and the chain: certgate convert sensor.crt sensor.key chain.pem --to pkcs12 --passphrase-file secret.txt',
    );
  }
  if (passphrase === undefined) {
    throw new ConversionError(
      'A PKCS#12 file needs a passphrase.',
      'Put one into a file and name it: --new-passphrase-file secret.txt',
    );
  }
  const localKeyId = key.attributes.localKeyId ?? Uint8Array.of(1);
  const friendlyName = leaf.attributes.friendlyName ?? key.attributes.friendlyName ?? nameOf(leaf.certificate);
  const own = { friendlyName, localKeyId };
  const bytes = await writePkcs12({
    key: { pkcs8: key.pkcs8, ...own },
    certificates: [
      { der: leaf.certificate.der, ...own },
      ...chain.map(({ certificate, attributes }) => ({ der: certificate.der, ...withoutId(attributes) })),
    ],
    passphrase,
    protection,
  });
  const words = protection === 'modern' ? 'AES-256' : 'triple DES, for old readers';
  const description = `${describeLeaf(leaf)}, its key and ${chain.length} CA ${chain.length === 1 ? 'certificate' : 'certificates'} (${words})`;
  return { part: 'pkcs12', extension: '.p12', bytes, secret: true, description };
}

const withoutId = ({ friendlyName }: BagAttributes): BagAttributes =>
  friendlyName === undefined ? {} : { friendlyName };

function pkcs7File({ leaf, chain }: Parts, wish: Wish): Result {
  const all = [...(leaf !== undefined && wants(wish, 'crt') ? [leaf] : []), ...(wants(wish, 'chain') ? chain : [])];
  if (all.length === 0) throw nothing(wish.only);
  const bytes = text(toPem('PKCS7', writePkcs7(all.map(({ certificate }) => certificate.der))));
  const count = all.length === 1 ? 'one certificate' : `${all.length} certificates`;
  return { part: 'pkcs7', extension: '.p7b', bytes, secret: false, description: `${count}: ${names(all)}` };
}
