import type { Animal } from './animal.ts';
import { chainAnimals } from './chain-animals.ts';
import { crlAnimals } from './crl-animals.ts';
import { fieldAnimals } from './field-animals.ts';
import { fileAnimals } from './file-animals.ts';
import { Park } from './park.ts';

export interface ZooOptions {
  /** The time that all dates are relative to. */
  readonly now: Date;
  /** Entries of the huge CRL. */
  readonly hugeEntries: number;
}

/**
 * The bad-certificate zoo: for every rule at least one bundle that is wrong in that way and no other, and one that is in
 * order.
 */
export async function makeZoo({ now, hugeEntries }: ZooOptions): Promise<Animal[]> {
  return animalsOf(await Park.open(now), hugeEntries);
}

/** The same for the keys and the time of a park: all but the keys is the same each time. */
export async function animalsOf(park: Park, hugeEntries: number): Promise<Animal[]> {
  const healthy: Animal = {
    name: 'all-in-order',
    rule: undefined,
    why: 'Everything as the vendor asks, for comparison.',
    files: park.bundle(),
    verdict: 'accepted',
    leads: undefined,
  };
  return [
    healthy,
    ...(await fileAnimals(park)),
    ...fieldAnimals(park),
    ...chainAnimals(park),
    ...crlAnimals(park, hugeEntries),
  ];
}
