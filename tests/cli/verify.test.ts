import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PathView } from '../../src/cli/render/path.ts';
import {
  caExtensions,
  certificate,
  crl,
  dnsName,
  ipName,
  makeKey,
  NOON,
  serverExtensions,
  toPem,
} from '../paths/forge.ts';
import { certgate, scratch, write } from './program.ts';

const folder = scratch();
const [rootKey, caKey, leafKey] = [makeKey(), makeKey(), makeKey()];
const root = certificate({
  subject: 'O=Contoso, CN=Root',
  issuer: 'O=Contoso, CN=Root',
  key: rootKey,
  signer: rootKey,
  extensions: caExtensions(rootKey, rootKey),
});
const ca = (notAfter?: number): Buffer =>
  certificate({
    subject: 'CN=Issuing CA',
    issuer: 'O=Contoso, CN=Root',
    key: caKey,
    signer: rootKey,
    serial: 2,
    extensions: caExtensions(caKey, rootKey),
    ...(notAfter !== undefined && { notAfter }),
  });
const leaf = certificate({
  subject: 'CN=sensor.example',
  issuer: 'CN=Issuing CA',
  key: leafKey,
  signer: caKey,
  serial: 3,
  extensions: serverExtensions(leafKey, caKey, dnsName('sensor.example'), ipName(192, 0, 2, 7)),
});
write(folder, 'root.pem', toPem(root));
write(folder, 'ca.der', ca());
write(folder, 'old-ca.pem', toPem(ca(NOON - 1)));
write(folder, 'sensor.crt', toPem(leaf));
write(folder, 'all.pem', toPem(leaf) + toPem(ca()) + toPem(root));
write(folder, 'root.crl', crl({ issuer: 'O=Contoso, CN=Root', signer: rootKey }));
write(folder, 'ca.crl', toPem(crl({ issuer: 'CN=Issuing CA', signer: caKey }), 'X509 CRL'));
write(folder, 'ca-2.crl', toPem(crl({ issuer: 'CN=Issuing CA', signer: caKey, revoked: [3], number: 2 }), 'X509 CRL'));

const verify = (line: string) => certgate(['verify', ...line.split(' '), '--at', '2026-06-01'], { cwd: folder });
const asJson = (line: string): PathView => JSON.parse(verify(`${line} --json`).stdout) as PathView;

describe('certgate verify', () => {
  test('draws the path of a valid certificate, the reason at each step', () => {
    const { code, stdout, stderr } = verify(
      'sensor.crt --chain ca.der --trust root.pem --hostname sensor.example --hostname 192.0.2.7',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/VALID\n.*a trust anchor of/);
    expect(stdout).toMatch(
      /O=Contoso, CN=Root\n[^]*└─ CN=Issuing CA\n[^]*signed by the key of O=Contoso, CN=Root[^]*└─ CN=sensor\.example/,
    );
    for (const line of stdout.split('\n')) expect([...line].length).toBeLessThanOrEqual(80);
  });

  test('names the step that breaks it, and what to do', () => {
    const { code, stdout } = verify('sensor.crt --chain old-ca.pem --trust root.pem');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /NOT VALID[^]*"Issuing CA" expired on 2026-05-31T23:59:59Z[^]*To put it right: Ask the people who run that CA/,
    );
  });

  test('says which certificate is missing', () => {
    expect(verify('sensor.crt --trust root.pem').stdout).toContain(
      'certificate of "Issuing CA", which issued "sensor.example", is missing',
    );
  });

  test('takes a file with everything in it, and says that its own root is the reference', () => {
    const { code, stdout } = verify('all.pem');
    expect(code).toBe(0);
    expect(stdout).toMatch(/the chain's own\s+root, as on the appliance/);
  });

  test('checks revocation of the whole path', () => {
    const chain = 'sensor.crt --chain ca.der --trust root.pem --crl-file root.crl';
    expect(verify(`${chain} --crl-file ca.crl`).stdout).toContain('not revoked');
    expect(verify(chain).stdout).toContain('Whether "sensor.example" is revoked cannot be told');
    expect(verify(`${chain} --crl-file ca.crl --crl-file ca-2.crl`)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('is revoked since'),
    });
    expect(verify(`${chain} --revocation if-available`).code).toBe(0);
  });

  test('gives the same as JSON', () => {
    const view = asJson('sensor.crt --untrusted old-ca.pem --trust root.pem --hostname other.example');
    expect(view).toMatchObject({ valid: false, profile: 'appliance', trust: 'anchors', at: '2026-06-01T00:00:00Z' });
    expect(view.path.map(({ role, problems }) => [role, problems.length])).toEqual([
      ['anchor', 0],
      ['intermediate', 1],
      ['leaf', 1],
    ]);
    expect(view.findings[0]).toMatchObject({
      location: { file: 'old-ca.pem', block: 0, path: 'tbsCertificate.validity.notAfter' },
    });
  });

  test.each([
    ['', 'missing required argument'],
    ['nothing.crt', 'cannot be opened'],
    ['root.crl', 'holds no certificate'],
    ['sensor.crt --trust root.crl', 'holds no certificate'],
    ['sensor.crt --crl-file root.pem', 'holds no CRL'],
    ['sensor.crt --purpose mail', 'It takes'],
  ])('verify %s is a mistake on the command line', (line, message) => {
    const { code, stderr } = certgate(['verify', ...line.split(' ').filter((word) => word !== '')], { cwd: folder });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });
});

