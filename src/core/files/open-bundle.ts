import type { Crypto } from '../base/ports.ts';
import { Reader } from '../der/element.ts';
import { DerError } from '../der/errors.ts';
import { Certificate } from '../x509/certificate.ts';
import { basicConstraints } from '../x509/extensions/basic-constraints.ts';
import type { ChainFile, CrtFile, FileCertificate, KeyFile, OpenedBundle } from './bundle.ts';
import type { Block, FileContent } from './content.ts';
import { identify } from './identify.ts';
import { isPrivateKey, openKeyFile } from './open-key.ts';
import { salvage } from './salvage.ts';

/** The files as handed in. An empty passphrase is none. */
export interface BundleFiles {
  readonly crt: Uint8Array;
  readonly key?: Uint8Array | undefined;
  readonly chain?: Uint8Array | undefined;
  /** Text, or its UTF-8 bytes; neither is changed. */
  readonly passphrase?: string | Uint8Array | undefined;
}

/**
 * Reads the files of a bundle, opens the key and chooses the certificate to judge; judges nothing. Whatever is wrong
 * with the files is said in the result: only failures of the Crypto adapter itself are thrown.
 * Call `wipeBundle` when done.
 */
export async function openBundle(files: BundleFiles, crypto: Crypto): Promise<OpenedBundle> {
  const passphrase = passphraseBytes(files.passphrase);
  const key = files.key && (await openKeyFile(identify(files.key), passphrase, crypto));
  const crt = readCrt(identify(files.crt), key);
  const chain = files.chain && readChain(identify(files.chain));
  const chainFromCrt = chain === undefined && crt.rest.length > 0;
  return { crt, key, chain: chainFromCrt ? chainOf(crt) : chain, chainFromCrt, passphrase };
}

/**
 * Zeroes the passphrase, the opened key and every decoded private-key block. The arrays handed to `openBundle` stay as
 * they are: they are the caller's.
 */
export function wipeBundle({ crt, key, chain, passphrase }: OpenedBundle): void {
  passphrase?.fill(0);
  key?.pkcs8?.fill(0);
  for (const content of [crt.content, key?.content, chain?.content]) {
    for (const block of content?.blocks ?? []) {
      // The blocks of a DER file are views of the caller's array.
      if (content!.form !== 'der' && isPrivateKey(block)) block.der.fill(0);
    }
  }
}

function passphraseBytes(passphrase: string | Uint8Array | undefined): Uint8Array | undefined {
  if (passphrase === undefined || passphrase.length === 0) return undefined;
  // Not slice(): on a Buffer, which people hand in, that would be a view, and wiping it would wipe theirs.
  return typeof passphrase === 'string' ? new TextEncoder().encode(passphrase) : new Uint8Array(passphrase);
}

function readChain(content: FileContent): ChainFile {
  const foreign = content.blocks.filter((block) => !isCertificate(block)).map(({ kind }) => kind);
  return { content, certificates: content.blocks.filter(isCertificate).map((block) => read('chain', block)), foreign };
}

const chainOf = ({ content, rest }: CrtFile): ChainFile => ({ content, certificates: rest, foreign: [] });

const isCertificate = ({ kind }: Block): boolean => kind === 'certificate' || kind === 'trusted-certificate';

function readCrt(content: FileContent, key: KeyFile | undefined): CrtFile {
  const all = content.blocks.filter(isCertificate);
  const different = withoutDuplicates(all).map((block) => read('crt', block));
  const endEntities = different.filter(({ certificate }) => certificate !== undefined && !isCa(certificate));
  const leaf = chooseLeaf(different, endEntities, key?.spki);
  return {
    content,
    leaf,
    rest: different.filter((one) => one !== leaf),
    duplicates: all.length - different.length,
    endEntities: endEntities.length,
  };
}

function withoutDuplicates(blocks: readonly Block[]): Block[] {
  const seen = new Map<string, Block[]>();
  return blocks.filter((block) => {
    const { der } = block;
    // Length and signature tell nearly all apart; the bytes decide.
    const hint = `${der.length}:${der.subarray(-16).join()}`;
    const before = seen.get(hint) ?? [];
    if (before.some((other) => sameBytes(other.der, der))) return false;
    seen.set(hint, [...before, block].slice(-4));
    return true;
  });
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The only end-entity certificate; of several, or of CAs alone, the one that the key belongs to; else the first. */
function chooseLeaf(
  all: readonly FileCertificate[],
  endEntities: readonly FileCertificate[],
  spki: Uint8Array | undefined,
): FileCertificate | undefined {
  if (endEntities.length === 1) return endEntities[0];
  const candidates = endEntities.length > 0 ? endEntities : all;
  const owner = spki && candidates.find(({ certificate }) => hasKey(certificate, spki));
  return owner ?? candidates.find(({ certificate }) => certificate !== undefined) ?? candidates[0];
}

const hasKey = (certificate: Certificate | undefined, spki: Uint8Array): boolean =>
  certificate !== undefined && sameBytes(certificate.subjectPublicKeyInfo.element.der(), spki);

/** CA:TRUE, or a self-issued certificate from before there were extensions: those are roots. */
function isCa(certificate: Certificate): boolean {
  try {
    const constraints = certificate.get(basicConstraints);
    return constraints?.cA ?? (certificate.version === 1 && certificate.isSelfIssued);
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

function read(file: 'crt' | 'chain', block: Block): FileCertificate {
  try {
    const certificate = Certificate.parse(withoutTrustData(block));
    return { file, block, certificate, error: undefined, salvaged: undefined };
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return { file, block, certificate: undefined, error, salvaged: salvage(block.realigned ?? block.der) };
  }
}

// A TRUSTED CERTIFICATE is a certificate with OpenSSL's trust data behind it.
function withoutTrustData({ kind, der }: Block): Uint8Array {
  if (kind !== 'trusted-certificate') return der;
  return der.subarray(0, new Reader(der).read('Certificate').end);
}
