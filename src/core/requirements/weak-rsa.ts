/** Whether an RSA modulus was made by one of the generators that were found to be broken. Public values only. */

/** The odd primes up to 167: the fingerprint of crocs-muni/roca looks at these. */
const SMALL_PRIMES: readonly number[] = Array.from({ length: 165 }, (_, i) => i + 3).filter((candidate) => {
  for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) return false;
  return true;
});

/**
 * ROCA, CVE-2017-15361 (Nemec, Sys, Svenda, Klinec, Matyas: The Return of Coppersmith's Attack, 2017): Infineon's RSALib
 * made primes of the form k * M + (65537^a mod M), M the product of the first primes, so n mod M is a power of 65537, too.
 * Our reading of the fingerprint: there must be one exponent for all the small primes at once. Looking at each prime by
 * itself flags one sound key in 2^27, one common exponent flags one in 2^154.
 */
export function hasRocaFingerprint(modulus: bigint): boolean {
  const found: { readonly exponent: number; readonly order: number }[] = [];
  for (const prime of SMALL_PRIMES) {
    const logarithm = discreteLogarithm(Number(modulus % BigInt(prime)), prime);
    if (logarithm === undefined) return false;
    found.push(logarithm);
  }
  // Pairwise: the Chinese remainder theorem for moduli that share factors.
  return found.every((one, i) =>
    found
      .slice(i + 1)
      .every((other) => (one.exponent - other.exponent) % greatestCommonDivisor(one.order, other.order) === 0),
  );
}

/** The least exponent with 65537^exponent ≡ value, and the order of 65537; undefined where there is none. */
function discreteLogarithm(value: number, prime: number): { exponent: number; order: number } | undefined {
  let power = 1;
  let exponent: number | undefined;
  let order = 0;
  do {
    if (power === value) exponent = order;
    power = (power * (65_537 % prime)) % prime;
    order++;
  } while (power !== 1);
  return exponent === undefined ? undefined : { exponent, order };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/**
 * Whether Fermat's method finds the primes within so many rounds: they lie too close together (CVE-2022-26320). Primes
 * that are chosen at random never do.
 */
export function hasClosePrimes(modulus: bigint, rounds: number): boolean {
  let a = integerSquareRoot(modulus);
  if (a * a === modulus) return true;
  a += 1n;
  let difference = a * a - modulus;
  for (let round = 0; round < rounds; round++) {
    if (isSquare(difference)) return true;
    difference += 2n * a + 1n;
    a += 1n;
  }
  return false;
}

// Most numbers are ruled out by what squares leave modulo 64 and modulo 63 * 65 * 11 (Cohen, algorithm 1.7.3).
const SQUARES_64 = new Set(Array.from({ length: 64 }, (_, i) => (i * i) % 64));
const FILTERS = [63, 65, 11].map((modulus) => ({
  modulus,
  squares: new Set(Array.from({ length: modulus }, (_, i) => (i * i) % modulus)),
}));

function isSquare(value: bigint): boolean {
  if (!SQUARES_64.has(Number(BigInt.asUintN(6, value)))) return false;
  const rest = Number(value % 45_045n);
  if (FILTERS.some(({ modulus, squares }) => !squares.has(rest % modulus))) return false;
  const root = integerSquareRoot(value);
  return root * root === value;
}

/** The largest r with r * r ≤ value, by Newton's method from above. */
export function integerSquareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt(Math.ceil((value.toString(16).length * 4) / 2));
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
