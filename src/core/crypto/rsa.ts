import { randomBytes } from '@noble/hashes/utils.js';
import { type DigestName, MalformedKeyError, type PublicKey, type SignatureScheme } from '../base/ports.ts';
import { unsignedBigInteger } from '../der/values.ts';
import { modPow, toOctets } from './big-integer.ts';
import { bitLength } from './budget.ts';
import { encodePkcs1, encodePss, matchesPss, sameOctets } from './emsa.ts';
import type { RsaPrivateNumbers } from './private-key.ts';

type RsaScheme = SignatureScheme & { kind: 'rsa-pkcs1' | 'rsa-pss' };
type Digest = (hash: DigestName, data: Uint8Array) => Uint8Array;

/** RSASSA-PKCS1-V1_5-VERIFY and RSASSA-PSS-VERIFY, RFC 8017 §8. */
export function verifyRsa(
  scheme: RsaScheme,
  key: PublicKey & { kind: 'RSA' },
  { digestOfMessage, signature }: { readonly digestOfMessage: Uint8Array; readonly signature: Uint8Array },
  digest: Digest,
): boolean {
  const modulusBits = bitLength(key.modulus);
  const length = Math.ceil(modulusBits / 8);
  if (signature.length !== length) return false;
  const modulus = unsignedBigInteger(key.modulus);
  const exponent = unsignedBigInteger(key.publicExponent);
  const representative = unsignedBigInteger(signature);
  // RFC 8017 §5.2.2: the representative lies between 0 and n - 1; OpenSSL refuses n ≤ e besides.
  if (representative >= modulus || exponent >= modulus) return false;
  const encoded = toOctets(modPow(representative, exponent, modulus), length);
  if (scheme.kind === 'rsa-pss') {
    if (!Number.isSafeInteger(scheme.saltLength) || scheme.saltLength < 0) return false;
    return matchesPss(scheme, digestOfMessage, { encoded, modulusBits }, digest);
  }
  const expected = encodePkcs1(scheme.hash, digestOfMessage, length);
  return expected !== undefined && sameOctets(encoded, expected);
}

/**
 * Signs; meant for a trial signature in the key owner's own browser, so not blinded and not constant-time.
 * @throws {MalformedKeyError} where the modulus is too short for the hash, or the numbers do not belong together
 */
export function signRsa(
  scheme: RsaScheme,
  key: RsaPrivateNumbers,
  digestOfMessage: Uint8Array,
  digest: Digest,
): Uint8Array {
  const modulusBits = bitLength(key.modulus);
  const length = Math.ceil(modulusBits / 8);
  const encoded =
    scheme.kind === 'rsa-pkcs1'
      ? encodePkcs1(scheme.hash, digestOfMessage, length)
      : encodePss(scheme, digestOfMessage, { modulusBits, salt: randomBytes(scheme.saltLength) }, digest);
  if (encoded === undefined) throw new MalformedKeyError('The private key is too short to sign with this hash');
  return toOctets(privateOperation(key, unsignedBigInteger(encoded)), length);
}

// RSASP1, RFC 8017 §5.2.1 2.b; where the Chinese remainder's numbers are wrong, by the private exponent, as OpenSSL does.
function privateOperation(key: RsaPrivateNumbers, message: bigint): bigint {
  const n = unsignedBigInteger(key.modulus);
  const p = unsignedBigInteger(key.prime1);
  const q = unsignedBigInteger(key.prime2);
  if (p > 0n && q > 0n) {
    const m1 = modPow(message, unsignedBigInteger(key.exponent1), p);
    const m2 = modPow(message, unsignedBigInteger(key.exponent2), q);
    const h = ((((m1 - m2) % p) + p) * unsignedBigInteger(key.coefficient)) % p;
    const signature = m2 + q * h;
    if (signature < n && modPow(signature, unsignedBigInteger(key.publicExponent), n) === message) return signature;
  }
  return modPow(message, unsignedBigInteger(key.privateExponent), n);
}
