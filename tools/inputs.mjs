// What a build is made from, so that a stale one is noticed: by a fingerprint, because a time alone misses deletions.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const SINGLE = [
  'tsconfig.base.json',
  'tsconfig.core.json',
  'tsconfig.server.json',
  'package-lock.json',
  'tools/build.mjs',
];

export const STAMP = '.stamp';

/** Changes whenever a rebuild could give something else. */
export function fingerprint() {
  const sources = readdirSync(`${root}/src`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .toSorted();
  const hash = createHash('sha256');
  for (const path of [...SINGLE.map((name) => `${root}/${name}`), ...sources]) {
    // Undefined when somebody deletes it this moment.
    const { size, mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {};
    hash.update(`${path}\n${size}\n${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** @returns whether `folder`, `dist` or its `bundle`, was built from exactly what is in `src` now */
export function isBuilt(folder = 'dist') {
  const stamp = `${root}/${folder}/${STAMP}`;
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint();
}
