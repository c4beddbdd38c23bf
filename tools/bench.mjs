// `npm run bench -- NAME [--save]`: bench/NAME.bench.ts, measured as the programs run: bundled, without a loader.
// `npm run bench -- report` runs them all and writes docs/benchmarks.md.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { writeReport } from './bench-report.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const names = readdirSync(join(root, 'bench'))
  .filter((name) => name.endsWith('.bench.ts'))
  .map((name) => name.slice(0, -'.bench.ts'.length));
const [name] = process.argv.slice(2).filter((word) => !word.startsWith('-'));
if (name === 'report') {
  writeReport(names);
  process.exit(0);
}
if (!names.includes(name)) {
  console.error(`npm run bench -- NAME [--save], where NAME is report or one of: ${names.join(', ')}`);
  process.exit(2);
}

const outdir = join(root, '.cache', `bench-${process.pid}`);
mkdirSync(outdir, { recursive: true });
process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
await build({
  entryPoints: { bench: join(root, `bench/${name}.bench.ts`), harness: join(root, 'bench/harness.ts') },
  outdir,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  logLevel: 'warning',
  outExtension: { '.js': '.mjs' },
});
const { measure, table } = await import(pathToFileURL(join(outdir, 'harness.mjs')).href);
const { default: bench } = await import(pathToFileURL(join(outdir, 'bench.mjs')).href);

const measured = bench.contenders.map(measure);
const saved = join(root, 'bench/baseline.json');
const baselines = existsSync(saved) ? JSON.parse(readFileSync(saved, 'utf8')) : {};
console.log(`${name}: per ${bench.unit}\n\n${table(measured, bench.reference, baselines[name])}`);
for (const remark of bench.remarks?.(measured) ?? []) console.log(`\n${remark}`);
if (process.argv.includes('--save')) {
  baselines[name] = Object.fromEntries(measured.map((row) => [row.name, Number(row.micros.toFixed(2))]));
  writeFileSync(saved, `${JSON.stringify(baselines, null, 2)}\n`);
}
