import { type PublicKey, UnsupportedAlgorithmError } from '../base/ports.ts';

/** How large a key may be before computing with it costs more than an answer is worth. */
export const KEY_BUDGET = {
  /** OPENSSL_RSA_MAX_MODULUS_BITS: OpenSSL verifies nothing longer. */
  rsaModulusBits: 16_384,
  /** OPENSSL_RSA_MAX_PUBEXP_BITS, which OpenSSL only holds against moduli above 3072 bits. */
  rsaExponentBits: 64,
  /** A private operation grows with the cube of the modulus: 16384 bits were measured at more than a second. */
  rsaPrivateModulusBits: 8192,
  /** FIPS 186-4 §4.2 ends at 3072. */
  dsaModulusBits: 4096,
  /** FIPS 186-4 §4.2 ends at 256. */
  dsaSubgroupBits: 256,
  /** An RSA key of 8192 bits takes 4.7 KB as PKCS#8. */
  privateKeyOctets: 16_384,
} as const;

/** Bits of a big-endian unsigned integer. */
export function bitLength(octets: Uint8Array): number {
  let start = 0;
  while (start < octets.length && octets[start] === 0) start++;
  return start === octets.length ? 0 : (octets.length - start) * 8 - Math.clz32(octets[start]!) + 24;
}

/**
 * Whether a signature of this key can mean anything. False for RSA exponents of 1 or even ones (RFC 8017 §3.1: with 1
 * everybody signs), an even modulus, and points in the hybrid form that RFC 5480 §2.2 forbids.
 * @throws {UnsupportedAlgorithmError} for a key beyond the budget.
 */
export function isUsable(key: PublicKey): boolean {
  switch (key.kind) {
    case 'RSA': {
      within(bitLength(key.modulus), KEY_BUDGET.rsaModulusBits, 'an RSA modulus');
      within(bitLength(key.publicExponent), KEY_BUDGET.rsaExponentBits, 'an RSA public exponent');
      return isOdd(key.modulus) && isOdd(key.publicExponent) && bitLength(key.publicExponent) > 1;
    }
    case 'DSA':
      within(bitLength(key.p), KEY_BUDGET.dsaModulusBits, 'a DSA modulus');
      within(bitLength(key.q), KEY_BUDGET.dsaSubgroupBits, 'a DSA subgroup');
      return isOdd(key.p) && isOdd(key.q);
    case 'EC': {
      const form = key.point[0];
      return form === 2 || form === 3 || form === 4;
    }
    default:
      return true;
  }
}

const isOdd = (octets: Uint8Array): boolean => octets.length > 0 && (octets.at(-1)! & 1) === 1;

export function within(bits: number, limit: number, what: string): void {
  if (bits > limit) throw new UnsupportedAlgorithmError(`${what} of ${bits} bits (at most ${limit})`);
}
