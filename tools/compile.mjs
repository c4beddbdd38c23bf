import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * tsc into `outDir`, its working files into `work`; its complaints go to the terminal. The projects are the repository's own, with only the place of their output changed.
 *
 * @returns whether the types fit
 */
export function compile(work, outDir) {
  const project = (name, references) =>
    writeFileSync(
      join(work, `tsconfig.${name}.json`),
      JSON.stringify({
        extends: join(root, `tsconfig.${name}.json`),
        compilerOptions: { outDir, tsBuildInfoFile: join(work, `${name}.tsbuildinfo`) },
        references: references.map((other) => ({ path: join(work, `tsconfig.${other}.json`) })),
      }),
    );
  project('core', []);
  project('server', ['core']);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-b', join(work, 'tsconfig.server.json')], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return status === 0;
}
