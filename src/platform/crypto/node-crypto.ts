import {
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  hash as digestOf,
  constants,
  type KeyObject,
  pbkdf2,
  publicDecrypt,
  scrypt,
  sign,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';
import {
  type Crypto,
  DecryptionError,
  type DigestName,
  type KeyDecryption,
  MalformedKeyError,
  type PublicKey,
  type SignatureScheme,
  UnsupportedAlgorithmError,
} from '../../core/base/ports.ts';
import { isUsable } from '../../core/crypto/budget.ts';
import { matchesPss } from '../../core/crypto/emsa.ts';
import { cipherShape, type DerivationPrimitives, deriveKeyAndIv } from '../../core/crypto/key-derivation.ts';
import { applyRc4, decryptRc2Cbc, removePadding } from '../../core/crypto/old-ciphers.ts';
import { readPrivateKey } from '../../core/crypto/private-key.ts';

const CURVES: ReadonlySet<string> = new Set([
  'P-192',
  'P-224',
  'P-256',
  'P-384',
  'P-521',
  'secp256k1',
  'brainpoolP256r1',
  'brainpoolP384r1',
  'brainpoolP512r1',
]);

/** The Crypto port over node:crypto (OpenSSL). Safe to share; it remembers nothing but the keys it was shown. */
export const nodeCrypto: Crypto = { digest, verify: verifySignature, sign: signData, publicKeyOf, decryptKey };

function digest(hash: DigestName, data: Uint8Array): Uint8Array {
  return asOctets(digestOf(hash, data, 'buffer'));
}

// A CA's key verifies many signatures; loading one of another kind than RSA costs as much as a signature.
const keyObjects = new WeakMap<PublicKey, KeyObject | 'unusable'>();

function keyObjectOf(key: PublicKey): KeyObject | undefined {
  let known = keyObjects.get(key);
  if (known === undefined) {
    known = isUsable(key) ? load(key) : 'unusable';
    keyObjects.set(key, known);
  }
  return known === 'unusable' ? undefined : known;
}

function load(key: PublicKey): KeyObject | 'unusable' {
  if (key.kind === 'EC' && !CURVES.has(key.curve)) throw new UnsupportedAlgorithmError(`the curve ${key.curve}`);
  try {
    // OpenSSL 3 takes 140 µs for a SubjectPublicKeyInfo of RSA and 3 µs for the RSAPublicKey inside. What an
    // id-RSASSA-PSS key may sign is judged where signature and key are brought together, for both adapters.
    if (key.kind === 'RSA') return createPublicKey({ key: rsaPublicKey(key), format: 'der', type: 'pkcs1' });
    return createPublicKey({ key: asBuffer(key.spki), format: 'der', type: 'spki' });
  } catch {
    return 'unusable';
  }
}

// RSAPublicKey ::= SEQUENCE {
//     modulus           INTEGER,  -- n
//     publicExponent    INTEGER   -- e }
function rsaPublicKey({ modulus, publicExponent }: PublicKey & { kind: 'RSA' }): Buffer {
  const content = Buffer.concat([integer(modulus), integer(publicExponent)]);
  return Buffer.concat([header(0x30, content.length), content]);
}

function integer(octets: Uint8Array): Buffer {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start++;
  const magnitude = octets.subarray(start);
  const sign = Buffer.alloc((magnitude[0] ?? 0) >= 0x80 ? 1 : 0);
  return Buffer.concat([header(0x02, sign.length + magnitude.length), sign, magnitude]);
}

// The budget keeps every length below 65536.
function header(tag: number, length: number): Buffer {
  if (length < 0x80) return Buffer.of(tag, length);
  return length < 0x100 ? Buffer.of(tag, 0x81, length) : Buffer.of(tag, 0x82, length >> 8, length & 0xff);
}

function verifySignature(scheme: SignatureScheme, key: PublicKey, data: Uint8Array, signature: Uint8Array): boolean {
  if (!fits(scheme, key)) return false;
  const keyObject = keyObjectOf(key);
  if (keyObject === undefined) return false;
  // OpenSSL reports what hostile keys and signatures do to it as errors: none of them is a valid signature.
  try {
    switch (scheme.kind) {
      case 'rsa-pkcs1':
        return verify(scheme.hash, data, { key: keyObject, padding: constants.RSA_PKCS1_PADDING }, signature);
      case 'rsa-pss':
        return verifyPss(scheme, keyObject, data, signature);
      case 'ecdsa':
      case 'dsa':
        return verify(scheme.hash, data, { key: keyObject, dsaEncoding: 'der' }, signature);
      case 'eddsa':
        return verify(null, data, keyObject, signature);
    }
  } catch {
    return false;
  }
}

type Pss = SignatureScheme & { kind: 'rsa-pss' };

function verifyPss(scheme: Pss, key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean {
  // Negative lengths mean "any length" to OpenSSL.
  if (!Number.isSafeInteger(scheme.saltLength) || scheme.saltLength < 0) return false;
  if (scheme.mgf1Hash === scheme.hash) {
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    return verify(scheme.hash, data, { key, padding, saltLength: scheme.saltLength }, signature);
  }
  // node:crypto cannot be told a hash of its own for MGF1.
  const encoded = publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature);
  const modulusBits = key.asymmetricKeyDetails?.modulusLength;
  if (modulusBits === undefined) return false;
  return matchesPss(scheme, digest(scheme.hash, data), { encoded, modulusBits }, digest);
}

function fits(scheme: SignatureScheme, key: PublicKey): boolean {
  switch (scheme.kind) {
    case 'rsa-pkcs1':
    case 'rsa-pss':
      return key.kind === 'RSA';
    case 'ecdsa':
      return key.kind === 'EC';
    case 'dsa':
      return key.kind === 'DSA';
    case 'eddsa':
      return key.kind === 'Ed25519' || key.kind === 'Ed448';
  }
}

function loadPrivate(pkcs8: Uint8Array): KeyObject {
  readPrivateKey(pkcs8);
  try {
    return createPrivateKey({ key: asBuffer(pkcs8), format: 'der', type: 'pkcs8' });
  } catch {
    throw new MalformedKeyError('The private key is damaged: its numbers do not make a key');
  }
}

function signData(scheme: SignatureScheme, pkcs8: Uint8Array, data: Uint8Array): Uint8Array {
  return asOctets(signWith(scheme, loadPrivate(pkcs8), data));
}

function signWith(scheme: SignatureScheme, key: KeyObject, data: Uint8Array): Buffer {
  if (scheme.kind === 'rsa-pss' && scheme.mgf1Hash !== scheme.hash) {
    throw new UnsupportedAlgorithmError('signing with RSASSA-PSS and two different hashes');
  }
  try {
    switch (scheme.kind) {
      case 'rsa-pkcs1':
        return sign(scheme.hash, data, { key, padding: constants.RSA_PKCS1_PADDING });
      case 'rsa-pss':
        return sign(scheme.hash, data, {
          key,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: scheme.saltLength,
        });
      case 'ecdsa':
      case 'dsa':
        return sign(scheme.hash, data, { key, dsaEncoding: 'der' });
      case 'eddsa':
        return sign(null, data, key);
    }
  } catch {
    throw new MalformedKeyError(`The private key cannot make a signature (${scheme.kind})`);
  }
}

function publicKeyOf(pkcs8: Uint8Array): Uint8Array {
  return asOctets(createPublicKey(loadPrivate(pkcs8)).export({ format: 'der', type: 'spki' }));
}

const pbkdf2Async = promisify(pbkdf2);

// The asynchronous versions run on libuv's threads: the event loop goes on while a key is derived.
const PRIMITIVES: DerivationPrimitives = {
  digest,
  pbkdf2: ({ hash, salt, iterations }, passphrase, length) => pbkdf2Async(passphrase, salt, iterations, length, hash),
  scrypt: ({ salt, N, r, p }, passphrase, length) =>
    new Promise((resolve, reject) => {
      const maxmem = 128 * N * r + 128 * r * p + 1024 * 1024;
      scrypt(passphrase, salt, length, { N, r, p, maxmem }, (error, key) => {
        if (error === null) resolve(key);
        else reject(new MalformedKeyError(`The key's encryption is damaged: ${error.message}`));
      });
    }),
};

async function decryptKey(request: KeyDecryption): Promise<Uint8Array> {
  const shape = cipherShape(request.cipher);
  const { key, iv } = await deriveKeyAndIv(request, shape, PRIMITIVES);
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
  if (effectiveBits !== undefined) {
    const padded = decryptRc2Cbc(key, effectiveBits, iv, ciphertext);
    const plaintext = removePadding(padded, block);
    if (plaintext !== undefined) return plaintext;
    padded.fill(0);
    throw wrongPadding();
  }
  const tripled = cipher.startsWith('des-') ? tripleDesKey(key) : key;
  const decryption = createDecipheriv(cipher.startsWith('des-') ? 'des-ede3-cbc' : cipher, tripled, iv);
  const plaintext = new Uint8Array(ciphertext.length);
  const head = decryption.update(ciphertext);
  try {
    const tail = decryption.final();
    plaintext.set(head);
    plaintext.set(tail, head.length);
    const length = head.length + tail.length;
    tail.fill(0);
    return plaintext.subarray(0, length);
  } catch {
    throw wrongPadding();
  } finally {
    head.fill(0);
    if (tripled !== key) tripled.fill(0);
  }
}

/** OpenSSL 3 keeps single DES in its legacy provider, but encrypt-decrypt-encrypt with one key thrice is single DES. */
function tripleDesKey(key: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: 24 }, (_, i) => key[i % key.length]!);
}

const wrongPadding = (): DecryptionError => new DecryptionError('The decrypted bytes do not end in valid padding');

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A Buffer's `slice` is a view where a Uint8Array's is a copy: core shall not meet one. */
function asOctets(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
