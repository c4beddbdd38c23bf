/** `npm run cases:rebase`: rewrites what the cases expect to what is found now, and prints each difference. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeCrypto } from '../src/platform/crypto/node-crypto.ts';
import { expectationOf, formatCase, parseCase } from './case.ts';
import { judgeCase } from './judge.ts';

const folder = import.meta.dirname;
let changed = 0;
const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.case'));
for (const name of names.toSorted()) {
  const golden = parseCase(readFileSync(join(folder, name), 'utf8'), name);
  const expect = expectationOf(await judgeCase(golden, nodeCrypto, name));
  if (expect.join('\n') === golden.expect.join('\n')) continue;
  changed += 1;
  console.log(`${name}: ${golden.why}`);
  for (const line of golden.expect) if (!expect.includes(line)) console.log(`  - ${line}`);
  for (const line of expect) if (!golden.expect.includes(line)) console.log(`  + ${line}`);
  writeFileSync(join(folder, name), formatCase({ ...golden, expect }));
}
console.log(`${names.length} cases, ${changed} changed.`);
