import { MalformedKeyError, UnsupportedAlgorithmError } from '../../core/base/ports.ts';
import { shellWord } from '../../core/base/shell-word.ts';
import { Reader } from '../../core/der/element.ts';
import { DerError } from '../../core/der/errors.ts';
import type { Block, FileContent } from '../../core/files/content.ts';
import { identify } from '../../core/files/identify.ts';
import { isPrivateKey, openKey } from '../../core/files/open-key.ts';
import { toPrivateKeyInfo } from '../../core/files/private-key-info.ts';
import { Certificate } from '../../core/x509/certificate.ts';
import { nodeCrypto } from '../../platform/crypto/node-crypto.ts';
import type { BagAttributes } from './bag.ts';
import { attributesAbove } from './bag-text.ts';
import { ConversionError } from './conversion-error.ts';
import { readPkcs12 } from './read-pkcs12.ts';
import { readPkcs7 } from './pkcs7.ts';

/** A file to convert. */
export interface Source {
  /** For messages and for the names of what comes of it. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface FoundCertificate {
  readonly path: string;
  readonly certificate: Certificate;
  readonly attributes: BagAttributes;
}

export interface FoundKey {
  readonly path: string;
  /** Unencrypted DER PKCS#8; wipe it. */
  readonly pkcs8: Uint8Array;
  /** DER SubjectPublicKeyInfo; undefined for a kind of key that cannot be computed with. */
  readonly spki: Uint8Array | undefined;
  /** The passphrase that protected it: the one that was handed in. */
  readonly wasEncrypted: boolean;
  readonly attributes: BagAttributes;
}

export interface FoundObject {
  readonly path: string;
  readonly der: Uint8Array;
}

/** All that the files hold, whatever they are called and however they are packed. */
export interface Material {
  readonly certificates: FoundCertificate[];
  readonly keys: FoundKey[];
  readonly requests: FoundObject[];
  readonly crls: FoundObject[];
  /** What was odd and was put right or left aside. */
  readonly remarks: string[];
}

/** @throws {ConversionError} for the first file that cannot be read, saying why. */
export async function readMaterial(sources: readonly Source[], passphrase: Uint8Array | undefined): Promise<Material> {
  const material: Material = { certificates: [], keys: [], requests: [], crls: [], remarks: [] };
  try {
    for (const source of sources) await addFile(material, source, passphrase);
    return material;
  } catch (error) {
    wipeMaterial(material);
    throw error;
  }
}

async function addFile(material: Material, source: Source, passphrase: Uint8Array | undefined): Promise<void> {
  const content = identify(source.bytes);
  if (content.blocks.length === 0) throw unusable(source.path, content);
  remark(material, source.path, content);
  for (const block of content.blocks) await addBlock(material, { source, content, block, passphrase });
}

/** Zeroes the private keys. */
export function wipeMaterial({ keys }: Material): void {
  for (const { pkcs8 } of keys) pkcs8.fill(0);
}

function unusable(path: string, { form, description }: FileContent): ConversionError {
  const message = `${path} is ${description}: there is nothing in it to convert.`;
  switch (form) {
    case 'jks':
      return new ConversionError(
        message,
        `Java's own keytool opens it: keytool -importkeystore -srckeystore ${shellWord(path)} -destkeystore sensor.p12 -deststoretype PKCS12, then: certgate convert sensor.p12 --passphrase-file secret.txt`,
      );
    case 'zip':
      return new ConversionError(message, `Unpack it first: unzip ${shellWord(path)} -d unpacked`);
    case 'html':
      return new ConversionError(
        message,
        'Open it in an editor to see what the web site said, then download the file itself.',
      );
    default:
      return new ConversionError(message, 'Hand in a certificate, key, chain, request, .pfx, .p12 or .p7b file.');
  }
}

function remark(material: Material, path: string, { repairs, trailingBytes, moreBlocks }: FileContent): void {
  const say = (text: string): number => material.remarks.push(`${path}: ${text}`);
  if (repairs.utf16) say('UTF-16 text, written as plain ASCII.');
  if (repairs.loneCr) say('lines that end with a lone CR, written with LF.');
  if (repairs.bom) say('a byte order mark, left out.');
  if (trailingBytes > 0) say(`${trailingBytes} bytes after the end of the object, left out.`);
  if (moreBlocks) throw new ConversionError(`${path} holds more blocks than can be read.`, 'Split the file.');
}

interface Found {
  readonly source: Source;
  readonly content: FileContent;
  readonly block: Block;
  readonly passphrase: Uint8Array | undefined;
}

