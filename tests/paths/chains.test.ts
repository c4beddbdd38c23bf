import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectationOf, inputOf, judgeChain, parseChainCase } from '../../cases/chains/chain-case.ts';
import { RECIPES } from '../../cases/chains/recipes.ts';
import { portableCrypto } from '../../src/core/crypto/portable-crypto.ts';
import { validatePath } from '../../src/core/path/validate.ts';
import { publicSuffixOf } from '../../src/platform/names/public-suffix.ts';

const folder = join(import.meta.dirname, '../../cases/chains');
const names = readdirSync(folder).filter((name) => name.endsWith('.chain'));
const read = (name: string) => parseChainCase(readFileSync(join(folder, name), 'utf8'), name);

test('every chain has its recipe', () => {
  expect(names.map((name) => name.replace('.chain', '')).toSorted()).toEqual(Object.keys(RECIPES).toSorted());
});

describe('every chain is judged as it says, by both crypto adapters', () => {
  for (const name of names) {
    test(name, () => {
      const golden = read(name);
      const result = judgeChain(golden);
      expect(expectationOf(result)).toEqual(golden.expect);
      expect(validatePath(inputOf(golden), { crypto: portableCrypto, publicSuffixOf })).toEqual(result);
    });
  }
});

test('every finding says where, what, what is required, what to do and who says so', () => {
  for (const name of names) {
    for (const finding of judgeChain(read(name)).findings.filter(({ location }) => location?.path !== undefined)) {
      expect(finding, name).toEqual({
        rule: 'trust-path',
        status: 'refused',
        location: expect.objectContaining({ file: expect.any(String), path: expect.any(String) }),
        found: expect.any(String),
        required: expect.any(String),
        message: expect.any(String),
        fix: expect.any(String),
        source: { document: expect.any(String), section: expect.any(String) },
      });
    }
  }
});
