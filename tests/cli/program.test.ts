import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requires } from '../requires.ts';
import { certgate, Lab, PROGRAM, scratch, write } from './program.ts';

const COMMANDS = ['check', 'inspect', 'rules', 'profiles'];

describe('the program', () => {
  test('without a command prints its help and says by its exit code that nothing was done', () => {
    const { code, stdout } = certgate([]);
    expect(code).toBe(2);
    for (const command of COMMANDS) expect(stdout).toContain(`\n  ${command} `);
  });
  test.each([['--help'], ['help'], ['check', '--help'], ['help', 'check'], ['--version']])(
    '%s %s ends with 0',
    (...args) => {
      const { code, stdout, stderr } = certgate(args);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).not.toBe('');
    },
  );
  test.each([
    [['chekc'], 'Did you mean check?'],
    [['--verison'], 'Did you mean --version?'],
    [['rules', 'crt-wildcrad'], 'Did you mean crt-wildcard?'],
    [['rules', 'crt-wildcard', 'more'], 'more than it takes'],
    [['profiles', 'strict'], 'Did you mean defender-iot-strict?'],
    [['inspect'], 'certgate inspect --help'],
  ])('%j is a usage error that names what is nearest', (args, expected) => {
    const { code, stderr } = certgate(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^certgate: .*\n$/);
    expect(stderr).toContain(expected);
  });
  test('its own failure is 3: one plain line, no stack unless asked for', () => {
    // A program without its package.json stands for any failure of our own.
    const folder = scratch();
    for (const name of ['bin', 'dist']) symlinkSync(join(PROGRAM, '../..', name), join(folder, name));
    const args = ['--preserve-symlinks', '--preserve-symlinks-main', join(folder, 'bin/certgate'), '--version'];
    const plain = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(plain.status).toBe(3);
    expect(plain.stderr).toMatch(/^certgate: Certgate itself failed \(.*\)\. .*\n$/);
    const debug = spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, CERTGATE_DEBUG: '1' } });
    expect(debug.stderr).toContain('\n    at ');
    rmSync(folder, { recursive: true });
  });
});

describe('rules and profiles', () => {
  test('every rule is listed and explained in 80 columns', () => {
    const rules = JSON.parse(certgate(['rules', '--format', 'json']).stdout) as { id: string }[];
    const list = certgate(['rules']).stdout;
    for (const { id } of rules) expect(list).toContain(`  ${id} `);
    const { stdout } = certgate(['rules', 'crt-wildcard']);
    for (const text of [
      'Required',
      'What passes, what fails',
      'The source',
      'Our reading',
      'What the appliance would say',
    ]) {
      expect(stdout).toContain(`\n${text}\n`);
    }
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });
  test('a profile is printed as YAML that --profile takes', () => {
    const folder = scratch();
    write(folder, 'mine.yaml', certgate(['profiles', 'defender-iot-strict']).stdout);
    write(folder, 'a.crt', 'no certificate');
    expect(certgate(['check', 'a.crt', '--profile', 'mine.yaml'], { cwd: folder }).code).toBe(1);
    rmSync(folder, { recursive: true });
  });
});

describe.skipIf(!requires('openssl'))('the examples of every --help', () => {
  let folder: string;
  beforeAll(() => {
    folder = scratch();
    const lab = new Lab(folder);
    lab.issue('work/sensor', { cn: 'sensor.contoso.com' });
    copyFileSync(join(folder, 'ca.pem'), join(folder, 'work/chain.pem'));
    // Whatever others call them: a sample to compare with, certificates that a CA has exported.
    for (const name of ['sample.crt', 'export.pem'])
      copyFileSync(join(folder, 'work/sensor.crt'), join(folder, 'work', name));
    write(folder, 'work/passphrase.txt', 'abc123\n');
    const program = write(folder, 'bin/certgate', `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`);
    chmodSync(program, 0o755);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(['', ...COMMANDS])('certgate %s --help', (command) => {
    const help = certgate([...(command === '' ? [] : [command]), '--help']).stdout;
    const examples = [...help.slice(help.search(/^Examples?:$/m)).matchAll(/^ {2}(certgate .*)$/gm)].map(
      (match) => match[1]!,
    );
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      expect(example.length).toBeLessThanOrEqual(90);
      const { status, stderr } = spawnSync('sh', ['-c', example], {
        cwd: join(folder, 'work'),
        encoding: 'utf8',
        env: { PATH: `${join(folder, 'bin')}:${process.env['PATH']}` },
      });
      // 1 is a verdict; 2 and 3 would mean that the example is wrong.
      expect([0, 1], `${example}\n${stderr}`).toContain(status);
    }
  });
});
