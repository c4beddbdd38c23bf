import type { DigestName } from '../base/ports.ts';
import { encodeOid } from '../der/oid.ts';

/** Encodings of a message for an RSA signature, RFC 8017 §9. */

type Digest = (hash: DigestName, data: Uint8Array) => Uint8Array;

const DIGEST_OIDS: Readonly<Record<DigestName, string>> = {
  md5: '1.2.840.113549.2.5',
  sha1: '1.3.14.3.2.26',
  sha224: '2.16.840.1.101.3.4.2.4',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
  'sha512-224': '2.16.840.1.101.3.4.2.5',
  'sha512-256': '2.16.840.1.101.3.4.2.6',
  'sha3-224': '2.16.840.1.101.3.4.2.7',
  'sha3-256': '2.16.840.1.101.3.4.2.8',
  'sha3-384': '2.16.840.1.101.3.4.2.9',
  'sha3-512': '2.16.840.1.101.3.4.2.10',
};

/**
 * EMSA-PKCS1-v1_5, §9.2. A verifier makes the encoding anew and compares it whole: parsing what a signature recovers is
 * how the forgeries against small exponents came about. Undefined where the modulus is too short.
 */
export function encodePkcs1(hash: DigestName, digest: Uint8Array, length: number): Uint8Array | undefined {
  // DigestInfo ::= SEQUENCE {
  //     digestAlgorithm SEQUENCE { algorithm OBJECT IDENTIFIER, parameters NULL },
  //     digest OCTET STRING }
  const oid = encodeOid(DIGEST_OIDS[hash]);
  const algorithm = [0x30, oid.length + 4, 0x06, oid.length, ...oid, 0x05, 0x00];
  const body = [...algorithm, 0x04, digest.length, ...digest];
  const digestInfo = [0x30, body.length, ...body];
  if (length < digestInfo.length + 11) return undefined;
  const encoded = new Uint8Array(length).fill(0xff);
  encoded[0] = 0;
  encoded[1] = 1;
  encoded[length - digestInfo.length - 1] = 0;
  encoded.set(digestInfo, length - digestInfo.length);
  return encoded;
}

export interface PssParameters {
  readonly hash: DigestName;
  readonly mgf1Hash: DigestName;
  readonly saltLength: number;
}

/** EMSA-PSS-VERIFY, §9.1.2. `encoded` is as long as the modulus, `modulusBits` its exact length. */
export function matchesPss(
  parameters: PssParameters,
  digestOfMessage: Uint8Array,
  signature: { readonly encoded: Uint8Array; readonly modulusBits: number },
  digest: Digest,
): boolean {
  const { saltLength } = parameters;
  const emBits = signature.modulusBits - 1;
  const emLength = Math.ceil(emBits / 8);
  const surplus = signature.encoded.length - emLength;
  if (surplus === 1 && signature.encoded[0] !== 0) return false;
  const encoded = signature.encoded.subarray(surplus);
  const hashLength = digestOfMessage.length;
  if (emLength < hashLength + saltLength + 2 || encoded[emLength - 1] !== 0xbc) return false;
  const masked = encoded.subarray(0, emLength - hashLength - 1);
  const hashOctets = encoded.subarray(emLength - hashLength - 1, emLength - 1);
  const topMask = 0xff >>> (8 * emLength - emBits);
  if ((masked[0]! & ~topMask) !== 0) return false;
  const block = xor(masked, mgf1(parameters.mgf1Hash, hashOctets, masked.length, digest));
  block[0]! &= topMask;
  const saltStart = block.length - saltLength;
  for (let i = 0; i < saltStart - 1; i++) if (block[i] !== 0) return false;
  if (block[saltStart - 1] !== 1) return false;
  return sameOctets(hashOctets, pssHash(parameters.hash, digestOfMessage, block.subarray(saltStart), digest));
}

/** EMSA-PSS-ENCODE, §9.1.1, as long as the modulus; undefined where that is too short. */
export function encodePss(
  parameters: PssParameters,
  digestOfMessage: Uint8Array,
  target: { readonly modulusBits: number; readonly salt: Uint8Array },
  digest: Digest,
): Uint8Array | undefined {
  const emBits = target.modulusBits - 1;
  const emLength = Math.ceil(emBits / 8);
  const hashLength = digestOfMessage.length;
  const blockLength = emLength - hashLength - 1;
  if (blockLength < target.salt.length + 1) return undefined;
  const hashOctets = pssHash(parameters.hash, digestOfMessage, target.salt, digest);
  const block = new Uint8Array(blockLength);
  block[blockLength - target.salt.length - 1] = 1;
  block.set(target.salt, blockLength - target.salt.length);
  const masked = xor(block, mgf1(parameters.mgf1Hash, hashOctets, blockLength, digest));
  masked[0]! &= 0xff >>> (8 * emLength - emBits);
  const encoded = new Uint8Array(Math.ceil(target.modulusBits / 8));
  const surplus = encoded.length - emLength;
  encoded.set(masked, surplus);
  encoded.set(hashOctets, surplus + blockLength);
  encoded[encoded.length - 1] = 0xbc;
  return encoded;
}

// M' = (0x)00 00 00 00 00 00 00 00 || mHash || salt
function pssHash(hash: DigestName, digestOfMessage: Uint8Array, salt: Uint8Array, digest: Digest): Uint8Array {
  const message = new Uint8Array(8 + digestOfMessage.length + salt.length);
  message.set(digestOfMessage, 8);
  message.set(salt, 8 + digestOfMessage.length);
  return digest(hash, message);
}

/** MGF1, RFC 8017 appendix B.2.1. */
function mgf1(hash: DigestName, seed: Uint8Array, length: number, digest: Digest): Uint8Array {
  const mask = new Uint8Array(length);
  const input = new Uint8Array(seed.length + 4);
  input.set(seed);
  for (let at = 0, counter = 0; at < length; counter++) {
    new DataView(input.buffer).setUint32(seed.length, counter);
    const piece = digest(hash, input);
    mask.set(piece.subarray(0, Math.min(piece.length, length - at)), at);
    at += piece.length;
  }
  return mask;
}

function xor(left: Uint8Array, right: Uint8Array): Uint8Array {
  return left.map((octet, i) => octet ^ right[i]!);
}

export function sameOctets(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((octet, i) => octet === right[i]);
}
