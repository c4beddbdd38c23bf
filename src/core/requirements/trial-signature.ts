import {
  type Crypto,
  MalformedKeyError,
  type PublicKey,
  type SignatureScheme,
  UnsupportedAlgorithmError,
} from '../base/ports.ts';
import { readSignatureScheme } from '../x509/signature-scheme.ts';
import type { SubjectPublicKeyInfo } from '../x509/spki.ts';

/** `impossible`: this machine cannot compute it; says nothing about the key. `reason` is a sentence without full stop. */
export type Trial =
  | { readonly outcome: 'valid' | 'invalid' }
  | { readonly outcome: 'damaged' | 'impossible'; readonly reason: string };

const DATA = new TextEncoder().encode('Does this private key belong to this certificate?');

/** Signs with the private key and verifies with the certificate's public one. */
export function trialSignature(
  crypto: Crypto,
  pkcs8: Uint8Array,
  key: PublicKey,
  infos: readonly SubjectPublicKeyInfo[],
): Trial {
  try {
    const scheme = schemeFor(key, infos);
    const signature = crypto.sign(scheme, pkcs8, DATA);
    return { outcome: crypto.verify(scheme, key, DATA, signature) ? 'valid' : 'invalid' };
  } catch (error) {
    if (error instanceof MalformedKeyError) return { outcome: 'damaged', reason: error.message };
    if (error instanceof UnsupportedAlgorithmError) return { outcome: 'impossible', reason: error.message };
    throw error;
  }
}

function schemeFor(key: PublicKey, infos: readonly SubjectPublicKeyInfo[]): SignatureScheme {
  switch (key.kind) {
    case 'RSA':
      return rsaScheme(infos);
    case 'EC':
      return { kind: 'ecdsa', hash: 'sha256' };
    case 'DSA':
      return { kind: 'dsa', hash: 'sha256' };
    default:
      return { kind: 'eddsa' };
  }
}

// A key named id-RSASSA-PSS signs with nothing else, and with its parameters where it has some (RFC 4055 §1.2).
function rsaScheme(infos: readonly SubjectPublicKeyInfo[]): SignatureScheme {
  const restricted = infos.filter(({ kind }) => kind === 'RSASSA-PSS');
  const stated = restricted.find(({ algorithm }) => algorithm.parameters !== undefined);
  const scheme = stated === undefined ? undefined : readSignatureScheme(stated.algorithm);
  if (scheme !== undefined && scheme.kind !== 'unknown') return scheme;
  if (restricted.length > 0) return { kind: 'rsa-pss', hash: 'sha256', mgf1Hash: 'sha256', saltLength: 32 };
  return { kind: 'rsa-pkcs1', hash: 'sha256' };
}
