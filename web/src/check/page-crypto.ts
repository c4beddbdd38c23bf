import type { Crypto, DigestName } from '../../../src/core/base/ports.ts';
import type { DerivationPrimitives } from '../../../src/core/crypto/key-derivation.ts';
import { portableCryptoWith, portablePrimitives } from '../../../src/core/crypto/portable-crypto.ts';

const SUBTLE_NAMES: Readonly<Partial<Record<DigestName, string>>> = {
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
};

/** PBKDF2 by the browser itself, which is many times as quick as JavaScript. */
const pbkdf2: DerivationPrimitives['pbkdf2'] = async (derivation, passphrase, length) => {
  const hash = SUBTLE_NAMES[derivation.hash];
  if (hash === undefined) return portablePrimitives.pbkdf2(derivation, passphrase, length);
  const { salt, iterations } = derivation;
  const key = await crypto.subtle.importKey('raw', passphrase.slice(), 'PBKDF2', false, ['deriveBits']);
  const parameters = { name: 'PBKDF2', hash, salt: salt.slice(), iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, length * 8));
};

/** The engine's crypto in a browser; where the page is not served securely, all of it in JavaScript. */
export const pageCrypto: Crypto = portableCryptoWith(globalThis.crypto?.subtle === undefined ? {} : { pbkdf2 });
