import { leaf, made, read, write } from './materials.ts';
import type { Recipe } from './recipe.ts';
import { closePrimesKey, keyWithExponent, rocaKey } from './weak-keys.ts';

/** openssl signs with these keys as with any other: nothing but looking at the numbers tells them apart. */
function withKey(name: string, why: string, pem: string): Recipe {
  const file = `${name.replaceAll('/', '-')}.key`;
  write(file, pem);
  return { name, why, crt: read(leaf({ key: file })), key: made('pkey', '-in', file) };
}

export const weakKeyRecipes: readonly Recipe[] = [
  withKey(
    'key-weak/roca',
    'A key from a smart card of 2016 whose primes can be guessed (ROCA, CVE-2017-15361).',
    rocaKey(),
  ),
  withKey('key-weak/close-primes', 'The two primes are neighbours: factored in a moment.', closePrimesKey()),
  withKey('key-weak/exponent-3', 'Public exponent 3, as in keys of the nineties.', keyWithExponent(3n)),
];
