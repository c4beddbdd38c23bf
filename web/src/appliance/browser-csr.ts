import { bitString, nullValue, octetString, oid, sequence, toPem } from '../../../src/making/encode/der.ts';
import { encodeName, subjectAttributes, type SubjectFields } from '../../../src/making/encode/name-fields.ts';
import { pbes2Algorithm } from '../../../src/making/encode/pbes2.ts';
import { requestedExtensions, requestInfo } from '../../../src/making/encode/request-info.ts';

/** A key that was made in this page, and the request for its certificate; nothing of it was sent anywhere. */
export interface MadeKey {
  /** PEM, encrypted PKCS#8. */
  readonly keyPem: string;
  /** PEM. */
  readonly csrPem: string;
}

export interface Wanted {
  readonly bits: 2048 | 4096;
  readonly subject: SubjectFields;
  /** Beside the common name. */
  readonly alternativeNames: readonly string[];
  readonly passphrase: string;
}

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: Uint8Array.of(1, 0, 1) } as const;
const SHA256_WITH_RSA = '1.2.840.113549.1.1.11';

/** Makes an RSA key and a CSR for it with the browser's own cryptography. */
export async function makeKey({ bits, subject, alternativeNames, passphrase }: Wanted): Promise<MadeKey> {
  const pair = await crypto.subtle.generateKey({ ...RSA, modulusLength: bits }, true, ['sign', 'verify']);
  const [spki, pkcs8] = await Promise.all([
    crypto.subtle.exportKey('spki', pair.publicKey),
    crypto.subtle.exportKey('pkcs8', pair.privateKey),
  ]);
  const names = [...new Set([subject.commonName, ...alternativeNames])];
  const info = requestInfo(encodeName(subjectAttributes(subject)), new Uint8Array(spki), requestedExtensions(names));
  const signature = await crypto.subtle.sign(RSA.name, pair.privateKey, new Uint8Array(info));
  const csr = sequence(info, sequence(oid(SHA256_WITH_RSA), nullValue()), bitString(new Uint8Array(signature)));
  const plain = new Uint8Array(pkcs8);
  const keyPem = await encrypted(plain, passphrase);
  plain.fill(0);
  return { keyPem, csrPem: toPem('CERTIFICATE REQUEST', csr) };
}

/** As many as Certgate's own exports have, and openssl reads in a moment. */
const ITERATIONS = 100_000;

/** EncryptedPrivateKeyInfo (RFC 5958 §3) as `openssl pkcs8 -topk8` writes it, PEM. */
async function encrypted(pkcs8: Uint8Array<ArrayBuffer>, passphrase: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(16));
  const secret = await crypto.subtle.importKey('raw', new TextEncoder().encode(passphrase), 'PBKDF2', false, [
    'deriveKey',
  ]);
  const key = await crypto.subtle.deriveKey(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ITERATIONS },
    secret,
    { name: 'AES-CBC', length: 256 },
    false,
    ['encrypt'],
  );
  const ciphertext = await crypto.subtle.encrypt({ name: 'AES-CBC', iv }, key, pkcs8);
  const algorithm = pbes2Algorithm({ salt, iterations: ITERATIONS, iv });
  return toPem('ENCRYPTED PRIVATE KEY', sequence(algorithm, octetString(new Uint8Array(ciphertext))));
}
