import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

/** The sizes that the appliance supports. */
export const KEY_SIZES = [2048, 4096] as const;
export type KeySize = (typeof KEY_SIZES)[number];

export interface NewKey {
  readonly privateKey: KeyObject;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
}

/** An RSA key, made off the event loop (a 4096-bit one takes a second or so). */
export async function newKey(bits: KeySize): Promise<NewKey> {
  const { privateKey } = await generate('rsa', { modulusLength: bits, publicExponent: 0x10001 });
  return { privateKey, spki: spkiOf(privateKey) };
}

export const spkiOf = (privateKey: KeyObject): Uint8Array =>
  createPublicKey(privateKey as unknown as string).export({ type: 'spki', format: 'der' });

/** PEM PKCS#8, encrypted (PBES2, AES-256-CBC) where a passphrase is given. */
export function keyToPem(privateKey: KeyObject, passphrase?: string): string {
  const form = { type: 'pkcs8', format: 'pem' } as const;
  const pem =
    passphrase === undefined
      ? privateKey.export(form)
      : privateKey.export({ ...form, cipher: 'aes-256-cbc', passphrase });
  return pem as string;
}

/** From unencrypted DER PKCS#8. */
export const keyFromPkcs8 = (pkcs8: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.from(pkcs8), type: 'pkcs8', format: 'der' });
