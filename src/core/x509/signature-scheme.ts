import type { DigestName, PublicKey, SignatureScheme } from '../base/ports.ts';
import { type Element, type Reader } from '../der/element.ts';
import { TAG, contextConstructed } from '../der/tags.ts';
import { readNonNegativeInteger } from '../der/values.ts';
import { type AlgorithmIdentifier, readAlgorithm } from './algorithm.ts';
import { HASH_OIDS, type HashName, SIGNATURE_ALGORITHMS } from './algorithms.data.ts';
import { readPublicKey } from './public-key.ts';
import type { SubjectPublicKeyInfo } from './spki.ts';

/** No signature algorithm that we can compute; `reason` completes "the signature algorithm …". */
export interface UnknownScheme {
  readonly kind: 'unknown';
  readonly reason: string;
}

const unknown = (reason: string): UnknownScheme => ({ kind: 'unknown', reason });

const DIGESTS: Readonly<Partial<Record<HashName, DigestName>>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-224': 'sha224',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
  'SHA-512/224': 'sha512-224',
  'SHA-512/256': 'sha512-256',
  'SHA3-224': 'sha3-224',
  'SHA3-256': 'sha3-256',
  'SHA3-384': 'sha3-384',
  'SHA3-512': 'sha3-512',
};

const RSASSA_PSS = '1.2.840.113549.1.1.10';
const MGF1 = '1.2.840.113549.1.1.8';

// One object per algorithm, made once: certificates use a handful.
const SCHEMES = new Map<string, SignatureScheme | UnknownScheme>();
for (const [oid, { name, key, hash }] of Object.entries(SIGNATURE_ALGORITHMS)) {
  const digest = hash && DIGESTS[hash];
  if (key === 'Ed25519' || key === 'Ed448') SCHEMES.set(oid, { kind: 'eddsa' });
  else if (digest === undefined) SCHEMES.set(oid, unknown(`${name} is not computed here any more`));
  else SCHEMES.set(oid, { kind: key === 'EC' ? 'ecdsa' : key === 'DSA' ? 'dsa' : 'rsa-pkcs1', hash: digest });
}

/**
 * What an AlgorithmIdentifier of a signature means. Parameters that the algorithm does not allow make it unknown.
 * @throws {DerError} where RSASSA-PSS parameters are malformed
 */
export function readSignatureScheme(algorithm: AlgorithmIdentifier): SignatureScheme | UnknownScheme {
  if (algorithm.oid === RSASSA_PSS) {
    // RFC 4055 §3.1: "the parameters MUST be present when the algorithm identifier appears in [a signature]".
    if (algorithm.parameters === undefined) return unknown('is RSASSA-PSS without its parameters');
    return readPss(algorithm.parameters);
  }
  const scheme = SCHEMES.get(algorithm.oid);
  if (scheme === undefined) return unknown(`is unknown, ${algorithm.oid}`);
  const { parameters } = algorithm;
  if (parameters === undefined) return scheme;
  // RFC 4055 §5: NULL for RSA, and "implementations MUST accept the parameters being absent as well as present".
  // RFC 5758 §3.2 (ECDSA), §3.1 (DSA), RFC 8410 §3 (EdDSA): absent.
  const isNull = parameters.tag === TAG.NULL && parameters.contentLength === 0;
  if (scheme.kind === 'rsa-pkcs1' && isNull) return scheme;
  const name = SIGNATURE_ALGORITHMS[algorithm.oid]!.name;
  return scheme.kind === 'unknown' ? scheme : unknown(`${name} has parameters that it must not have`);
}

// RSASSA-PSS-params  ::=  SEQUENCE  {
//      hashAlgorithm     [0] HashAlgorithm DEFAULT sha1Identifier,
//      maskGenAlgorithm  [1] MaskGenAlgorithm DEFAULT mgf1SHA1Identifier,
//      saltLength        [2] INTEGER DEFAULT 20,
//      trailerField      [3] INTEGER DEFAULT 1  }
// Our reading: a default that is spelled out is taken, as OpenSSL does.
function readPss(parameters: Element): SignatureScheme | UnknownScheme {
  if (parameters.tag !== TAG.SEQUENCE) return unknown('has RSASSA-PSS parameters of a wrong type');
  const inner = parameters.reader();
  const hash = readExplicit(inner, 0, (reader) => readAlgorithm(reader, 'hashAlgorithm'));
  const mask = readExplicit(inner, 1, (reader) => readAlgorithm(reader, 'maskGenAlgorithm'));
  const salt = readExplicit(inner, 2, (reader) => readInteger(reader, 'saltLength'));
  const trailer = readExplicit(inner, 3, (reader) => readInteger(reader, 'trailerField'));
  inner.finish('RSASSA-PSS-params');
  const digest = hash === undefined ? 'sha1' : digestOf(hash);
  const mgf1Hash = mask === undefined ? 'sha1' : mgf1DigestOf(mask);
  if (digest === undefined || mgf1Hash === undefined)
    return unknown('uses RSASSA-PSS with a hash or mask that is unknown');
  // RFC 4055 §3.1: "Other trailer fields are not supported".
  if (trailer !== undefined && trailer !== 1) return unknown('uses RSASSA-PSS with an unknown trailer field');
  return { kind: 'rsa-pss', hash: digest, mgf1Hash, saltLength: salt ?? 20 };
}

