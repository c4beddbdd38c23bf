import { UnsupportedAlgorithmError } from '../../core/base/ports.ts';
import { DerError } from '../../core/der/errors.ts';
import type { Certificate } from '../../core/x509/certificate.ts';
import { basicConstraints } from '../../core/x509/extensions/basic-constraints.ts';
import { resolveSignature } from '../../core/x509/signature-scheme.ts';
import { signatureOctets } from '../../core/x509/signed.ts';
import { nodeCrypto } from '../../platform/crypto/node-crypto.ts';

/** A certificate that was read, with whatever goes with it. */
export interface Arrangeable {
  readonly certificate: Certificate;
}

export interface Arrangement<T extends Arrangeable> {
  /** The appliance's own certificate; undefined where there is none, or several and no key that says which. */
  readonly leaf: T | undefined;
  /** The issuer of the leaf first, then up to the root. Without a leaf: CAs in the same order. */
  readonly chain: readonly T[];
  /** What does not belong to this leaf. */
  readonly others: readonly T[];
  /** End-entity certificates. */
  readonly leaves: readonly T[];
  readonly duplicates: number;
  /** The certificate whose issuer is not there; undefined where the chain ends in a root. */
  readonly incomplete: T | undefined;
}

/**
 * Puts certificates in the order that the appliance wants, by name and signature.
 * @param spki the private key's public half as DER SubjectPublicKeyInfo: says which of several certificates is meant.
 */
export function arrange<T extends Arrangeable>(all: readonly T[], spki: Uint8Array | undefined): Arrangement<T> {
  const different = withoutDuplicates(all);
  const leaves = different.filter(({ certificate }) => !isCa(certificate));
  const owners =
    spki === undefined
      ? []
      : different.filter(({ certificate }) => same(certificate.subjectPublicKeyInfo.element.der(), spki));
  const leaf = owners.length === 1 ? owners[0] : owners.length === 0 && leaves.length === 1 ? leaves[0] : undefined;
  const starts = leaf === undefined ? bottoms(different.filter((one) => !leaves.includes(one))) : [leaf];
  const path: T[] = [];
  let top: T | undefined;
  for (const start of starts) {
    for (let at: T | undefined = start; at !== undefined && !path.includes(at); at = issuerOf(at, different)) {
      path.push(at);
      top = at;
    }
  }
  const isRoot = top === undefined || isSelfSigned(top.certificate);
  return {
    leaf,
    chain: path.filter((one) => one !== leaf),
    others: different.filter((one) => !path.includes(one)),
    leaves,
    duplicates: all.length - different.length,
    incomplete: isRoot ? undefined : top,
  };
}

/** CAs that signed none of the others. */
const bottoms = <T extends Arrangeable>(cas: readonly T[]): T[] => {
  const signers = new Set(cas.map((one) => issuerOf(one, cas)));
  const found = cas.filter((one) => !signers.has(one));
  // Two that signed each other have no bottom.
  return found.length > 0 ? found : cas.slice(0, 1);
};

function issuerOf<T extends Arrangeable>({ certificate }: T, pool: readonly T[]): T | undefined {
  if (isSelfSigned(certificate)) return undefined;
  return pool.find(
    (one) =>
      one.certificate !== certificate &&
      one.certificate.subject.equals(certificate.issuer) &&
      isSignedBy(certificate, one.certificate),
  );
}

const isSelfSigned = (certificate: Certificate): boolean =>
  certificate.isSelfIssued && isSignedBy(certificate, certificate);

/** True also where nobody here can compute it: then the name decides. */
function isSignedBy(child: Certificate, issuer: Certificate): boolean {
  try {
    const { scheme, key } = resolveSignature(child.signatureAlgorithm, issuer.subjectPublicKeyInfo);
    return scheme === undefined || nodeCrypto.verify(scheme, key, child.tbs.der(), signatureOctets(child));
  } catch (error) {
    if (error instanceof UnsupportedAlgorithmError) return true;
    if (error instanceof DerError) return false;
    throw error;
  }
}

/** CA:TRUE, or a self-issued certificate from before there were extensions. */
function isCa(certificate: Certificate): boolean {
  try {
    return certificate.get(basicConstraints)?.cA ?? (certificate.version === 1 && certificate.isSelfIssued);
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

function withoutDuplicates<T extends Arrangeable>(all: readonly T[]): T[] {
  const seen = new Map<string, T>();
  for (const one of all) {
    const text = Buffer.from(one.certificate.der).toString('base64');
    if (!seen.has(text)) seen.set(text, one);
  }
  return [...seen.values()];
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
