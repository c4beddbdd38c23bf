import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inputOf, parseChainCase } from '../../cases/chains/chain-case.ts';
import { validatePath } from '../../src/index.ts';
import { randomFrom } from './generate.ts';

const count = Number(process.env['CERTGATE_PATHS'] ?? 400) * 3;
const seed = Number(process.env['CERTGATE_SEED'] ?? 20_260_601);

const folder = join(import.meta.dirname, '../../cases/chains');
const inputs = readdirSync(folder)
  .filter((name) => name.endsWith('.chain'))
  .map((name) => inputOf(parseChainCase(readFileSync(join(folder, name), 'utf8'), name)));

const random = randomFrom(seed);
const below = (limit: number): number => Math.floor(random() * limit);
const TELLING = [0x00, 0x30, 0x80, 0xff, 0x7f, 0x1f, 0xa0];

function mutate(der: Uint8Array): Buffer {
  const made = Buffer.from(der);
  for (let i = 1 + below(3); i > 0; i--) {
    const at = below(made.length);
    made[at] = random() < 0.5 ? made[at]! ^ (1 << below(8)) : TELLING[below(TELLING.length)]!;
  }
  return random() < 0.05 ? made.subarray(0, below(made.length)) : made;
}

test(
  `${count} mutated chains: nothing is thrown, and no certificate below the anchor stays valid`,
  { timeout: 600_000 },
  () => {
    for (let i = 0; i < count; i++) {
      const input = inputs[below(inputs.length)]!;
      const lists = {
        leaf: [input.leaf],
        intermediates: [...input.intermediates],
        trustAnchors: [...input.trustAnchors],
        crls: [...((input.crls ?? []) as Uint8Array[])],
      };
      const names = (Object.keys(lists) as (keyof typeof lists)[]).filter((name) => lists[name].length > 0);
      const name = names[below(names.length)]!;
      const list = lists[name];
      const index = below(list.length);
      const before = list[index]!;
      list[index] = mutate(before);
      const { valid, findings } = validatePath({
        ...input,
        ...lists,
        leaf: lists.leaf[0]!,
        ...(input.crls === undefined ? { crls: undefined } : {}),
        profile: (['rfc5280', 'webpki', 'appliance'] as const)[below(3)]!,
      } as Parameters<typeof validatePath>[0]);
      expect(valid || findings.length > 0).toBe(true);
      const changed = Buffer.compare(Buffer.from(before), Buffer.from(list[index])) !== 0;
      const alone = name === 'leaf' || (name === 'intermediates' && list.length === 1);
      if (changed && alone) expect(valid, `mutation ${i} of ${name}`).toBe(false);
    }
  },
);
