import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseCase } from '../../../cases/case.ts';
import { judgeCase } from '../../../cases/judge.ts';
import { piecesOf } from '../../../src/core/base/prose.ts';
import { nodeCrypto } from '../../../src/platform/crypto/node-crypto.ts';
import { inPage } from './in-page.ts';

const folder = join(import.meta.dirname, '../../../cases');

test('a page tells nobody to add an option to a command that it never mentioned', async () => {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.case'));
  const spoken = new Set<string>();
  for (const name of names) {
    const { findings } = await judgeCase(parseCase(readFileSync(join(folder, name), 'utf8'), name), nodeCrypto, name);
    for (const { message, fix = '' } of findings) {
      for (const { kind, text } of [message, fix].flatMap((text) => piecesOf(inPage(text))))
        if (kind === 'words') spoken.add(text);
    }
  }
  expect([...spoken].filter((text) => /(?<![-\w])--[a-z]/.test(text))).toEqual([]);
});
