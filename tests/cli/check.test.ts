import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requires } from '../requires.ts';
import type { Report } from '../../src/core/base/finding.ts';
import { certgate, certgateReadOnce, type CheckJson, Lab, scratch, write } from './program.ts';

const PASSPHRASE = 'Secret-Passphrase-123';
let folder: string;
let lab: Lab;
const at = (path: string): string => join(folder, path);

function copy(from: string, to: string): void {
  mkdirSync(at(to).slice(0, at(to).lastIndexOf('/')), { recursive: true });
  copyFileSync(at(from), at(to));
}

describe.skipIf(!requires('openssl'))('certgate check', () => {
  beforeAll(() => {
    folder = scratch();
    lab = new Lab(folder);
    const chain = readFileSync(at('ca.pem'), 'utf8') + readFileSync(at('root.pem'), 'utf8');
    // Four ways of laying bundles out.
    mkdirSync(at('one'));
    lab.issue('one/sensor', { cn: 'one.contoso.com' });
    write(folder, 'one/chain.pem', chain);
    mkdirSync(at('set'));
    copy('one/sensor.crt', 'set/certificate.crt');
    copy('one/sensor.key', 'set/private.key');
    write(folder, 'set/issuers.pem', chain);
    mkdirSync(at('fleet/plant'), { recursive: true });
    lab.issue('fleet/plant/a', { cn: 'a.contoso.com' });
    lab.issue('fleet/plant/b', { cn: 'b.contoso.com' });
    write(folder, 'fleet/plant/shared.pem', chain);
    lab.issue('fleet/c', { cn: 'c.contoso.com', bits: 3072 });
    write(folder, 'fleet/c.pem', chain);
    mkdirSync(at('bad'));
    lab.issue('bad/sensor', { cn: '*.contoso.com' });
    write(folder, 'bad/sensor.pem', chain);
    mkdirSync(at('locked'));
    copy('one/sensor.crt', 'locked/sensor.crt');
    lab.openssl(
      'pkcs8',
      '-topk8',
      '-in',
      'one/sensor.key',
      '-passout',
      `pass:${PASSPHRASE}`,
      '-out',
      'locked/sensor.key',
    );
    write(folder, 'locked/passphrase.txt', `${PASSPHRASE}\n`);
    write(folder, 'garbage/sensor.crt', 'this is no certificate');
    mkdirSync(at('empty'));
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const json = (...args: readonly string[]) => {
    const ended = certgate(['check', '--format', 'json', ...args], { cwd: folder });
    return { ...ended, report: JSON.parse(ended.stdout) as CheckJson };
  };

  describe('exit codes', () => {
    test('0 when every bundle is accepted', () => {
      const { code, report } = json('one');
      expect({ code, summary: report.summary }).toEqual({
        code: 0,
        summary: { total: 1, accepted: 1, unsupported: 0, refused: 0 },
      });
    });
    test('1 when one is refused', () => expect(json('one', 'bad').code).toBe(1));
    test('1 for unsupported, 0 with --allow-unsupported, which leaves the verdict', () => {
      expect(json('fleet/c.crt', 'fleet/c.key', 'fleet/c.pem').code).toBe(1);
      const { code, report } = json('fleet/c.crt', 'fleet/c.key', 'fleet/c.pem', '--allow-unsupported');
      expect([code, report.reports[0]!.verdict]).toEqual([0, 'unsupported']);
    });
    test('2 for a path that is not there, and the others are still reported', () => {
      const { code, report, stderr } = json('one', 'missing');
      expect([code, report.summary['accepted']]).toEqual([2, 1]);
      expect(stderr).toContain('missing cannot be opened: there is no such file or folder.');
    });
    test('2 for an empty folder', () => expect(certgate(['check', 'empty'], { cwd: folder }).code).toBe(2));
    test('bad content is a verdict, not a usage error', () => {
      const { code, report } = json('garbage');
      expect([code, report.reports[0]!.verdict, report.reports[0]!.findings[0]!.rule]).toEqual([
        1,
        'refused',
        'crt-file',
      ]);
    });
    test('something endless is a verdict, too', () => {
      const { code, report } = json('--crt', '/dev/zero');
      expect([code, report.reports[0]!.findings[0]!.rule]).toEqual([1, 'crt-file']);
    });
    test.each([
      [['--hostnam', 'x', 'one'], '--hostname'],
      [['--format', 'jsno', 'one'], 'json'],
      [['--role', 'sensr', 'one'], 'sensor'],
      [['--crl', 'onn', 'one'], 'on'],
      [['--at', '2027-02-31', 'one'], '--at 2027-01-31'],
      [['--profile', 'defender-iott', 'one'], 'defender-iot'],
      [['--profile', './none.yaml', 'one'], 'no such file'],
      [['--trust', 'garbage', 'one'], 'holds no certificate'],
      [['--crl-proxy', 'https://user:secret@proxy', 'one'], 'http:// is needed'],
      [['--passphrase-env', 'NO_SUCH_VARIABLE', 'one'], 'no such environment variable'],
      [['--crt', 'a.crt', 'one'], 'not both'],
      [['--crt'], 'needs a value'],
      [[], 'certgate check sensor.crt'],
    ])('2 and one plain line for %j', (args, expected) => {
      const { code, stderr, stdout } = certgate(['check', ...args], { cwd: folder });
      expect(code).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^certgate: .*\n$/);
      expect(stderr).toContain(expected);
    });
  });

  describe('what is a bundle', () => {
    const names = (...args: readonly string[]) =>
      json(...args).report.reports.map(({ bundle, trust, verdict }) => `${bundle} ${trust} ${verdict}`);
    test('the one .crt/.key/.pem set of a folder', () =>
      expect(names('set')).toEqual(['set/certificate.crt own-chain accepted']));
    test('folders count with everything below them; a .pem of no base name serves all', () =>
      expect(names('fleet')).toEqual([
        'fleet/c.crt own-chain unsupported',
        'fleet/plant/a.crt own-chain accepted',
        'fleet/plant/b.crt own-chain accepted',
      ]));
    test('files named one by one', () =>
      expect(names('one/sensor.crt', 'one/sensor.key', 'one/chain.pem')).toEqual([
        'one/sensor.crt own-chain accepted',
      ]));
    test('--crt, --key and --chain, whatever the files are called', () => {
      copy('one/sensor.crt', 'odd/a.txt');
      copy('one/sensor.key', 'odd/b.txt');
      expect(names('--crt', 'odd/a.txt', '--key', 'odd/b.txt', '--chain', 'one/chain.pem')).toEqual([
        'odd/a.txt own-chain accepted',
      ]);
    });
    test('a key without a certificate is refused, not passed over', () => {
      copy('one/sensor.key', 'orphan/lost.key');
      expect(names('orphan')).toEqual(['orphan/lost.key none refused']);
    });
    test('two bundles of one run may not share a name', () => {
      const [first] = json('one', 'set').report.reports;
      expect(first!.findings.filter(({ status }) => status === 'refused').map(({ rule }) => rule)).toContain(
        'fleet-unique-cn',
      );
    });
  });

  describe('passphrases', () => {
    const verdict = (...args: readonly string[]) => {
      const { report } = json('locked/sensor.crt', 'locked/sensor.key', ...args);
      return [report.reports[0]!.verdict, report.reports[0]!.findings[0]!.rule];
    };
    test('a file loses exactly one final newline', () => {
      expect(verdict('--passphrase-file', 'locked/passphrase.txt')[0]).toBe('accepted');
      write(folder, 'locked/two.txt', `${PASSPHRASE}\n\n`);
      expect(verdict('--passphrase-file', 'locked/two.txt')).toEqual(['refused', 'key-passphrase']);
    });
    test('from the environment', () => {
      const { code } = certgate(['check', '--passphrase-env', 'CERTGATE_TEST', 'locked'], {
        cwd: folder,
        env: { CERTGATE_TEST: PASSPHRASE },
      });
      expect(code).toBe(0);
    });
    test('missing and wrong ones are the root cause', () => {
      expect(verdict()).toEqual(['refused', 'key-passphrase']);
      write(folder, 'locked/wrong.txt', 'not-it');
      expect(verdict('--passphrase-file', 'locked/wrong.txt')).toEqual(['refused', 'key-passphrase']);
    });
    test('no secret is ever printed', () => {
      const key = readFileSync(at('one/sensor.key'), 'utf8').split('\n')[5]!;
      for (const format of ['pretty', 'json']) {
        for (const args of [
          ['check', 'locked', '--passphrase-file', 'locked/passphrase.txt', '--findings', 'all'],
          ['check', 'locked', '--passphrase-env', PASSPHRASE],
          ['inspect', 'one/sensor.key', 'locked/sensor.key', '--bytes', '--passphrase-file', 'locked/passphrase.txt'],
        ]) {
          const { stdout, stderr } = certgate([...args, '--format', format], {
            cwd: folder,
            env: { CERTGATE_DEBUG: '1' },
          });
          expect(stdout + stderr).not.toContain(PASSPHRASE);
          expect(stdout + stderr).not.toContain(key);
        }
      }
    });
  });

  describe('output', () => {
    test('leads with the verdict, the cause and the fix, in 80 columns', () => {
      const { stdout } = certgate(['check', 'bad'], { cwd: folder });
      const lines = stdout.split('\n');
      expect(lines[0]).toBe('✗ REFUSED  bad/sensor.crt');
      expect(lines[5]).toMatch(/^✗ Refused +crt-wildcard$/);
      expect(stdout.indexOf('Fix ')).toBeLessThan(stdout.indexOf('Found '));
      expect(stdout).toContain('Appliance  "Certificate validation failed"');
      // Commands stay in lines that can be pasted; everything else fits.
      for (const line of lines) if (!/^ {13}/.test(line)) expect(line.length, line).toBeLessThanOrEqual(80);
    });
    test('many bundles end in a summary', () => {
      const { stdout } = certgate(['check', 'fleet', 'bad'], { cwd: folder });
      expect(stdout).toContain('4 bundles: 2 accepted, 1 unsupported, 1 refused');
      expect(stdout).toMatch(/✓ ACCEPTED {2}fleet\/plant\/a.crt {2}\d+ checks passed/);
    });
    test('jsonl is one report a line; problems leaves out what passes', () => {
      const { stdout } = certgate(['check', 'fleet', '--format', 'jsonl', '--findings', 'problems'], { cwd: folder });
      const reports = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Report);
      expect(reports.map(({ bundle }) => bundle)).toHaveLength(3);
      expect(reports.flatMap(({ findings }) => findings).some(({ status }) => status === 'pass')).toBe(false);
    });
    test('colours only on a terminal, or when forced', () => {
      const run = (env: Record<string, string>) =>
        certgate(['check', 'bad'], { cwd: folder, env }).stdout.includes('\u001b[');
      expect([run({}), run({ FORCE_COLOR: '1' }), run({ FORCE_COLOR: '0' }), run({ NO_COLOR: '1' })]).toEqual([
        false,
        true,
        false,
        false,
      ]);
    });
    test('control characters and bidirectional overrides from a certificate are written out', () => {
      const evil = 'evil\u001b[31m\u202etxt.contoso.com';
      lab.issue('evil', { cn: 'x.contoso.com', subject: `/C=US/O=Contoso/OU=${evil}` });
      for (const args of [
        ['check', 'evil.crt'],
        ['check', 'evil.crt', '--findings', 'all'],
        ['inspect', 'evil.crt'],
        ['check', 'evil.crt', '--format', 'json'],
        ['inspect', 'evil.crt', '--bytes', '--format', 'json'],
      ]) {
        const { stdout, stderr } = certgate(args, { cwd: folder });
        // oxlint-disable-next-line no-control-regex
        expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        expect(stdout).not.toBe('');
      }
      const { stdout } = certgate(['check', 'evil.crt', '--format', 'json'], { cwd: folder });
      const found = (JSON.parse(stdout) as CheckJson).reports[0]!.findings.map((finding) => finding.found);
      expect(found.some((text) => text?.includes('evil'))).toBe(true);
    });
    test('a reader that hangs up is no failure', async () => {
      const many = Array.from({ length: 40 }, (_, i) => {
        copy('bad/sensor.crt', `many/s${i}.crt`);
        return `many/s${i}.crt`;
      });
      const { stderr, stdout } = await certgateReadOnce(['check', '--findings', 'all', ...many], folder);
      expect(stdout).not.toBe('');
      expect(stderr).toBe('');
    });
  });

  test("judges for another time and by a profile of one's own", () => {
    const { report } = json('one', '--at', '2020-01-01');
    expect([report.reports[0]!.at, report.reports[0]!.findings[0]!.rule]).toEqual([
      '2020-01-01T00:00:00Z',
      'crt-valid-from',
    ]);
    write(folder, 'mine.yaml', 'id: mine\nextends: defender-iot\nrules:\n  crt-wildcard:\n    severity: warning\n');
    const mine = json('bad', '--profile', 'mine.yaml').report.reports[0]!;
    expect([mine.profile, mine.verdict, mine.lowered]).toEqual(['mine', 'accepted', ['crt-wildcard']]);
    write(folder, 'wrong.yaml', 'id: mine\nrules:\n  crt-wildcrad: {}\n');
    expect(certgate(['check', 'bad', '--profile', 'wrong.yaml'], { cwd: folder }).stderr).toContain('crt-wildcard');
  });

  test('the JSON is what the published schema says', async () => {
    const path = new URL('../../docs/schema/report.schema.json', import.meta.url);
    expect(existsSync(path)).toBe(true);
    const { Ajv2020 } = await import('ajv/dist/2020.js');
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
      JSON.parse(readFileSync(path, 'utf8')),
    );
    for (const args of [['one'], ['fleet', 'bad'], ['garbage'], ['orphan'], ['one', '--findings', 'problems']]) {
      const { report } = json(...args);
      expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    }
  });
});
