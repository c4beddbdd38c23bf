/**
 * Writes every golden chain anew, with new keys: `npx tsx cases/chains/make.ts`. With `--rebase` the certificates stay
 * and only what is expected is rewritten. Each difference in what is expected is printed.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectationOf, formatChainCase, judgeChain, parseChainCase } from './chain-case.ts';
import { RECIPES } from './recipes.ts';

const folder = import.meta.dirname;
const rebase = process.argv.includes('--rebase');
let changed = 0;
for (const [name, recipe] of Object.entries(RECIPES)) {
  const file = join(folder, `${name}.chain`);
  const old = existsSync(file) ? parseChainCase(readFileSync(file, 'utf8'), name) : undefined;
  const golden = rebase && old !== undefined ? old : { ...recipe(), expect: [] };
  const expect = expectationOf(judgeChain(golden));
  writeFileSync(file, formatChainCase({ ...golden, expect }));
  if (expect.join('\n') === old?.expect.join('\n')) continue;
  changed += 1;
  console.log(`${name}: ${golden.why}`);
  for (const line of old?.expect ?? []) if (!expect.includes(line)) console.log(`  - ${line}`);
  for (const line of expect) if (!(old?.expect ?? []).includes(line)) console.log(`  + ${line}`);
}
console.log(`${Object.keys(RECIPES).length} chains, ${changed} changed.`);
