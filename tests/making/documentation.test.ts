import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROGRAM, scratch, write } from '../cli/program.ts';

const page = readFileSync(new URL('../../docs/making.md', import.meta.url), 'utf8');
const commands = [...page.matchAll(/^```sh\n([^]*?)^```/gm)].flatMap(([, block]) => block!.trim().split('\n'));
const folder = scratch();

beforeAll(() => {
  chmodSync(write(folder, 'bin/certgate', `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`), 0o755);
  write(folder, 'work/.keep', '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the page has commands', () => {
  expect(commands.length).toBeGreaterThan(15);
});

// One after the other, in one folder, as somebody who reads the page would.
test.each(commands)('%s', (command) => {
  expect(command).toMatch(/^certgate /);
  const { status, stderr } = spawnSync('sh', ['-c', command], {
    cwd: join(folder, 'work'),
    encoding: 'utf8',
    env: { PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter) },
  });
  // No certificates have come back to the pack of the page.
  const expected = /^certgate pack (?:status|import)/.test(command) ? 1 : 0;
  expect(status, stderr).toBe(expected);
});
