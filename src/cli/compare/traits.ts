import { DerError } from '../../core/der/errors.ts';
import type { Block, FileContent } from '../../core/files/content.ts';
import { type Certificate, parseCertificate } from '../../core/x509/certificate.ts';
import { parseCsr } from '../../core/x509/csr.ts';
import { DESCRIBERS } from '../../core/x509/describe/extension-values.ts';
import { keySummary } from '../../core/x509/describe/key.ts';
import type { Extensions } from '../../core/x509/extension.ts';
import type { Name } from '../../core/x509/name.ts';
import { SIGNATURE_ALGORITHMS } from '../../core/x509/algorithms.data.ts';
import { traitsOfDamaged } from './damaged.ts';

/** Of a certificate or request what people compare with a sample. */
export interface Traits {
  readonly kind: 'certificate' | 'csr';
  /** Only what is legible: what is missing proves nothing. */
  readonly damaged: boolean;
  /** In order. */
  readonly subject: readonly { readonly type: string; readonly text: string }[];
  /** Undefined: not legible. */
  readonly signatureAlgorithm: string | undefined;
  readonly key: string | undefined;
  readonly version: string | undefined;
  /** What each extension says, by its object identifier, in order. */
  readonly extensions: ReadonlyMap<string, string>;
}

/** The traits of the first certificate or request of a file; undefined where there is none. */
export function traitsOf({ blocks }: FileContent): Traits | undefined {
  const block = blocks.find(({ kind }) => kind === 'certificate' || kind === 'csr' || kind === 'trusted-certificate');
  if (block === undefined) return undefined;
  try {
    return block.kind === 'csr' ? ofRequest(block) : ofCertificate(parseCertificate(block.der));
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return traitsOfDamaged(block.realigned ?? block.der, block.kind === 'csr' ? 'csr' : 'certificate');
  }
}

const ofCertificate = (certificate: Certificate): Traits => ({
  kind: 'certificate',
  damaged: false,
  subject: subjectOf(certificate.subject),
  signatureAlgorithm: algorithmName(certificate.signatureAlgorithm.oid),
  key: keySummary(certificate.subjectPublicKeyInfo),
  version: `${certificate.version}`,
  extensions: extensionsOf(certificate.extensions),
});

function ofRequest({ der }: Block): Traits {
  const request = parseCsr(der);
  return {
    kind: 'csr',
    damaged: false,
    subject: subjectOf(request.subject),
    signatureAlgorithm: algorithmName(request.signatureAlgorithm.oid),
    key: keySummary(request.subjectPublicKeyInfo),
    version: undefined,
    extensions: extensionsOf(request.extensions),
  };
}

const subjectOf = (name: Name): Traits['subject'] =>
  name.attributes.map(({ shortName, text }) => ({ type: shortName, text }));

export const algorithmName = (oid: string): string => SIGNATURE_ALGORITHMS[oid]?.name ?? oid;

function extensionsOf({ list }: Extensions): Map<string, string> {
  const found = new Map<string, string>();
  for (const extension of list) found.set(extension.oid, wordsOf(extension));
  return found;
}

// Of a key identifier nobody compares the octets: they are those of the key.
const IDENTIFIERS: ReadonlySet<string> = new Set(['2.5.29.14', '2.5.29.35']);

function wordsOf(extension: Extensions['list'][number]): string {
  if (IDENTIFIERS.has(extension.oid)) return 'present';
  try {
    return DESCRIBERS.get(extension.oid)?.describe(extension, '').value ?? 'present';
  } catch (error) {
    if (error instanceof DerError) return 'present, not legible';
    throw error;
  }
}
