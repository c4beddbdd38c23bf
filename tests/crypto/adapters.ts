import type { Crypto, PublicKey } from '../../src/core/base/ports.ts';
import { portableCrypto } from '../../src/core/crypto/portable-crypto.ts';
import { Reader } from '../../src/core/der/element.ts';
import { readPublicKey } from '../../src/core/x509/public-key.ts';
import { readSpki } from '../../src/core/x509/spki.ts';
import { nodeCrypto } from '../../src/platform/crypto/node-crypto.ts';

/** Every adapter of the Crypto port: what one does, all must do. */
export const ADAPTERS: readonly (readonly [string, Crypto])[] = [
  ['node', nodeCrypto],
  ['portable', portableCrypto],
];

export function publicKey(spki: Uint8Array): PublicKey {
  const key = readPublicKey(readSpki(new Reader(spki), 'subjectPublicKeyInfo'));
  if (key.kind === 'unknown') throw new Error(`the key ${key.reason}`);
  return key;
}
