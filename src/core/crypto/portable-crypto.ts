import { cbc } from '@noble/ciphers/aes.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { pbkdf2Async } from '@noble/hashes/pbkdf2.js';
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { sha224, sha256, sha384, sha512, sha512_224, sha512_256 } from '@noble/hashes/sha2.js';
import { sha3_224, sha3_256, sha3_384, sha3_512 } from '@noble/hashes/sha3.js';
import type { CHash } from '@noble/hashes/utils.js';
import {
  type Crypto,
  DecryptionError,
  type DigestName,
  type KeyDecryption,
  type PublicKey,
  type SignatureScheme,
  UnsupportedAlgorithmError,
  UnsupportedHereError,
} from '../base/ports.ts';
import { isUsable } from './budget.ts';
import { verifyDsa } from './dsa.ts';
import { ECDSA_OPTIONS, ecdsaOf, EDDSA_OPTIONS, edwardsOf } from './elliptic.ts';
import { cipherShape, type DerivationPrimitives, deriveKeyAndIv } from './key-derivation.ts';
import { applyRc4, decryptRc2Cbc, removePadding } from './old-ciphers.ts';
import { readPrivateKey } from './private-key.ts';
import { publicHalf } from './public-half.ts';
import { signRsa, verifyRsa } from './rsa.ts';

const HASHES: Readonly<Record<DigestName, CHash>> = {
  md5,
  sha1,
  sha224,
  sha256,
  sha384,
  sha512,
  'sha512-224': sha512_224,
  'sha512-256': sha512_256,
  'sha3-224': sha3_224,
  'sha3-256': sha3_256,
  'sha3-384': sha3_384,
  'sha3-512': sha3_512,
};

/**
 * The Crypto port without Node: for browsers, where the bundle is checked before the key leaves the page. Slower, not
 * constant-time, and without 3DES, DES, Camellia, ARIA, P-192, P-224 and DSA signing, which it reports as unsupported.
 */
export const portableCrypto: Crypto = portableCryptoWith({});

/** The same, with whatever a browser derives keys faster with. */
export function portableCryptoWith(faster: Partial<DerivationPrimitives>): Crypto {
  const decrypt = (request: KeyDecryption): Promise<Uint8Array> =>
    decryptKey(request, { ...portablePrimitives, ...faster });
  return { digest, verify, sign, publicKeyOf, decryptKey: decrypt };
}

function digest(hash: DigestName, data: Uint8Array): Uint8Array {
  return HASHES[hash](data);
}

function verify(scheme: SignatureScheme, key: PublicKey, data: Uint8Array, signature: Uint8Array): boolean {
  if (!isUsable(key)) return false;
  switch (scheme.kind) {
    case 'rsa-pkcs1':
    case 'rsa-pss':
      return (
        key.kind === 'RSA' && verifyRsa(scheme, key, { digestOfMessage: digest(scheme.hash, data), signature }, digest)
      );
    case 'dsa':
      return key.kind === 'DSA' && verifyDsa(key, digest(scheme.hash, data), signature);
    case 'ecdsa':
      return key.kind === 'EC' && verifyEcdsa(key, digest(scheme.hash, data), signature);
    case 'eddsa':
      return (key.kind === 'Ed25519' || key.kind === 'Ed448') && verifyEddsa(key, data, signature);
  }
}

function verifyEcdsa(key: PublicKey & { kind: 'EC' }, digestOfMessage: Uint8Array, signature: Uint8Array): boolean {
  const ecdsa = ecdsaOf(key.curve);
  // @noble throws where a point is off its curve or a signature is no DER: neither is a valid signature.
  try {
    return ecdsa.verify(signature, digestOfMessage, key.point, ECDSA_OPTIONS);
  } catch {
    return false;
  }
}

function verifyEddsa(key: PublicKey & { kind: 'Ed25519' | 'Ed448' }, data: Uint8Array, signature: Uint8Array): boolean {
  try {
    return edwardsOf(key.kind).verify(signature, data, key.key, EDDSA_OPTIONS);
  } catch {
    return false;
  }
}

function sign(scheme: SignatureScheme, pkcs8: Uint8Array, data: Uint8Array): Uint8Array {
  const key = readPrivateKey(pkcs8);
  if ((scheme.kind === 'rsa-pkcs1' || scheme.kind === 'rsa-pss') && key.kind === 'RSA') {
    return signRsa(scheme, key, digest(scheme.hash, data), digest);
  }
  if (scheme.kind === 'ecdsa' && key.kind === 'EC') {
    return ecdsaOf(key.curve).sign(digest(scheme.hash, data), key.scalar, ECDSA_OPTIONS);
  }
  if (scheme.kind === 'eddsa' && (key.kind === 'Ed25519' || key.kind === 'Ed448')) {
    return edwardsOf(key.kind).sign(data, key.seed);
  }
  throw new UnsupportedAlgorithmError(`signing by ${scheme.kind} with a key of the kind ${key.kind}`);
}

function publicKeyOf(pkcs8: Uint8Array): Uint8Array {
  return publicHalf(readPrivateKey(pkcs8));
}

export const portablePrimitives: DerivationPrimitives = {
  digest,
  pbkdf2: ({ hash, salt, iterations }, passphrase, length) =>
    pbkdf2Async(HASHES[hash], passphrase, salt, { c: iterations, dkLen: length }),
  scrypt: ({ salt, N, r, p }, passphrase, length) => scryptAsync(passphrase, salt, { N, r, p, dkLen: length }),
};

async function decryptKey(request: KeyDecryption, primitives: DerivationPrimitives): Promise<Uint8Array> {
  const shape = cipherShape(request.cipher);
  if (shape.effectiveBits === undefined && shape.block !== 0 && !request.cipher.startsWith('aes-')) {
    throw new UnsupportedHereError(request.cipher);
  }
  const { key, iv } = await deriveKeyAndIv(request, shape, primitives);
  try {
    return decipher(request, key, iv);
  } finally {
    key.fill(0);
  }
}

function decipher({ cipher, ciphertext }: KeyDecryption, key: Uint8Array, iv: Uint8Array): Uint8Array {
  const { block, effectiveBits } = cipherShape(cipher);
  if (block === 0) return applyRc4(key, ciphertext);
  if (ciphertext.length === 0 || ciphertext.length % block !== 0) throw wrongPadding();
  const padded =
    effectiveBits === undefined
      ? cbc(key, iv, { disablePadding: true }).decrypt(ciphertext)
      : decryptRc2Cbc(key, effectiveBits, iv, ciphertext);
  const plaintext = removePadding(padded, block);
  if (plaintext !== undefined) return plaintext;
  padded.fill(0);
  throw wrongPadding();
}

const wrongPadding = (): DecryptionError => new DecryptionError('The decrypted bytes do not end in valid padding');
