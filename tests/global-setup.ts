import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Tests of the command line run bin/certgate, which runs the bundle: it must be of the sources under test. */
export default function renewBundle(): void {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const { status } = spawnSync(process.execPath, ['tools/build.mjs', '--bundle-only', '--if-stale'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) console.error('The bundle could not be renewed: tests of bin/certgate run an old one, or fail.');
}
