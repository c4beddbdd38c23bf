import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askForNewOne } from '../src/core/requirements/advice.ts';
import { Certificate } from '../src/core/x509/certificate.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'certgate-advice-'));
  openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', 'sensor.key');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const openssl = (...args: string[]): Buffer =>
  execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });

const certificateOf = (subject: string): Certificate =>
  Certificate.parse(
    openssl('req', '-x509', '-new', '-utf8', '-key', 'sensor.key', '-subj', subject, '-outform', 'DER'),
  );

/** Does what the fix says, in a shell as the reader would; the subject of the request that comes of it. */
function follow(advice: string): string {
  const command = advice.slice(advice.indexOf('openssl req'));
  execFileSync('sh', ['-c', command], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  return openssl('req', '-in', 'sensor.csr', '-noout', '-subject', '-nameopt', 'utf8,sep_comma_plus,sname')
    .toString()
    .trim();
}

test.each([
  [
    '/C=US/O=Contoso\'s "Labs" Inc./OU=A\\/B \\\\ C/CN=sensor.contoso.com',
    `subject=C=US,O=Contoso's "Labs" Inc.,OU=A/B \\ C,CN=sensor.contoso.com`,
  ],
  [
    '/C=DE/O=Müller $(touch x) `id`/OU=50% \\+ 1/CN=a.example',
    'subject=C=DE,O=Müller $(touch x) `id`,OU=50% + 1,CN=a.example',
  ],
])('the command for %s gives the same subject', (subject, expected) => {
  const printed = follow(askForNewOne(certificateOf(subject)));
  expect(printed.replaceAll('\\\\', '\\').replaceAll('\\"', '"').replaceAll('\\+', '+')).toBe(expected);
});

test('what is missing is filled with examples, and said to be one', () => {
  const advice = askForNewOne(certificateOf('/CN=*.fabrikam.com'));
  expect(advice).toContain('(put your own for "US", "Contoso Inc.", "Contoso Labs", "sensor.fabrikam.com")');
  expect(follow(advice)).toBe('subject=C=US,O=Contoso Inc.,OU=Contoso Labs,CN=sensor.fabrikam.com');
});

test('what is wished for goes in', () => {
  const advice = askForNewOne(certificateOf('/C=UK/O=O/OU=OU/CN=a.example'), {
    C: 'GB',
    CN: 'b.example',
    newKeyBits: 2048,
  });
  expect(advice).toContain("-addext 'subjectAltName=DNS:b.example'");
  expect(follow(advice)).toBe('subject=C=GB,O=O,OU=OU,CN=b.example');
});
