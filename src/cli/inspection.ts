import type { Crypto } from '../core/base/ports.ts';
import { readSingle, Reader } from '../core/der/element.ts';
import { DerError } from '../core/der/errors.ts';
import { TAG } from '../core/der/tags.ts';
import { formatTime } from '../core/der/time.ts';
import { toHex } from '../core/der/values.ts';
import type { Block, FileContent } from '../core/files/content.ts';
import { identify } from '../core/files/identify.ts';
import { salvage } from '../core/files/salvage.ts';
import { type Certificate, parseCertificate } from '../core/x509/certificate.ts';
import { type CertificateList, parseCrl } from '../core/x509/crl.ts';
import { type CertificationRequest, parseCsr } from '../core/x509/csr.ts';
import { describeCertificate } from '../core/x509/describe/certificate.ts';
import { describeCrl } from '../core/x509/describe/crl.ts';
import { describeCsr } from '../core/x509/describe/csr.ts';
import type { Field } from '../core/x509/describe/field.ts';
import { keySummary } from '../core/x509/describe/key.ts';
import { readSpki, type SubjectPublicKeyInfo } from '../core/x509/spki.ts';
import { inspectKey } from './inspect-key.ts';
import { plural } from './render/text.ts';

/** What `inspect` found out about one file; plain data apart from the views that relations are made from. */
export interface InspectedFile {
  readonly path: string;
  readonly description: string;
  readonly form: FileContent['form'];
  readonly size: number;
  /** What was odd about the file and was put right in reading it. */
  readonly remarks: readonly string[];
  readonly blocks: readonly InspectedBlock[];
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

export interface InspectedBlock {
  readonly index: number;
  readonly kind: Block['kind'];
  readonly title: string;
  readonly remarks: readonly string[];
  readonly fields: readonly Field[];
  /** What is not a field: fingerprints, encryption. */
  readonly facts: readonly Fact[];
  /** Never shown for private keys. */
  readonly der: Uint8Array;
  readonly certificate?: Certificate;
  readonly csr?: CertificationRequest;
  readonly crl?: CertificateList;
  /** DER SubjectPublicKeyInfo of a certificate, request or key. */
  readonly spki?: Uint8Array;
}

/** One answer to "do these belong together?". */
export interface Relation {
  readonly answer: 'yes' | 'no' | 'unsure';
  readonly sentence: string;
}

export interface InspectOptions {
  readonly crypto: Crypto;
  readonly passphrase: Uint8Array | undefined;
}

export async function inspectFile(path: string, bytes: Uint8Array, options: InspectOptions): Promise<InspectedFile> {
  const content = identify(bytes);
  const blocks: InspectedBlock[] = [];
  const parameters = content.blocks.find(({ kind }) => kind === 'parameters')?.der;
  for (const block of content.blocks) blocks.push(await inspectBlock(block, parameters, options));
  return {
    path,
    description: content.description,
    form: content.form,
    size: content.size,
    remarks: remarksOf(content),
    blocks,
  };
}

function remarksOf({ form, repairs, trailingBytes, error, moreBlocks }: FileContent): string[] {
  const remarks: string[] = [];
  if (error !== undefined) remarks.push(`Damaged: ${error.message}.`);
  if (trailingBytes > 0) remarks.push(`${plural(trailingBytes, 'byte')} after the end of the object.`);
  if (repairs.utf16)
    remarks.push('Written in UTF-16, as Windows Notepad and PowerShell do; most programs cannot read that.');
  if (repairs.bom) remarks.push('Begins with a byte order mark (BOM), which some programs stumble over.');
  if (repairs.loneCr) remarks.push('The lines end with a lone CR, as on very old Macs; OpenSSL cannot read that.');
  if (repairs.crlf && form !== 'binary') remarks.push('The lines end with CR LF, as on Windows. That does no harm.');
  if (repairs.bagAttributes) remarks.push('Holds bag attributes, left over from PKCS#12. They do no harm.');
  if (repairs.strayText) remarks.push('Holds other text around the PEM blocks, which is ignored.');
  if (moreBlocks) remarks.push('There are more blocks than are shown.');
  return remarks;
}

async function inspectBlock(
  block: Block,
  parameters: Uint8Array | undefined,
  options: InspectOptions,
): Promise<InspectedBlock> {
  const remarks = block.faults.map(({ line, column, message }) => `Line ${line}, column ${column}: ${message}.`);
  const base = {
    index: block.index,
    kind: block.kind,
    title: upperFirst(block.description),
    remarks,
    fields: [],
    facts: [],
    der: block.der,
  };
  try {
    const content = await contentOf(block, parameters, options);
    return { ...base, ...content, remarks: [...remarks, ...(content.remarks ?? [])] };
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    const facts = block.kind === 'certificate' ? legible(block.der) : [];
    return { ...base, facts, remarks: [...remarks, `Cannot be read: ${error.message}.`] };
  }
}

async function contentOf(
  block: Block,
  parameters: Uint8Array | undefined,
  { crypto, passphrase }: InspectOptions,
): Promise<Partial<InspectedBlock>> {
  const { der } = block;
  switch (block.kind) {
    case 'certificate':
    case 'trusted-certificate': {
      const certificate = parseCertificate(der);
      const { title, fields } = describeCertificate(certificate);
      const spki = certificate.subjectPublicKeyInfo.element.der();
      return { title, fields, certificate, spki, facts: [...fingerprints(crypto, der), pin(crypto, spki)] };
    }
    case 'csr': {
      const csr = parseCsr(der);
      const { title, fields } = describeCsr(csr);
      const spki = csr.subjectPublicKeyInfo.element.der();
      return { title, fields, csr, spki, facts: [...fingerprints(crypto, der), pin(crypto, spki)] };
    }
    case 'crl': {
      const crl = parseCrl(der);
      const { title, fields } = describeCrl(crl);
      return { title, fields, crl, facts: fingerprints(crypto, der) };
    }
    case 'public-key': {
      const info = readKeyInfo(der);
      const spki = info.element.der();
      return { spki, facts: [{ label: 'Public key', value: keySummary(info) }, pin(crypto, spki)] };
    }
    case 'private-key':
    case 'encrypted-private-key':
    case 'openssh-private-key':
      return inspectKey(block, { crypto, passphrase, parameters });
    case 'pkcs12':
      return {
        remarks: [
          'A container for key and certificates. To take them out: certgate convert FILE --passphrase-file secret.txt --out-dir new',
        ],
      };
    case 'pkcs7':
      return {
        remarks: ['A container for certificates. To take them out: certgate convert FILE --out-dir new'],
      };
    default:
      return {};
  }
}

/** Of a certificate that is damaged, what can still be made out; what is missing proves nothing. */
function legible(der: Uint8Array): Fact[] {
  const { issuer, subject, notBefore, notAfter, ca } = salvage(der);
  const name = (attributes: typeof issuer) => attributes.map(({ type, text }) => `${type}=${text}`).join(', ');
  const facts: Fact[] = [
    { label: 'Issuer, as far as legible', value: name(issuer) },
    ...(notBefore === undefined ? [] : [{ label: 'Valid from', value: formatTime(notBefore) }]),
    ...(notAfter === undefined ? [] : [{ label: 'Valid to', value: formatTime(notAfter) }]),
    { label: 'Subject, as far as legible', value: name(subject) },
    ...(ca === undefined ? [] : [{ label: 'Basic constraints', value: ca ? 'a CA' : 'no CA' }]),
  ];
  return facts.filter(({ value }) => value !== '');
}

export const readKeyInfo = (der: Uint8Array): SubjectPublicKeyInfo => {
  // Read for its errors: bytes after the key are no key.
  readSingle(der, TAG.SEQUENCE, 'SubjectPublicKeyInfo');
  return readSpki(new Reader(der, 0, der.length), 'SubjectPublicKeyInfo');
};

const hash = (crypto: Crypto, name: 'sha256' | 'sha1', bytes: Uint8Array): string =>
  toHex(crypto.digest(name, bytes), ':').toUpperCase();

const fingerprints = (crypto: Crypto, der: Uint8Array): Fact[] => [
  { label: 'SHA-256 fingerprint', value: hash(crypto, 'sha256', der) },
  { label: 'SHA-1 fingerprint', value: hash(crypto, 'sha1', der) },
];

/** The same for a certificate, its key and its CSR. */
export const pin = (crypto: Crypto, spki: Uint8Array): Fact => ({
  label: 'Public key SHA-256',
  value: hash(crypto, 'sha256', spki),
});

const upperFirst = (text: string): string => (text === '' ? '' : text[0]!.toUpperCase() + text.slice(1));
