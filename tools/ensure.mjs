// Makes `npm start`, `npm test` and `npm run bench` work from an empty clone: the right Node, the locked packages, a
// current build. Does nothing, quickly, when all of that is there.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isBuilt } from './inputs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const MINIMUM = [20, 19];

function stop(message) {
  console.error(message);
  process.exit(1);
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (error) stop(`${command} cannot be started: ${error.message}`);
  if (status !== 0) stop(`\`${command} ${args.join(' ')}\` failed; its output is above.`);
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < MINIMUM[0] || (major === MINIMUM[0] && minor < MINIMUM[1]))
  stop(`Certgate needs Node ${MINIMUM.join('.')} or newer; this is ${process.versions.node} (${process.execPath}).`);

function packagesAreCurrent() {
  const installed = `${root}/node_modules/.package-lock.json`;
  if (!existsSync(installed)) return false;
  const lock = `${root}/package-lock.json`;
  if (statSync(lock).mtimeMs <= statSync(installed).mtimeMs) return true;
  // A checkout renews the lock's time without changing a package: compare what npm wrote down.
  const wanted = JSON.parse(readFileSync(lock, 'utf8')).packages;
  const present = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || present[path]?.version === version,
  );
}

if (!packagesAreCurrent()) {
  console.log('Installing the locked packages (npm ci) …');
  run('npm', ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund']);
}
if (!isBuilt() || !isBuilt('dist/web')) {
  console.log('Building …');
  run(process.execPath, ['tools/build.mjs']);
}
