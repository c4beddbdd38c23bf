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

const WEB_SINGLE = ['tsconfig.base.json', 'package-lock.json', 'tools/web.mjs', 'tools/offline-page.mjs'];

export const STAMP = '.stamp';

const filesOf = (folder) =>
  readdirSync(`${root}/${folder}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .toSorted();

/** Changes whenever a rebuild of the programs could give something else. */
export const fingerprint = () => fingerprintOf([...SINGLE.map((name) => `${root}/${name}`), ...filesOf('src')]);

/** The same of the console in the browser: `web`, what it takes of `src`, and the rule pages that it shows. */
export const webFingerprint = () =>
  fingerprintOf([
    ...WEB_SINGLE.map((name) => `${root}/${name}`),
    ...['web', 'src/core', 'src/http/contract', 'docs/rules'].flatMap(filesOf),
  ]);

function fingerprintOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    // Undefined when somebody deletes it this moment.
    const { size, mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {};
    hash.update(`${path}\n${size}\n${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** @returns whether `folder`, `dist`, `dist/bundle` or `dist/web`, was built from exactly what is there now */
export function isBuilt(folder = 'dist') {
  const stamp = `${root}/${folder}/${STAMP}`;
  if (!existsSync(stamp)) return false;
  return readFileSync(stamp, 'utf8') === (folder === 'dist/web' ? webFingerprint() : fingerprint());
}
