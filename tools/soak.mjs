// `npm run soak -- NAME [--count N] [--seed S] [--jobs J]`: soak/NAME.soak.ts, for as long as it takes. What is found has a
// seed and a number by which it can be repeated.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const names = readdirSync('soak')
  .filter((name) => name.endsWith('.soak.ts'))
  .map((name) => name.slice(0, -'.soak.ts'.length));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { count: { type: 'string' }, seed: { type: 'string' }, jobs: { type: 'string' } },
});
const [name] = positionals;
if (!names.includes(name)) {
  console.error(`npm run soak -- NAME [--count N] [--seed S] [--jobs J], where NAME is one of: ${names.join(', ')}`);
  process.exit(2);
}

const outdir = join('.cache', `soak-${process.pid}`);
mkdirSync(outdir, { recursive: true });
process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
process.setSourceMapsEnabled(true);
await build({
  entryPoints: { soak: `soak/${name}.soak.ts` },
  outdir,
  bundle: true,
  sourcemap: 'inline',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  logLevel: 'warning',
  outExtension: { '.js': '.mjs' },
});
const {
  default: soak,
  usualCount = 1_000_000,
  parallel = true,
} = await import(pathToFileURL(join(root, outdir, 'soak.mjs')).href);
const count = Number(values.count ?? usualCount);
const seed = Number(values.seed ?? 1);
const jobs = parallel ? Number(values.jobs ?? availableParallelism()) : 1;

/** Each process takes a part of the count and a seed of its own. */
async function inProcesses() {
  const parts = Array.from({ length: jobs }, (_, job) => {
    const args = [name, '--jobs', '1', '--count', `${Math.ceil(count / jobs)}`, '--seed', `${seed + job}`];
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...args], { stdio: 'inherit' });
    return new Promise((resolve) => child.once('close', (code) => resolve(code === 0)));
  });
  return (await Promise.all(parts)).every(Boolean);
}

process.exitCode = (await (jobs > 1 ? inProcesses() : soak({ count, seed }))) ? 0 : 1;
