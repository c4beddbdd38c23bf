import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certgate, PROGRAM, scratch, write } from '../cli/program.ts';

const page = readFileSync(new URL('../../docs/making.md', import.meta.url), 'utf8');
const commands = [...page.matchAll(/^```sh\n([^]*?)^```/gm)].flatMap(([, block]) => block!.trim().split('\n'));
const folder = scratch();
const work = join(folder, 'work');
/** What has been run: a command that stands on the page and in the help is run once. */
const done = new Set<string>();

beforeAll(() => {
  chmodSync(write(folder, 'bin/certgate', `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`), 0o755);
  write(work, 'passphrase.txt', 'abc123\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function runOnce(command: string): void {
  expect(command).toMatch(/^certgate /);
  if (done.has(command)) return;
  done.add(command);
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
    cwd: work,
    encoding: 'utf8',
    env: { PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter) },
  });
  // 1 is a verdict: no certificates have come back to the pack. 2 and 3 would mean that the command is wrong.
  const expected = /^certgate pack (?:status|import)/.test(command) ? 1 : 0;
  expect(status, `${command}\n${stdout}${stderr}`).toBe(expected);
}

describe('the page on making things', () => {
  test('has commands', () => expect(commands.length).toBeGreaterThan(15));

  // One after the other, in one folder, as somebody who reads the page would.
  test.each(commands)('%s', runOnce);
});

describe('the examples of --help of what makes things', () => {
  /** The commands under `Examples:`, those over several lines joined. */
  function examplesOf(command: string): string[] {
    const help = certgate([...command.split(' '), '--help']).stdout;
    const text = help.slice(help.search(/^Examples:$/m)).replaceAll(/\\\n\s+/g, '');
    for (const line of help.split('\n')) expect(line.length, line).toBeLessThanOrEqual(90);
    if (command === 'ca') expect(help).toMatch(/There is no ACME here\.[^]*O and OU/);
    return [...text.matchAll(/^ {2}(certgate .*)$/gm)].map((match) => match[1]!);
  }

  // Every example of `csr new` and `csr check` stands under `csr`, and so on.
  test.each([
    'key',
    'passphrase',
    'csr',
    'ca',
    'issue',
    'revoke',
    'crl new',
    'ca lab',
    'pack',
    'pack new',
    'pack import',
  ])('certgate %s', (command) => {
    const examples = examplesOf(command);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) runOnce(example);
  });

  test('certgate crl serve', async () => {
    const [example] = examplesOf('crl serve');
    const args = example!.replace('--port 8580', '--port 0').split(' ').slice(1);
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: work, stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const line = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
    const url = /http:\/\/\S+/.exec(line)![0];
    expect((await fetch(url)).headers.get('content-type')).toBe('application/pkix-crl');
    child.kill('SIGINT');
    expect(await ended).toBe(0);
  });

  test.each(['key', 'passphrase', 'ca', 'pack'])('certgate %s alone says what it can do', (command) => {
    const { code, stderr } = certgate([command]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`say what to do: certgate ${command} `)]);
  });

  test('wrong options name the nearest right one of the very command', () => {
    expect(certgate(['pack', 'new', 'a', 'b', '--bit', '2048']).stderr).toContain(
      'Did you mean --bits? See certgate pack new --help.',
    );
  });
});
