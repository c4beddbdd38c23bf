import type { ECDSA } from '@noble/curves/abstract/weierstrass.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { ed448 } from '@noble/curves/ed448.js';
import { brainpoolP256r1, brainpoolP384r1, brainpoolP512r1 } from '@noble/curves/misc.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { UnsupportedAlgorithmError } from '../base/ports.ts';

/** The curves that @noble/curves has; P-192 and P-224, which nobody issues any more, it lacks. */
const CURVES: Readonly<Record<string, { readonly oid: string; readonly ecdsa: ECDSA }>> = {
  'P-256': { oid: '1.2.840.10045.3.1.7', ecdsa: p256 },
  'P-384': { oid: '1.3.132.0.34', ecdsa: p384 },
  'P-521': { oid: '1.3.132.0.35', ecdsa: p521 },
  secp256k1: { oid: '1.3.132.0.10', ecdsa: secp256k1 },
  brainpoolP256r1: { oid: '1.3.36.3.3.2.8.1.1.7', ecdsa: brainpoolP256r1 },
  brainpoolP384r1: { oid: '1.3.36.3.3.2.8.1.1.11', ecdsa: brainpoolP384r1 },
  brainpoolP512r1: { oid: '1.3.36.3.3.2.8.1.1.13', ecdsa: brainpoolP512r1 },
};

/** By name (`P-256`) or dotted identifier. @throws {UnsupportedAlgorithmError} */
export function ecdsaOf(curve: string): ECDSA {
  const known = Object.hasOwn(CURVES, curve) ? CURVES[curve] : Object.values(CURVES).find(({ oid }) => oid === curve);
  if (known === undefined) throw new UnsupportedAlgorithmError(`the curve ${curve}`);
  return known.ecdsa;
}

export const edwardsOf = (kind: 'Ed25519' | 'Ed448'): typeof ed25519 => (kind === 'Ed25519' ? ed25519 : ed448);

/** Of the same digest only: the adapter hashes, so that every hash goes with every curve. */
export const ECDSA_OPTIONS = { prehash: false, lowS: false, format: 'der' } as const;

/** RFC 8032's own equation, as OpenSSL checks it, not ZIP 215's more permissive one. */
export const EDDSA_OPTIONS = { zip215: false } as const;
