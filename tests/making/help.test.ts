import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certgate, PROGRAM, scratch, write } from '../cli/program.ts';

// In an order in which each finds what those before it made.
const COMMANDS = [
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
] as const;

/** The commands under `Examples:`, those over several lines joined. */
function examplesOf(command: string): string[] {
  const help = certgate([...command.split(' '), '--help']).stdout;
  const text = help.slice(help.search(/^Examples:$/m)).replaceAll(/\\\n\s+/g, '');
  for (const line of help.split('\n')) expect(line.length, line).toBeLessThanOrEqual(90);
  return [...text.matchAll(/^ {2}(certgate .*)$/gm)].map((match) => match[1]!);
}

describe('the examples of --help of what makes things', () => {
  const folder = scratch();
  const work = join(folder, 'work');
  const environment = { PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter) };

  beforeAll(() => {
    const program = write(folder, 'bin/certgate', `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`);
    chmodSync(program, 0o755);
    write(work, 'passphrase.txt', 'abc123\n');
    const run = (...args: readonly string[]): void => expect(certgate(args, { cwd: work }).code).toBe(0);
    run('key', 'new', 'sensor.key', '--no-passphrase');
    const fields = ['--country', 'US', '--organization', 'Contoso Inc.', '--unit', 'OT'];
    run('csr', 'new', '--key', 'sensor.key', '--cn', 'sensor.contoso.com', ...fields);
    // A certificate to renew; that of the CA of the examples takes its place as soon as there is one.
    run('ca', 'new', 'first-ca', '--passphrase-file', 'first.txt');
    run('issue', '--ca', 'first-ca', '--ca-passphrase-file', 'first.txt', '--csr', 'sensor.csr', '--out', 'sensor');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(COMMANDS)('certgate %s', (command) => {
    const examples = examplesOf(command);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const { status, stdout, stderr } = spawnSync('sh', ['-c', example], {
        cwd: work,
        encoding: 'utf8',
        env: environment,
      });
      // 1 is a verdict: a pack without its certificates. 2 and 3 would mean that the example is wrong.
      const good = command.startsWith('pack') ? [0, 1] : [0];
      expect(good, `${example}\n${stdout}${stderr}`).toContain(status);
    }
    if (command === 'ca') copyFileSync(join(work, 'sensor.contoso.com.crt'), join(work, 'sensor.crt'));
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
    expect(certgate(['key', 'new']).stderr).toContain('certgate key new --help');
  });

  test('help says why there is no ACME', () => {
    expect(certgate(['ca', '--help']).stdout).toMatch(/There is no ACME here\.[^]*O and OU/);
  });
});