test('the examples of verify --help work', () => {
  const help = certgate(['verify', '--help']).stdout;
  const examples = [...help.matchAll(/^ {2}certgate (verify .*)$/gm)].map(([, words]) => words!);
  expect(examples.length).toBeGreaterThan(2);
  for (const name of ['chain.pem', 'root-ca.crt', 'partner.pem', 'anchors/a.pem'])
    write(folder, name, toPem(name === 'chain.pem' ? ca() : root));
  write(folder, 'issuing.crl', crl({ issuer: 'CN=Issuing CA', signer: caKey }));
  for (const example of examples) {
    const { code, stderr } = certgate(example.split(' '), { cwd: folder });
    expect({ example, stderr, sane: code === 0 || code === 1 }).toEqual({ example, stderr: '', sane: true });
  }
});

const vectors = process.env['CERTGATE_VECTORS'] ?? join(import.meta.dirname, '../../../shared/vectors');

describe('certgate conformance', () => {
  test.skipIf(!existsSync(join(vectors, 'pkits-public.json.gz')))(
    'prints a table and exits with 0 where all is as expected',
    () => {
      const { code, stdout } = certgate(['conformance', '--pkits', join(vectors, 'pkits-public.json.gz')]);
      expect(stdout).toMatch(/PKITS +54\/54 +64\/64 +118\/118 +100\.0 %/);
      expect(code).toBe(0);
    },
  );

  test('fails for a divergence that nobody has explained', () => {
    const suite = {
      testcases: [
        {
          id: 'x',
          validation_kind: 'SERVER',
          trusted_certs: [],
          untrusted_intermediates: [],
          peer_certificate: toPem(leaf),
          validation_time: null,
          extended_key_usage: [],
          key_usage: [],
          expected_result: 'SUCCESS',
          expected_peer_name: null,
          expected_peer_names: [],
          max_chain_depth: null,
          conflicts_with: [],
        },
      ],
    };
    write(folder, 'limbo.json', JSON.stringify(suite));
    const { code, stdout } = certgate(['conformance', '--limbo', 'limbo.json'], { cwd: folder });
    expect(stdout).toContain('Divergences that nobody has explained: 1');
    expect(code).toBe(1);
  });

  test.each([['conformance'], ['conformance --limbo a --pkits b'], ['conformance --limbo root.pem']])(
    '%s is a mistake',
    (line) => {
      expect(certgate(line.split(' '), { cwd: folder }).code).toBe(2);
    },
  );
});
