// `npm run types`: core, server, console and tests type-checked, nothing kept.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from './compile.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const work = join(root, '.cache', `types-${process.pid}`);
mkdirSync(work, { recursive: true });
try {
  const sources = compile(work, join(work, 'out'));
  const others = ['web/tsconfig.json', 'tsconfig.tests.json'].map((project) =>
    spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    }),
  );
  if (!sources || others.some(({ status }) => status !== 0)) process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