async function addBlock(material: Material, found: Found): Promise<void> {
  const { source, content, block, passphrase } = found;
  const { path } = source;
  const damage = block.faults.find(({ code }) => code === 'bad-base64' || code === 'empty-block');
  if (damage !== undefined) {
    throw new ConversionError(
      `${path}, line ${damage.line}, column ${damage.column}: ${damage.message}.`,
      'Copy the file again from where it was made, as a file.',
    );
  }
  if (block.kind === 'openssh-private-key') throw openssh(path);
  if (isPrivateKey(block)) {
    const parameters = content.blocks.find(({ kind }) => kind === 'parameters')?.der;
    const attributes = attributesAbove(source.bytes, content, block);
    material.keys.push({ ...(await openedKey(found, parameters)), attributes });
    return;
  }
  switch (block.kind) {
    case 'certificate':
    case 'trusted-certificate':
      return addCertificate(material, path, withoutTrustData(block), attributesAbove(source.bytes, content, block));
    case 'pkcs12':
      return addPkcs12(material, path, block.der, passphrase);
    case 'pkcs7': {
      const { certificates, crls } = readPkcs7(block.der);
      for (const der of certificates) addCertificate(material, path, der, {});
      for (const der of crls) material.crls.push({ path, der });
      return;
    }
    case 'csr':
      material.requests.push({ path, der: block.der });
      return;
    case 'crl':
      material.crls.push({ path, der: block.der });
      return;
    case 'parameters':
      return;
    default:
      material.remarks.push(`${path}: ${block.description} was left aside.`);
  }
}

// A TRUSTED CERTIFICATE is a certificate with OpenSSL's trust data behind it.
const withoutTrustData = ({ kind, der }: Block): Uint8Array =>
  kind === 'trusted-certificate' ? der.subarray(0, new Reader(der).read('Certificate').end) : der;

function addCertificate(material: Material, path: string, der: Uint8Array, attributes: BagAttributes): void {
  try {
    // A copy: what is held is then this certificate alone, not its whole file.
    material.certificates.push({ path, certificate: Certificate.parse(new Uint8Array(der)), attributes });
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new ConversionError(
      `${path} holds a damaged certificate: ${error.message}.`,
      `See what is legible of it: certgate inspect ${shellWord(path)}`,
    );
  }
}

async function openedKey(
  { source: { path }, block, passphrase }: Found,
  parameters: Uint8Array | undefined,
): Promise<Omit<FoundKey, 'attributes'>> {
  const { pkcs8, spki, encrypted, problem } = await openKey(block, { passphrase, parameters }, nodeCrypto);
  if (pkcs8 !== undefined && problem === undefined) return { path, pkcs8, spki, wasEncrypted: encrypted };
  const fix =
    problem?.code === 'passphrase-missing'
      ? 'Put the passphrase into a file and name it: --passphrase-file secret.txt'
      : problem?.code === 'passphrase-wrong'
        ? 'Upper and lower case and blanks count; a passphrase file loses one final newline and no more.'
        : undefined;
  throw new ConversionError(`${path}: ${problem?.message ?? 'The private key cannot be read.'}`, fix);
}

const openssh = (path: string): ConversionError =>
  new ConversionError(
    `${path} is a private key in OpenSSH format, which only OpenSSH reads and writes.`,
    `Convert a copy of it: cp ${shellWord(path)} sensor.key && ssh-keygen -p -m PKCS8 -f sensor.key`,
  );

async function addPkcs12(
  material: Material,
  path: string,
  der: Uint8Array,
  passphrase: Uint8Array | undefined,
): Promise<void> {
  const { keys, certificates, integrityChecked } = await readPkcs12(der, passphrase);
  if (!integrityChecked) material.remarks.push(`${path}: has no integrity check that could be verified.`);
  for (const { der: certificate, ...attributes } of certificates) {
    addCertificate(material, path, certificate, attributes);
  }
  for (const { pkcs8: raw, ...attributes } of keys) {
    const wasEncrypted = passphrase !== undefined && passphrase.length > 0;
    material.keys.push({ ...keyOfBag(path, raw), wasEncrypted, attributes });
    raw.fill(0);
  }
}

function keyOfBag(path: string, der: Uint8Array): Pick<FoundKey, 'path' | 'pkcs8' | 'spki'> {
  try {
    const pkcs8 = toPrivateKeyInfo(der);
    return { path, pkcs8, spki: publicHalf(pkcs8) };
  } catch (error) {
    if (!(error instanceof DerError) && !(error instanceof MalformedKeyError)) throw error;
    throw new ConversionError(
      `The private key inside ${path} is damaged: ${error.message}.`,
      'Export it again from where it was made.',
    );
  }
}

function publicHalf(pkcs8: Uint8Array): Uint8Array | undefined {
  try {
    return nodeCrypto.publicKeyOf(pkcs8);
  } catch (error) {
    if (error instanceof UnsupportedAlgorithmError) return undefined;
    throw error;
  }
}
