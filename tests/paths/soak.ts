/**
 * `npx tsx tests/paths/soak.ts [ROUNDS]`: the long form of the differential, with new seeds each time: 4000 chains
 * without and 4000 with CRLs a round, ours against openssl verify. Ends with 1 where a disagreement is not explained.
 */
import { compare } from './differential.ts';

async function main(): Promise<void> {
  const rounds = Number(process.argv[2] ?? 3);
  const first = Date.now() % 1_000_000_000;
  let [chains, disagreements, unexplained] = [0, 0, 0];
  for (let round = 0; round < rounds; round++) {
    for (const withCrls of [false, true]) {
      const compared = await compare(first + round, 4000, withCrls);
      chains += compared.chains;
      disagreements += compared.disagreements.length;
      for (const found of compared.disagreements.filter(({ why }) => why === undefined)) {
        unexplained += 1;
        console.log(`seed ${first + round}, CRLs ${withCrls}, chain ${found.index}: ${found.breakages.join(', ')}`);
        console.log(`  ours: ${found.ours}\n  openssl: ${found.openssl}`);
      }
    }
    console.log(`${chains} chains, ${disagreements} disagreements, ${unexplained} of them not explained`);
  }
  process.exitCode = unexplained === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
