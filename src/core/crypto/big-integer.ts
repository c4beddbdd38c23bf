/** Arithmetic of RSA and DSA with BigInt. Not constant-time: for public values and trial signatures only. */

/** base ^ exponent mod modulus; all non-negative, modulus above 0. */
export function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n % modulus;
  let power = base % modulus;
  // Bits come from the text: shifting a long BigInt bit by bit costs its square.
  const bits = exponent.toString(2);
  for (let i = bits.length - 1; i >= 0; i--) {
    if (bits[i] === '1') result = (result * power) % modulus;
    if (i > 0) power = (power * power) % modulus;
  }
  return exponent === 0n ? 1n % modulus : result;
}

/** The inverse of value mod modulus; undefined where they share a factor. */
export function modInverse(value: bigint, modulus: bigint): bigint | undefined {
  let [r, next] = [modulus, value % modulus];
  let [t, nextT] = [0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [t, nextT] = [nextT, t - quotient * nextT];
  }
  if (r !== 1n) return undefined;
  return t < 0n ? t + modulus : t;
}

/** Big-endian octets, zeros in front; the value must fit. */
export function toOctets(value: bigint, length: number): Uint8Array {
  const octets = new Uint8Array(length);
  const text = value.toString(16).padStart(length * 2, '0');
  for (let i = 0; i < length; i++) octets[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return octets;
}
