import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requires } from '../requires.ts';
import { certgate, type InspectJson, Lab, scratch, write } from './program.ts';

let folder: string;

describe.skipIf(!requires('openssl'))('certgate inspect', () => {
  beforeAll(() => {
    folder = scratch();
    const lab = new Lab(folder);
    lab.issue('sensor', { cn: 'sensor.contoso.com' });
    lab.issue('other', { cn: 'other.contoso.com' });
    lab.openssl('x509', '-in', 'sensor.crt', '-outform', 'DER', '-out', 'sensor.der');
    lab.openssl('pkcs8', '-topk8', '-in', 'sensor.key', '-passout', 'pass:abc123', '-out', 'locked.key');
    lab.openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', 'ec.key');
    write(folder, 'page.html', '<!doctype html><html><body>Sign in</body></html>');
    write(folder, 'passphrase.txt', 'abc123\n');
    write(folder, 'crlf.crt', readFileSync(join(folder, 'sensor.crt'), 'utf8').replaceAll('\n', '\r\n'));
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (...args: readonly string[]) => certgate(['inspect', ...args], { cwd: folder });

  test('says what a file is, its fields and its fingerprints', () => {
    const { code, stdout } = run('sensor.crt');
    const fingerprint = certFingerprint('sensor.crt');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^sensor\.crt {2}a certificate in PEM/);
    for (const text of [
      'Certificate for sensor.contoso.com',
      'CN=Contoso CA',
      'RSA, 2048 bits',
      'digitalSignature',
      'SHA-1 fingerprint',
    ]) {
      expect(stdout).toContain(text);
    }
    expect(stdout.replaceAll(/\s/g, '')).toContain(fingerprint);
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test('tells forms apart and says what was put right', () => {
    expect(run('sensor.der').stdout).toContain('a certificate in DER');
    expect(run('crlf.crt').stdout).toContain('The lines end with CR LF');
    expect(run('page.html').stdout).toContain('an HTML page');
    expect(run('sensor.csr').stdout).toContain('Certificate request for sensor.contoso.com');
  });

  test('a key shows its kind, size and lock, and never itself', () => {
    expect(run('ec.key').stdout).toContain('EC P-256');
    expect(run('locked.key').stdout).toMatch(/PBES2 .*iterations/s);
    const { stdout } = run('locked.key', '--passphrase-file', 'passphrase.txt');
    expect(stdout).toContain('RSA, 2048 bits');
    const secret = readFileSync(join(folder, 'sensor.key'), 'utf8').split('\n')[3]!;
    expect(run('sensor.key', '--bytes', '--format', 'json').stdout).not.toContain(secret);
  });

  test('answers whether things belong together', () => {
    const { stdout } = run('sensor.crt', 'sensor.key', 'sensor.csr', 'other.key', 'ca.pem', 'root.pem', 'locked.key');
    const answer = stdout.slice(stdout.indexOf('Do these belong together?')).replaceAll(/\s+/g, ' ');
    expect(answer).toContain(
      '✓ The certificate sensor.crt, the private key sensor.key and the request sensor.csr have the same public key',
    );
    expect(answer).toContain('✗ The private key other.key has another public key than the certificate sensor.crt');
    expect(answer).toContain('✓ sensor.crt was signed by ca.pem');
    expect(answer).toContain('✓ ca.pem was signed by root.pem');
    expect(answer).toContain('✓ root.pem signed itself');
    expect(answer).toContain('? The private key locked.key could not be opened');
  });

  test('--bytes gives offset and hexadecimal, in JSON too', () => {
    expect(run('sensor.crt', '--bytes').stdout).toMatch(/@\d+\+\d+ {2}30 /);
    const data = JSON.parse(run('sensor.crt', '--bytes', '--format', 'json').stdout) as InspectJson;
    const serial = data.files[0]!.blocks[0]!.fields.find(({ label }) => label === 'Serial number')!;
    const der = readFileSync(join(folder, 'sensor.der'));
    expect(serial.hex).toBe(der.subarray(serial.offset, serial.offset + serial.length).toString('hex'));
  });

  test('a file that is not there is 2, and the others are shown', () => {
    const { code, stdout, stderr } = run('sensor.crt', 'missing.crt');
    expect(code).toBe(2);
    expect(stdout).toContain('Certificate for sensor.contoso.com');
    expect(stderr).toBe('certgate: missing.crt cannot be opened: there is no such file or folder.\n');
  });

  function certFingerprint(path: string): string {
    const { stdout } = run(path, '--format', 'json');
    const data = JSON.parse(stdout) as InspectJson;
    return data.files[0]!.blocks[0]!.facts.find(({ label }) => label === 'SHA-256 fingerprint')!.value;
  }
});
