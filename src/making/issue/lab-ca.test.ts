import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toHex } from '../../core/der/values.ts';
import { parseCertificate } from '../../core/x509/certificate.ts';
import { toPem } from '../encode/der.ts';
import { newKey } from './key.ts';
import { createLabCa, type LabCa, openLabCa } from './lab-ca.ts';
import { encodeName, subjectAttributes } from '../encode/name-fields.ts';

const folder = mkdtempSync(join(tmpdir(), 'certgate-lab-'));
const at = (name: string): string => join(folder, name);
const passphrase = 'Lab-Passphrase-1';
const now = new Date();
const openssl = (...args: string[]): string => {
  try {
    return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return stdout + stderr;
  }
};
let ca: LabCa;
let leaf: Uint8Array;

beforeAll(async () => {
  ca = await createLabCa(folder, {
    name: 'Contoso Lab',
    organization: 'Contoso Ltd',
    country: 'US',
    passphrase,
    now,
    crlBaseUrl: 'http://crl.example:8080/',
  });
  const { spki } = await newKey(2048);
  const subject = {
    country: 'US',
    organization: 'Contoso Ltd',
    organizationalUnit: 'Plant 7',
    commonName: 'sensor.contoso.com',
  };
  leaf = ca.sign({
    subject: encodeName(subjectAttributes(subject)),
    subjectPublicKeyInfo: spki,
    names: ['sensor.contoso.com', '10.1.2.3'],
    notBefore: now,
    notAfter: new Date(now.getTime() + 365 * 86_400_000),
    crlUrl: ca.crlUrl,
  });
  ca.record(leaf, now);
  writeFileSync(at('leaf.crt'), toPem('CERTIFICATE', leaf));
  writeFileSync(at('both.crl'), crlsAsPem());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const crlsAsPem = (): string =>
  ['issuing.crl', 'root.crl'].map((name) => toPem('X509 CRL', readFileSync(at(name)))).join('');
const verify = (): string =>
  openssl(
    'verify',
    '-x509_strict',
    '-crl_check_all',
    '-CRLfile',
    at('both.crl'),
    '-CAfile',
    at('root.crt'),
    '-untrusted',
    at('issuing.crt'),
    at('leaf.crt'),
  );

describe('a lab CA', () => {
  test('issues what openssl accepts to the letter, CRLs included', () => {
    expect(verify()).toBe(`${at('leaf.crt')}: OK\n`);
  });

  test('names its CRLs where they will be served', () => {
    expect(ca.crlUrl).toBe('http://crl.example:8080/issuing.crl');
    expect(openssl('x509', '-in', at('issuing.crt'), '-noout', '-text')).toContain('http://crl.example:8080/root.crl');
  });

  test('keeps its keys encrypted, and from others', () => {
    for (const name of ['root.key', 'issuing.key']) {
      expect(readFileSync(at(name), 'latin1')).toContain('BEGIN ENCRYPTED PRIVATE KEY');
      expect(statSync(at(name)).mode & 0o077).toBe(0);
    }
    expect(() => openLabCa(folder, 'wrong')).toThrow('passphrase does not open');
  });

  test('revokes: the next CRL says so, under a higher number', () => {
    const serial = toHex(parseCertificate(leaf).serialNumber.content());
    openLabCa(folder, passphrase).revoke(serial, 1, now);
    ca.newCrls(now);
    writeFileSync(at('both.crl'), crlsAsPem());
    expect(verify()).toContain('certificate revoked');
    expect(openssl('crl', '-inform', 'DER', '-in', at('issuing.crl'), '-noout', '-crlnumber')).toBe('crlNumber=0x02\n');
    expect(() => ca.revoke(serial, 1, now)).toThrow('revoked already');
    expect(() => ca.revoke('abcdef', 1, now)).toThrow('issued no certificate');
  });

  test('forgets a ledger line that a crash cut off, and goes on behind the last whole one', () => {
    const before = ca.ledger().length;
    appendFileSync(at('ledger.jsonl'), '{"event":"crl","at":"20');
    expect(ca.ledger()).toHaveLength(before);
    ca.newCrls(now);
    expect(ca.ledger()).toHaveLength(before + 1);
  });

  test('is never made over another', async () => {
    const again = createLabCa(folder, { name: 'x', organization: 'x', country: 'US', passphrase, now });
    await expect(again).rejects.toThrow('There is a CA');
  });
});
