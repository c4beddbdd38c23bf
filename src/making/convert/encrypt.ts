import { createCipheriv, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { cipherShape, deriveKeyAndIv } from '../../core/crypto/key-derivation.ts';
import { nodeCrypto } from '../../platform/crypto/node-crypto.ts';
import { integer, octetString, oid, sequence } from '../encode/der.ts';
import { pbes2Algorithm } from '../encode/pbes2.ts';
import { OID } from './pkcs12.data.ts';

/** `modern`: AES-256 and SHA-256. `legacy`: triple DES and SHA-1, for Windows before 2019 and devices of that age. */
export type Protection = 'modern' | 'legacy';

/**
 * Windows and .NET refuse a PKCS#12 file whose derivations add up to more than 600 000 iterations; a file has three.
 * The old derivation is for readers that are old, and has what they are used to.
 */
export const ITERATIONS: Readonly<Record<Protection, number>> = { modern: 100_000, legacy: 2048 };

export interface Encrypted {
  /** DER AlgorithmIdentifier. */
  readonly algorithm: Uint8Array;
  readonly ciphertext: Uint8Array;
}

const derive = promisify(pbkdf2);

/** Encrypts with a passphrase in UTF-8, the way that PKCS#8 and PKCS#12 share. */
export const encrypt = (plain: Uint8Array, passphrase: Uint8Array, protection: Protection): Promise<Encrypted> =>
  protection === 'modern' ? encryptModern(plain, passphrase) : encryptLegacy(plain, passphrase);

// RFC 8018 appendix A.4: PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC, as `openssl pkcs8 -topk8` writes it.
async function encryptModern(plain: Uint8Array, passphrase: Uint8Array): Promise<Encrypted> {
  const salt = randomBytes(16);
  const iv = randomBytes(16);
  const iterations = ITERATIONS.modern;
  const key = await derive(passphrase, salt, iterations, 32, 'sha256');
  const ciphertext = encipher('aes-256-cbc', { key, iv }, plain);
  const algorithm = pbes2Algorithm({ salt, iterations, iv });
  return { algorithm, ciphertext };
}

async function encryptLegacy(plain: Uint8Array, passphrase: Uint8Array): Promise<Encrypted> {
  const cipher = 'des-ede3-cbc';
  const salt = randomBytes(8);
  const iterations = ITERATIONS.legacy;
  const derivation = { name: 'pkcs12', hash: 'sha1', salt, iterations } as const;
  const request = { derivation, cipher, iv: undefined, ciphertext: plain, passphrase };
  const keyAndIv = await deriveKeyAndIv(request, cipherShape(cipher), PRIMITIVES);
  const algorithm = sequence(oid(OID.sha1And3KeyTripleDes), sequence(octetString(salt), integer(iterations)));
  return { algorithm, ciphertext: encipher(cipher, keyAndIv, plain) };
}

function encipher(cipher: string, { key, iv }: { key: Uint8Array; iv: Uint8Array }, plain: Uint8Array): Uint8Array {
  const encryption = createCipheriv(cipher, key, iv);
  const ciphertext = Buffer.concat([encryption.update(plain), encryption.final()]);
  key.fill(0);
  return ciphertext;
}

// RFC 7292 appendix B needs a hash only.
const never = (): never => {
  throw new TypeError('the derivation of RFC 7292 uses neither PBKDF2 nor scrypt');
};
const PRIMITIVES = { digest: nodeCrypto.digest, pbkdf2: never, scrypt: never };

/** EncryptedPrivateKeyInfo (RFC 5958 §3), DER. */
export async function encryptedPrivateKeyInfo(
  pkcs8: Uint8Array,
  passphrase: Uint8Array,
  protection: Protection,
): Promise<Uint8Array> {
  const { algorithm, ciphertext } = await encrypt(pkcs8, passphrase, protection);
  return sequence(algorithm, octetString(ciphertext));
}
