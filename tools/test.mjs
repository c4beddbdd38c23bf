// `npm test [-- vitest arguments]`: all tests, a machine-readable report in test-report.json, a closing line.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { closingLine, readCounts } from './counts.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const report = `${root}/test-report.json`;
rmSync(report, { force: true });
const { status } = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
);
const counts = readCounts(report);
console.log(closingLine(counts));
process.exitCode = status || (counts.failed > 0 ? 1 : 0);
