import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/core/base/finding.ts';
import { certgate, type Ended, PROGRAM, scratch, write } from '../cli/program.ts';
import { requires } from '../requires.ts';

const folder = scratch();
const run = (...args: readonly string[]): Ended => certgate(args, { cwd: folder });
const at = (name: string): string => join(folder, name);
const openssl = (...args: readonly string[]): string =>
  execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const subject = ['--country', 'US', '--organization', 'Contoso Inc.', '--unit', 'OT Security'];
const key = ['--key', 'sensor.key', '--passphrase-file', 'p.txt'];

beforeAll(() => {
  expect(run('key', 'new', 'sensor.key', '--passphrase-file', 'p.txt').code).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('certgate key', () => {
  test('new: encrypted, with a new passphrase that the appliance supports, both only for their owner', () => {
    expect(readFileSync(at('sensor.key'), 'latin1')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
    for (const name of ['sensor.key', 'p.txt']) expect(statSync(at(name)).mode & 0o777).toBe(0o600);
    expect(run('passphrase', 'check', 'p.txt').code).toBe(0);
    expect(readFileSync(at('p.txt'), 'latin1')).toMatch(/^[A-Za-z2-9]{6}(?:-[A-Za-z2-9]{6}){3}\n$/);
  });

  test('new: never writes over a file, and leaves no passphrase behind for a key it did not make', () => {
    const before = readFileSync(at('sensor.key'));
    const { code, stderr } = run('key', 'new', 'sensor.key', '--passphrase-file', 'never.txt');
    expect([code, stderr]).toEqual([
      2,
      'certgate: sensor.key is there already. Keys are never written over: name another file, or move this one away.\n',
    ]);
    expect(readFileSync(at('sensor.key'))).toEqual(before);
    expect(() => statSync(at('never.txt'))).toThrow('ENOENT');
  });

  test('new: does not show a passphrase where nobody looks', () => {
    const { code, stdout, stderr } = run('key', 'new', 'unseen.key');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('--passphrase-file FILE; or --no-passphrase');
    expect(() => statSync(at('unseen.key'))).toThrow('ENOENT');
  });

  test('new: takes a passphrase that is there, names characters that the appliance does not support', () => {
    write(folder, 'own.txt', 'Own-Passphrase-1\n');
    expect(run('key', 'new', 'own.key', '--passphrase-file', 'own.txt').code).toBe(0);
    write(folder, 'bad.txt', 'secret word & more\n');
    const { code, stdout, stderr } = run('key', 'new', 'bad.key', '--passphrase-file', 'bad.txt');
    expect(code).toBe(2);
    expect(stderr).toContain('holds the space, &, which the appliance does not support');
    expect(stdout + stderr).not.toContain('secret');
  });

  test.skipIf(!requires('openssl'))(
    'new: openssl opens what it makes, with 4096 bits and without a passphrase, too',
    () => {
      expect(openssl('rsa', '-in', 'sensor.key', '-passin', 'file:p.txt', '-noout', '-text')).toContain('2048 bit');
      expect(run('key', 'new', 'big.key', '--bits', '4096', '--no-passphrase').code).toBe(0);
      expect(openssl('rsa', '-in', 'big.key', '-noout', '-text')).toContain('4096 bit');
    },
  );

  test('new: says in plain words why it cannot write', () => {
    const { code, stderr } = run('key', 'new', 'no/such/folder.key', '--no-passphrase');
    expect([code, stderr]).toEqual([2, 'certgate: no/such/folder.key cannot be written: the folder does not exist.\n']);
  });
});

describe('certgate passphrase check', () => {
  test('names the character and nothing else of the passphrase', () => {
    write(folder, 'check.txt', 'pa$$&word\n');
    const { code, stdout } = run('passphrase', 'check', 'check.txt');
    expect([code, stdout]).toEqual([1, expect.stringContaining('does not support $, & in passphrases')]);
    expect(stdout).not.toContain('pa$$');
  });

  test('reads a variable, too, and passes every character of the vendor', () => {
    const all = 'abcxyzABCXYZ0189!#%()+,-./:=?@[\\]^_{}~';
    expect(certgate(['passphrase', 'check', '--passphrase-env', 'PW'], { env: { PW: all } }).code).toBe(0);
  });
});

describe('certgate csr', () => {
  test.skipIf(!requires('openssl'))(
    'new: all fields in the order of the vendor, names and uses as in its sample',
    () => {
      const fields = [
        '--state',
        'Washington',
        '--locality',
        'Redmond',
        '--email',
        'ot@contoso.com',
        '--san',
        '10.1.2.3,fe80::1',
      ];
      const { code } = run(
        'csr',
        'new',
        ...key,
        '--cn',
        'sensor.contoso.com',
        ...subject,
        ...fields,
        '--out',
        'full.csr',
      );
      expect(code).toBe(0);
      const text = openssl('req', '-in', 'full.csr', '-noout', '-text', '-verify');
      expect(openssl('req', '-in', 'full.csr', '-noout', '-subject')).toBe(
        'subject=C = US, ST = Washington, L = Redmond, O = Contoso Inc., OU = OT Security, CN = sensor.contoso.com, emailAddress = ot@contoso.com\n',
      );
      expect(text).toContain('DNS:sensor.contoso.com, IP Address:10.1.2.3, IP Address:FE80:0:0:0:0:0:0:1');
      expect(text).toContain('Digital Signature, Key Encipherment, Key Agreement');
      expect(text).toContain('TLS Web Client Authentication, TLS Web Server Authentication');
      expect(text).toContain('sha256WithRSAEncryption');
    },
  );

  test('new: makes no request for what no certificate may have, and names the rule', () => {
    const args = ['csr', 'new', ...key, ...subject, '--cn', '*.contoso.com', '--out', 'no.csr', '--format', 'json'];
    const { code, stdout } = run(...args);
    const { csr, report } = JSON.parse(stdout) as { csr: string | null; report: Report };
    expect([code, csr, report.findings[0]!.rule]).toEqual([1, null, 'crt-wildcard']);
    expect(() => statSync(at('no.csr'))).toThrow('ENOENT');
  });

  test('new: names every field that is missing', () => {
    const { code, stderr } = run('csr', 'new', ...key, '--cn', 'sensor.contoso.com');
    expect(code).toBe(2);
    expect(stderr).toContain('--country, --organization, --unit are missing');
  });

  test.skipIf(!requires('openssl'))(
    '--like: field by field the subject of the old certificate, its names, its string types',
    () => {
      const extensions = 'subjectAltName=DNS:old.contoso.com,DNS:alias.contoso.com,IP:10.9.8.7\n';
      write(folder, 'old.ext', extensions);
      openssl(
        'req',
        '-new',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        'old.key',
        '-utf8',
        '-subj',
        '/O=Zürich AG/CN=old.contoso.com/C=CH/OU=OT',
        '-out',
        'old.csr',
      );
      openssl(
        'x509',
        '-req',
        '-in',
        'old.csr',
        '-signkey',
        'old.key',
        '-days',
        '30',
        '-extfile',
        'old.ext',
        '-out',
        'old.crt',
      );
      const { code, stderr } = run('csr', '--like', 'old.crt', ...key, '--out', 'renewal.csr');
      expect([code, stderr]).toEqual([0, '']);
      const subjectOf = (...args: readonly string[]): string =>
        openssl(...args, '-noout', '-subject', '-nameopt', 'show_type,sep_comma_plus_space');
      expect(subjectOf('req', '-in', 'renewal.csr')).toBe(subjectOf('x509', '-in', 'old.crt'));
      expect(openssl('req', '-in', 'renewal.csr', '-noout', '-text')).toContain(
        'DNS:old.contoso.com, DNS:alias.contoso.com, IP Address:10.9.8.7',
      );
      const same = run('csr', '--like', 'old.crt', '--key', 'old.key', '--out', 'same.csr');
      expect(same.stderr).toContain('the key is the one of the old certificate');
    },
  );

  test.skipIf(!requires('openssl'))('check: judges what others made, and whether the key is its own', () => {
    openssl(
      'req',
      '-new',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'o.key',
      '-subj',
      '/CN=o.contoso.com/O=Contoso/OU=OT/C=US',
      '-addext',
      'subjectAltName=DNS:o.contoso.com',
      '-out',
      'o.csr',
    );
    const report = (...args: readonly string[]): Report =>
      JSON.parse(run('csr', 'check', ...args, '--format', 'json').stdout) as Report;
    const own = report('o.csr', '--key', 'o.key', '--hostname', 'o.contoso.com');
    expect(own.verdict).toBe('accepted');
    expect(own.findings.filter(({ rule }) => rule === 'csr-field-order')).toHaveLength(1);
    const foreign = report('o.csr', '--key', 'sensor.key', '--passphrase-file', 'p.txt');
    expect(foreign.findings[0]).toMatchObject({ rule: 'key-matches-crt', status: 'refused' });
    const host = report('o.csr', '--hostname', 'other.contoso.com');
    expect(host.findings[0]).toMatchObject({ rule: 'crt-subject-cn', status: 'refused' });
  });

  test('check: a request that was changed on the way is refused', () => {
    const { code } = run('csr', 'new', ...key, '--cn', 'changed.contoso.com', ...subject, '--out', 'changed.csr');
    expect(code).toBe(0);
    const der = Buffer.from(readFileSync(at('changed.csr'), 'latin1').replaceAll(/-----.*-----|\s/g, ''), 'base64');
    const where = der.indexOf('changed.contoso.com');
    der.write('chanGed', where, 'latin1');
    writeFileSync(at('changed.der'), der);
    const { stdout } = run('csr', 'check', 'changed.der', '--format', 'json');
    expect((JSON.parse(stdout) as Report).findings[0]).toMatchObject({ rule: 'csr-signature', status: 'refused' });
    expect(run('csr', 'check', 'sensor.key').stderr).toMatch(
      /sensor\.key is an encrypted private key.*a certificate request is needed/,
    );
  });
});

describe('certgate ca and issue', () => {
  const issue = ['issue', '--ca', 'ca', '--ca-passphrase-file', 'ca.txt'];
  beforeAll(() => {
    expect(run('ca', 'new', 'ca', '--passphrase-file', 'ca.txt', '--crl-url', 'http://127.0.0.1:9/').code).toBe(0);
    expect(run('csr', 'new', ...key, '--cn', 'sensor.contoso.com', ...subject).code).toBe(0);
  });

  test('issue what check accepts: from a request, and with a key of its own', () => {
    expect(run(...issue, '--csr', 'sensor.csr', '--out', 'sensor').code).toBe(0);
    expect(
      run(...issue, '--cn', 'ha.contoso.com', ...subject, '--role', 'ha', '--passphrase-file', 'p.txt', '--out', 'ha')
        .code,
    ).toBe(0);
    for (const name of ['sensor', 'ha']) {
      const { code, stdout } = run(
        'check',
        `${name}.crt`,
        `${name}.key`,
        `${name}.pem`,
        '--passphrase-file',
        'p.txt',
        '--trust',
        'ca/root.crt',
        '--crl-file',
        'ca/issuing.crl',
        'ca/root.crl',
      );
      expect(code, stdout).toBe(0);
    }
    expect(statSync(at('ha.key')).mode & 0o777).toBe(0o600);
  });

  test('issue nothing that check would refuse: the rule is named, the ledger stays as it was', () => {
    const before = readFileSync(at('ca/ledger.jsonl'));
    const { code, stderr } = run(...issue, '--cn', '*.contoso.com', ...subject, '--no-passphrase', '--out', 'wild');
    expect([code, stderr]).toEqual([1, 'certgate: nothing was issued: crt-wildcard.\n']);
    // The same key for another appliance.
    expect(run('csr', 'new', ...key, '--cn', 'second.contoso.com', ...subject, '--out', 'second.csr').code).toBe(0);
    expect(run(...issue, '--csr', 'second.csr', '--out', 'second').stderr).toContain('fleet-unique-key');
    expect(readFileSync(at('ca/ledger.jsonl'))).toEqual(before);
    for (const name of ['wild.crt', 'wild.key', 'second.crt']) expect(() => statSync(at(name))).toThrow('ENOENT');
  });

  test('issue again for the same appliance: a renewal is no conflict', () => {
    const { code, stdout } = run(...issue, '--csr', 'sensor.csr', '--out', 'again');
    expect([code, stdout]).toEqual([0, expect.stringContaining('This appliance had the same key before')]);
  });

  test('a wrong passphrase, a missing CA, too long a time: one line each', () => {
    write(folder, 'wrong.txt', 'wrong\n');
    const wrong = run('issue', '--ca', 'ca', '--ca-passphrase-file', 'wrong.txt', '--csr', 'sensor.csr');
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('passphrase does not open')]);
    expect(run('issue', '--ca', 'none', '--ca-passphrase-file', 'p.txt', '--csr', 'sensor.csr').stderr).toContain(
      'There is no CA in none',
    );
    expect(run(...issue, '--csr', 'sensor.csr', '--out', 'long', '--days', '20000').stderr).toContain(
      'Ask for fewer days',
    );
    expect(run('ca', 'new', 'ca', '--passphrase-file', 'p.txt').stderr).toContain('there is a CA in ca already');
    expect(run('ca', 'new', 'x', '--passphrase-file', 'p.txt', '--crl-url', 'https://a/').stderr).toContain(
      'http:// only',
    );
  });

  test('four at the same time: each is issued and entered, none overwrites the line of another', async () => {
    const names = ['w', 'x', 'y', 'z'].map((letter) => `${letter}.contoso.com`);
    const before = readFileSync(at('ca/ledger.jsonl'), 'utf8').split('\n').length;
    const codes = await Promise.all(
      names.map(
        (name) =>
          new Promise((resolve) => {
            const args = [PROGRAM, ...issue, '--cn', name, ...subject, '--no-passphrase', '--out', name];
            spawn(process.execPath, args, { cwd: folder, stdio: 'ignore' }).once('exit', resolve);
          }),
      ),
    );
    expect(codes).toEqual([0, 0, 0, 0]);
    const lines = readFileSync(at('ca/ledger.jsonl'), 'utf8').split('\n');
    expect(lines).toHaveLength(before + 4);
    const entered = lines.flatMap((line) =>
      line === '' ? [] : [(JSON.parse(line) as { commonName?: string }).commonName],
    );
    for (const name of names) expect(entered).toContain(name);
  });

  test('crl new: a higher number each time; revoke by serial number', () => {
    const list = run('ca', 'list', 'ca').stdout;
    const serial = /([0-9a-f]{32}) {2}until .*ha\.contoso\.com/.exec(list)![1]!;
    const revoke = run('revoke', '--ca', 'ca', '--ca-passphrase-file', 'ca.txt', serial, '--reason', 'keyCompromise');
    expect([revoke.code, revoke.stderr]).toEqual([0, '']);
    const twice = run('revoke', '--ca', 'ca', '--ca-passphrase-file', 'ca.txt', 'ha.crt');
    expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('is revoked already')]);
    const before = readFileSync(at('ca/issuing.crl'));
    copyFileSync(at('ca/issuing.crl'), at('before.crl'));
    expect(run('crl', 'new', '--ca', 'ca', '--ca-passphrase-file', 'ca.txt').code).toBe(0);
    expect(readFileSync(at('ca/issuing.crl'))).not.toEqual(before);
    const shown = run('crl', 'show', 'ca/issuing.crl', '--format', 'json').stdout;
    expect(shown.toLowerCase().replaceAll(':', '')).toContain(serial);
  });
});
