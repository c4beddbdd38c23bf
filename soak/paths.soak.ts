import { compare } from '../tests/paths/differential.ts';
import type { SoakOptions } from './options.ts';

const BATCH = 4000;

/** Generated chains, half of them with CRLs, ours against `openssl verify`. Gives whether every disagreement is explained. */
export default async function soakPaths({ count, seed }: SoakOptions): Promise<boolean> {
  let [chains, disagreements, unexplained] = [0, 0, 0];
  for (let round = 0; chains < count; round++) {
    const withCrls = round % 2 === 1;
    const batch = Math.min(BATCH, count - chains);
    const compared = await compare(seed + round, batch, withCrls);
    chains += batch;
    disagreements += compared.disagreements.length;
    for (const found of compared.disagreements.filter(({ why }) => why === undefined)) {
      unexplained += 1;
      console.log(`seed ${seed + round}, CRLs ${withCrls}, chain ${found.index}: ${found.breakages.join(', ')}`);
      console.log(`  ours: ${found.ours}\n  openssl: ${found.openssl}`);
    }
    console.log(`seed ${seed}: ${chains} chains, ${disagreements} disagreements, ${unexplained} of them not explained`);
  }
  return unexplained === 0;
}
