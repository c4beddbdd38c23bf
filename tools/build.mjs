// `npm run build`: types and modules by tsc (`dist/`), then the programs as bundles (`dist/bundle/`), then the console
// (`dist/web/`), which is kept where nothing that it is made of has changed.
// Everything is made in a folder of its own and put in place at the end by renaming: two builds at once do not meet, a
// failed one leaves the old `dist`, and outputs of deleted sources cannot stay behind.
// `--bundle-only` renews the bundles alone, without type check, in about a tenth of a second, `--web-only` the console;
// with `--if-stale` only when the sources have changed since.
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { compile } from './compile.mjs';
import { STAMP, fingerprint, isBuilt, webFingerprint } from './inputs.mjs';
import { buildWeb } from './web.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

// Packages and scopes that are bundled: reading their many files costs more than running them.
const BUNDLED_PACKAGES = new Set([
  'commander',
  'yaml',
  '@noble',
  'kysely',
  // Together: there must be one zod.
  'zod',
  'fastify-type-provider-zod',
]);
const ENTRIES = { cli: 'src/cli/main.ts', 'bulk-worker': 'src/platform/bulk/bulk-worker.ts' };

/** Packages stay outside (native parts, and what is loaded on demand), save those that start-up would wait for. */
const externalPackages = {
  name: 'external-packages',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      if (kind === 'entry-point' || BUNDLED_PACKAGES.has(path.split('/')[0])) return undefined;
      return { path, external: true };
    });
  },
};

async function bundle(outdir, stamp) {
  await build({
    absWorkingDir: root,
    entryPoints: ENTRIES,
    outdir,
    bundle: true,
    // A dynamic import stays a file of its own, read when its command runs.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    mainFields: ['module', 'main'],
    minifyWhitespace: true,
    minifySyntax: true,
    keepNames: false,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [externalPackages],
    // commander is CommonJS and asks for Node's own modules by require.
    banner: { js: "import{createRequire as $r}from'node:module';const require=$r(import.meta.url);" },
  });
  writeFileSync(join(outdir, STAMP), stamp);
}

/** Renames `from` to `to`, the old `to` away first; again when another build was quicker. */
function putInPlace(from, to, work) {
  for (let attempt = 0; ; attempt++) {
    try {
      if (existsSync(to)) renameSync(to, join(work, `old-${attempt}`));
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
    try {
      return renameSync(from, to);
    } catch (error) {
      if (attempt === 20 || (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST')) throw error;
    }
  }
}

async function web(outdir) {
  const stamp = webFingerprint();
  await buildWeb(outdir);
  writeFileSync(join(outdir, STAMP), stamp);
}

async function main(part) {
  const work = join(root, '.cache', `build-${process.pid}`);
  const out = join(work, 'out');
  mkdirSync(out, { recursive: true });
  try {
    // Before, not after: what changes while we build makes the result stale.
    const stamp = fingerprint();
    if (part !== undefined) {
      await (part === 'web' ? web(join(out, part)) : bundle(join(out, part), stamp));
      mkdirSync(dist, { recursive: true });
      putInPlace(join(out, part), join(dist, part), work);
      return;
    }
    if (!compile(work, out)) throw new Error('the types do not fit (above); dist is unchanged');
    await bundle(join(out, 'bundle'), stamp);
    if (isBuilt('dist/web')) cpSync(join(dist, 'web'), join(out, 'web'), { recursive: true });
    else await web(join(out, 'web'));
    writeFileSync(join(out, STAMP), stamp);
    putInPlace(out, dist, work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

try {
  const part = ['bundle', 'web'].find((part) => process.argv.includes(`--${part}-only`));
  const ifStale = process.argv.includes('--if-stale');
  if (!ifStale || !isBuilt(part === undefined ? 'dist' : `dist/${part}`)) await main(part);
} catch (error) {
  // esbuild has printed its own errors by now.
  console.error(`Build failed: ${error.message}`);
  process.exitCode = 1;
}
