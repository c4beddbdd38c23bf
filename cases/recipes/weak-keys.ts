import { checkPrimeSync, createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';

/** RSA keys with a known weakness, made from the weakness's own definition. All as PKCS#8 PEM. */

/**
 * ROCA, CVE-2017-15361: p = k * M + (65537^a mod M), M the product of the first 126 primes for keys of 2048 bits
 * (Nemec et al., The Return of Coppersmith's Attack, table 1).
 */
export function rocaKey(bits = 2048): string {
  const m = firstPrimes(bits >= 1984 ? 126 : 71).reduce((product, prime) => product * prime, 1n);
  const limit = (1n << BigInt(bits / 2)) / m - 1n;
  return rsaKey(() => {
    const residue = modPow(65_537n, random(64), m);
    // From three quarters of the range up, the product of two has all its bits.
    return () => ((limit * 3n) / 4n + (random(256) % (limit / 4n))) * m + residue;
  }, bits);
}

/** Two primes that share their upper half: the second is the next one after the first. */
export function closePrimesKey(bits = 2048): string {
  const p = nextPrime(random(bits / 2) | (3n << BigInt(bits / 2 - 2)) | 1n);
  return fromPrimes(p, nextPrime(p + 2n), 65_537n);
}

/** Sound primes, an exponent as asked for; it must be an odd prime. */
export function keyWithExponent(e: bigint, bits = 2048): string {
  return rsaKey(() => () => random(bits / 2) | (3n << BigInt(bits / 2 - 2)) | 1n, bits, e);
}

function rsaKey(candidates: () => () => bigint, bits: number, e = 65_537n): string {
  const prime = (): bigint => {
    const next = candidates();
    for (;;) {
      const p = next();
      if (checkPrimeSync(p) && (p - 1n) % e !== 0n) return p;
    }
  };
  for (;;) {
    const [p, q] = [prime(), prime()];
    if ((p * q).toString(2).length === bits && p !== q) return fromPrimes(p, q, e);
  }
}

function fromPrimes(p: bigint, q: bigint, e: bigint): string {
  const d = modInverse(e, (p - 1n) * (q - 1n));
  const numbers = { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: modInverse(q, p) };
  const jwk = Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [name, octets(value).toString('base64url')]),
  );
  return createPrivateKey({ key: { kty: 'RSA', ...jwk }, format: 'jwk' }).export({
    format: 'pem',
    type: 'pkcs8',
  }) as string;
}

/** The modulus and the exponent of a PKCS#8 PEM key. */
export function publicNumbers(pem: string): { readonly n: bigint; readonly e: bigint } {
  const { n, e } = createPublicKey(pem).export({ format: 'jwk' });
  const [modulus, exponent] = [n!, e!].map((text) => BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`));
  return { n: modulus!, e: exponent! };
}

function nextPrime(from: bigint): bigint {
  let candidate = from;
  while (!checkPrimeSync(candidate)) candidate += 2n;
  return candidate;
}

function firstPrimes(count: number): bigint[] {
  const primes: bigint[] = [];
  for (let candidate = 2n; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0n)) primes.push(candidate);
  }
  return primes;
}

function random(bits: number): bigint {
  return BigInt(`0x${randomBytes(Math.ceil(bits / 8)).toString('hex')}`) & ((1n << BigInt(bits)) - 1n);
}

function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, power] = [1n, base % modulus];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * power) % modulus;
    power = (power * power) % modulus;
  }
  return result;
}

function modInverse(value: bigint, modulus: bigint): bigint {
  let [r, next, t, nextT] = [modulus, value % modulus, 0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next, t, nextT] = [next, r - quotient * next, nextT, t - quotient * nextT];
  }
  return t < 0n ? t + modulus : t;
}

function octets(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 1 ? `0${hex}` : hex, 'hex');
}
