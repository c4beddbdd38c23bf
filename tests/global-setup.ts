import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Tests of the command line run bin/certgate, which runs the bundle, and those of the console a browser on dist/web: both
 * must be of the sources under test.
 */
export default function renewBuild(): void {
  const root = fileURLToPath(new URL('..', import.meta.url));
  for (const part of ['--bundle-only', '--web-only']) {
    const { status } = spawnSync(process.execPath, ['tools/build.mjs', part, '--if-stale'], {
      cwd: root,
      stdio: 'inherit',
    });
    if (status !== 0) console.error(`${part}: could not be renewed; tests run an old build, or fail.`);
  }
}
