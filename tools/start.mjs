// `npm start`: what Certgate can do, shown on a good bundle and a bad one.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const SAMPLES = ['bench/samples/good', 'bench/samples/bad'];

function certgate(...args) {
  console.log(`$ bin/certgate ${args.join(' ')}\n`);
  const { status } = spawnSync(process.execPath, [join(root, 'bin/certgate'), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  console.log(`\n(exit code ${status})\n`);
  return status;
}

certgate('--help');
for (const sample of SAMPLES.filter((path) => existsSync(join(root, path)))) certgate('check', sample);
