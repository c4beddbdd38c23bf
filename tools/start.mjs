// `npm start`: what Certgate can do, shown on a good bundle and a bad one.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs it as the reader would; ends in failure when it does not end as expected. */
function show(expected, ...args) {
  console.log(`\n$ bin/certgate ${args.join(' ')}\n`);
  const { status } = spawnSync(process.execPath, [join(root, 'bin/certgate'), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status === expected) return;
  console.error(`\nThis should have ended with exit code ${expected}, not ${status}.`);
  process.exitCode = 1;
}

show(0, '--help');
show(0, 'check', 'cases/samples/good');
show(1, 'check', 'cases/samples/bad');
