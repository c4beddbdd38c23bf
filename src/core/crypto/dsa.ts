import type { PublicKey } from '../base/ports.ts';
import { readSingle } from '../der/element.ts';
import { DerError } from '../der/errors.ts';
import { TAG } from '../der/tags.ts';
import { readBigInteger, unsignedBigInteger } from '../der/values.ts';
import { modInverse, modPow } from './big-integer.ts';
import { bitLength } from './budget.ts';

/** FIPS 186-4 §4.2 knows only these lengths of q; OpenSSL takes no others. */
const SUBGROUP_BITS: readonly number[] = [160, 224, 256];

/** FIPS 186-4 §4.7. */
export function verifyDsa(key: PublicKey & { kind: 'DSA' }, digest: Uint8Array, signature: Uint8Array): boolean {
  const bits = bitLength(key.q);
  if (!SUBGROUP_BITS.includes(bits)) return false;
  const [p, q] = [unsignedBigInteger(key.p), unsignedBigInteger(key.q)];
  const pair = readPair(signature);
  if (pair === undefined) return false;
  const { r, s } = pair;
  if (r <= 0n || r >= q || s <= 0n || s >= q) return false;
  const w = modInverse(s, q);
  if (w === undefined || p === 0n) return false;
  // The leftmost bits of the hash, as many as q has: all three lengths are whole octets.
  const z = unsignedBigInteger(digest.subarray(0, bits / 8));
  const left = modPow(unsignedBigInteger(key.g), (z * w) % q, p);
  const right = modPow(unsignedBigInteger(key.y), (r * w) % q, p);
  return ((left * right) % p) % q === r;
}

// Dss-Sig-Value  ::=  SEQUENCE  {
//      r       INTEGER,
//      s       INTEGER  }
function readPair(signature: Uint8Array): { r: bigint; s: bigint } | undefined {
  try {
    const reader = readSingle(signature, TAG.SEQUENCE, 'Dss-Sig-Value').reader();
    const r = readBigInteger(reader.expect(TAG.INTEGER, 'r'), 'r');
    const s = readBigInteger(reader.expect(TAG.INTEGER, 's'), 's');
    reader.finish('Dss-Sig-Value');
    return { r, s };
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