function readExplicit<T>(inner: Reader, number: number, read: (reader: Reader) => T): T | undefined {
  const explicit = inner.optional(contextConstructed(number), 'RSASSA-PSS-params');
  if (explicit === undefined) return undefined;
  const reader = explicit.reader();
  const value = read(reader);
  reader.finish('RSASSA-PSS-params');
  return value;
}

const readInteger = (reader: Reader, what: string): number =>
  readNonNegativeInteger(reader.expect(TAG.INTEGER, what), what);

// RFC 4055 §2.1: hash parameters are NULL, or absent.
function digestOf({ oid, parameters }: AlgorithmIdentifier): DigestName | undefined {
  if (parameters !== undefined && (parameters.tag !== TAG.NULL || parameters.contentLength !== 0)) return undefined;
  const name = HASH_OIDS[oid];
  return name && DIGESTS[name];
}

// MaskGenAlgorithm: id-mgf1, its parameters a HashAlgorithm.
function mgf1DigestOf({ element, oid, parameters }: AlgorithmIdentifier): DigestName | undefined {
  if (oid !== MGF1 || parameters === undefined) return undefined;
  const inner = element.reader();
  inner.read('algorithm');
  return digestOf(readAlgorithm(inner, 'maskGenAlgorithm'));
}

/** What `Crypto.verify` needs beside the bytes, or why there is nothing to verify with. */
export type Verification =
  | { readonly scheme: SignatureScheme; readonly key: PublicKey; readonly problem?: never }
  | { readonly problem: string; readonly scheme?: never; readonly key?: never };

/**
 * Brings a signature's algorithm and the signer's key together: same family, and the key's own RSASSA-PSS restrictions
 * kept (RFC 4055 §1.2: a key named id-RSASSA-PSS must not verify PKCS#1 v1.5 signatures).
 * @param inherited the algorithm of the signer's issuer, for DSA keys without parameters
 * @throws {DerError} where the key or the parameters are malformed
 */
export function resolveSignature(
  algorithm: AlgorithmIdentifier,
  signer: SubjectPublicKeyInfo,
  inherited?: AlgorithmIdentifier,
): Verification {
  const scheme = readSignatureScheme(algorithm);
  if (scheme.kind === 'unknown') return { problem: `the signature algorithm ${scheme.reason}` };
  const key = readPublicKey(signer, inherited);
  if (key.kind === 'unknown') return { problem: `the signer's key ${key.reason}` };
  const problem = mismatch(algorithm, scheme, signer);
  return problem === undefined ? { scheme, key } : { problem };
}

function mismatch(
  algorithm: AlgorithmIdentifier,
  scheme: SignatureScheme,
  signer: SubjectPublicKeyInfo,
): string | undefined {
  const { name, key: wanted } = SIGNATURE_ALGORITHMS[algorithm.oid]!;
  if (signer.kind !== 'RSASSA-PSS') {
    return signer.kind === wanted ? undefined : `${name} does not go with the signer's ${signer.kind} key`;
  }
  if (scheme.kind !== 'rsa-pss') return `the signer's key is for RSASSA-PSS only, not for ${name}`;
  if (signer.algorithm.parameters === undefined) return undefined;
  const allowed = readPss(signer.algorithm.parameters);
  if (allowed.kind !== 'rsa-pss') return "the signer's RSASSA-PSS key has unknown parameters";
  // RFC 4055 §3.3: the same algorithms, and a salt at least as long.
  const fits =
    allowed.hash === scheme.hash && allowed.mgf1Hash === scheme.mgf1Hash && scheme.saltLength >= allowed.saltLength;
  return fits ? undefined : "the signature's RSASSA-PSS parameters are not those that the signer's key allows";
}
