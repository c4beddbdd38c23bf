import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { closePrimesKey, publicNumbers, rocaKey } from '../../../cases/recipes/weak-keys.ts';
import { hasClosePrimes, hasRocaFingerprint, integerSquareRoot } from './weak-rsa.ts';

const sound = (bits: number): bigint => {
  const pem = generateKeyPairSync('rsa', { modulusLength: bits }).privateKey.export({ format: 'pem', type: 'pkcs8' });
  return publicNumbers(pem as string).n;
};

describe('ROCA', () => {
  test.each([1024, 2048])('is recognised in a key of %d bits made as the broken generator did', (bits) => {
    const { n } = publicNumbers(rocaKey(bits));
    expect(hasRocaFingerprint(n)).toBe(true);
    expect(hasClosePrimes(n, 100)).toBe(false);
  });

  test('is not seen where each small prime has an exponent but all have none in common', () => {
    // 1 is 65537^0 for every prime; modulo 167 take 65537^1 instead: an exponent of 0 and of 1 at once.
    const primes = [
      3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
    ];
    const others = [107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163];
    const product = [...primes, ...others].reduce((all, prime) => all * BigInt(prime), 1n);
    let n = 1n;
    while (n % 167n !== 65_537n % 167n) n += product;
    expect(hasRocaFingerprint(n)).toBe(false);
    expect(hasRocaFingerprint(1n)).toBe(true);
  });

  test('is not seen in sound keys, nor in numbers that are multiples of a small prime', () => {
    for (let i = 0; i < 20; i++) expect(hasRocaFingerprint(sound(512))).toBe(false);
    expect(hasRocaFingerprint(sound(2048))).toBe(false);
    for (const n of [0n, 3n, 15n]) expect(hasRocaFingerprint(n)).toBe(false);
  });
});

describe("Fermat's method", () => {
  test.each([1024, 2048])('finds neighbouring primes of %d bits', (bits) => {
    expect(hasClosePrimes(publicNumbers(closePrimesKey(bits)).n, 100)).toBe(true);
  });

  test('finds a square, and stops after the rounds it is given', () => {
    expect(hasClosePrimes(10_007n ** 2n, 1)).toBe(true);
    // (a + b)(a - b) with a the r-th number above the root: found in round r, not before.
    const [p, q] = [1_000_003n, 1_010_069n];
    const round = Number((p + q) / 2n - integerSquareRoot(p * q));
    expect(hasClosePrimes(p * q, round)).toBe(true);
    expect(hasClosePrimes(p * q, round - 1)).toBe(false);
  });

  test('finds nothing in sound keys', () => {
    for (const bits of [512, 1024, 2048]) expect(hasClosePrimes(sound(bits), 100)).toBe(false);
  });
});

test('the integer square root is the largest that fits', () => {
  const values = [
    0n,
    1n,
    2n,
    3n,
    4n,
    15n,
    16n,
    17n,
    24n,
    25n,
    2n ** 64n - 1n,
    2n ** 64n,
    2n ** 4096n - 1n,
    10n ** 300n,
  ];
  for (const value of values) {
    const root = integerSquareRoot(value);
    expect(root * root <= value && (root + 1n) * (root + 1n) > value, `${value}`).toBe(true);
  }
});
