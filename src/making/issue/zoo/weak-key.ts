import { checkPrime, createPrivateKey, generatePrime, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { integer, sequence } from '../../encode/der.ts';

const makePrime = promisify(generatePrime) as unknown as (bits: number, options: { bigint: true }) => Promise<bigint>;
const isPrime = promisify(checkPrime) as (candidate: bigint) => Promise<boolean>;

const EXPONENT = 65_537n;

/** An RSA key of 2048 bits whose two primes are neighbours, so that Fermat's method finds them (CVE-2022-26320). */
export async function closePrimesKey(): Promise<KeyObject> {
  const p = await makePrime(1024, { bigint: true });
  let q = p + 2n;
  while (q % EXPONENT === 1n || !(await isPrime(q))) q += 2n;
  if (p % EXPONENT === 1n) return closePrimesKey();
  const d = inverse(EXPONENT, (p - 1n) * (q - 1n));
  // RSAPrivateKey ::= SEQUENCE { version, n, e, d, p, q, d mod (p-1), d mod (q-1), q^-1 mod p }   -- RFC 8017 A.1.2
  const numbers = [0n, p * q, EXPONENT, d, p, q, d % (p - 1n), d % (q - 1n), inverse(q % p, p)];
  return createPrivateKey({ key: Buffer.from(sequence(...numbers.map(integer))), format: 'der', type: 'pkcs1' });
}

/** By Euclid. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value, modulus, 1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  return x < 0n ? x + modulus : x;
}
