/** `npm run cases:make`: makes every case's files anew with openssl. Run `npm run cases:rebase` afterwards and read what it prints. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CaseFile, type CaseSection, formatCase, parseCase } from '../case.ts';
import { certificateRecipes } from './certificates.ts';
import { fileRecipes } from './files.ts';
import { goodChain, keys, read } from './materials.ts';
import { revocationRecipes } from './revocation.ts';
import { trustPathRecipes } from './trust-path.ts';
import { weakKeyRecipes } from './weak.ts';
import type { Recipe, Shaped } from './recipe.ts';

const wanted = process.argv.slice(2);
const recipes: readonly Recipe[] = [
  ...certificateRecipes,
  ...fileRecipes,
  ...weakKeyRecipes,
  ...revocationRecipes,
  ...trustPathRecipes,
];
for (const recipe of recipes.filter(
  ({ name }) => wanted.length === 0 || wanted.some((prefix) => name.startsWith(prefix)),
)) {
  const target = join(import.meta.dirname, '..', `${recipe.name}.case`);
  const expect = existsSync(target) ? parseCase(readFileSync(target, 'utf8'), recipe.name).expect : [];
  const { key = read(keys.sensor), chain = goodChain } = recipe;
  const files = [
    section('crt', recipe.crt),
    section('key', key),
    section('chain', chain),
    section('trust', recipe.trust),
    ...(recipe.crls ?? []).map((crl) => section('crl-file', crl)),
  ].flat();
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(
    target,
    formatCase({ why: recipe.why, options: { at: '2026-06-01T00:00:00Z', ...recipe.options }, files, expect }),
  );
}
console.log(`${recipes.length} cases made.`);

function section(name: CaseSection, content: string | Shaped | null | undefined): CaseFile[] {
  if (content === null || content === undefined) return [];
  const { text, forms } = typeof content === 'string' ? { text: content, forms: [] } : content;
  return [{ section: name, forms, text: text === '' || text.endsWith('\n') ? text : `${text}\n` }];
}
