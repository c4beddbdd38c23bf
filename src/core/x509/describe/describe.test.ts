import { describe, expect, test } from 'vitest';
import { certificateWith, EVERY_EXTENSION } from '../../../../tests/x509/openssl.ts';
import { parseCertificate } from '../certificate.ts';
import { KNOWN_EXTENSIONS } from '../known-extensions.ts';
import { describeCertificate } from './certificate.ts';
import { DESCRIBERS } from './extension-values.ts';
import type { Field } from './field.ts';
import { formatIpAddress } from './general-name.ts';

const { lines, sections } = EVERY_EXTENSION;
const der = certificateWith(lines, sections, ['-set_serial', '0x2A']);
const described = describeCertificate(parseCertificate(der));

const valueOf = (label: string): string | undefined => described.fields.find((field) => field.label === label)?.value;

test('every known extension has words', () => {
  expect(new Set(DESCRIBERS.keys())).toEqual(new Set(KNOWN_EXTENSIONS.map(({ oid }) => oid)));
});

describe('a certificate with every extension', () => {
  test('is plain data, every field inside the bytes and under its parent', () => {
    expect(JSON.parse(JSON.stringify(described))).toEqual(described);
    const walk = (field: Field, outer: { offset: number; length: number }): void => {
      expect(field.offset).toBeGreaterThanOrEqual(outer.offset);
      expect(field.offset + field.length).toBeLessThanOrEqual(outer.offset + outer.length);
      expect(field.problem).toBeUndefined();
      field.children.forEach((child) => walk(child, field));
    };
    described.fields.forEach((field) => walk(field, { offset: 0, length: der.length }));
  });

  test.each([
    ['Version', '3'],
    ['Serial number', '2A'],
    ['Subject', 'C=DE, O=Contoso, CN=sensor.contoso.com'],
    ['Public key', 'EC P-256'],
    ['Basic constraints', 'a CA, at most 3 CAs below it'],
    ['Key usage', 'digitalSignature, keyCertSign, decipherOnly'],
    ['Extended key usage', 'serverAuth, clientAuth, 1.2.3.4'],
    [
      'Subject alternative name',
      'sensor.contoso.com, 192.0.2.1, 2001:db8::1, https://contoso.com/a, a@contoso.com, 1.2.3.4, ' +
        'user principal name user@contoso.com, C=DE, CN=directory',
    ],
    [
      'CRL distribution points',
      'http://contoso.com/ca.crl; only for keyCompromise, cACompromise; issued by C=DE, CN=directory, ' +
        'relative to the CRL issuer: CN=part',
    ],
    ['Authority information access', "OCSP: http://ocsp.contoso.com, issuer's certificate: http://contoso.com/ca.cer"],
    ['Name constraints', 'permitted contoso.com, permitted 192.0.2.0/255.255.255.0, excluded .evil.example'],
    ['Certificate policies', '1.2.3.4, 1.3.5.8'],
    ['Policy mappings', '1.2.3.4 of the issuer is 1.2.3.5 of the subject'],
    ['Inhibit any-policy', 'after 2 certificates'],
    ['Unknown extension 1.2.3.4.5', '05:00'],
    ['Signature algorithm', 'ecdsa-with-SHA256'],
  ])('%s', (label, value) => {
    expect(valueOf(label)).toBe(value);
  });

  test('policy texts are shown', () => {
    const policies = described.fields.find(({ label }) => label === 'Certificate policies')!;
    expect(policies.children[1]!.children.map(({ value }) => value)).toEqual(['https://contoso.com/cps', 'a notice']);
  });
});

test('what cannot be read says so, and the rest is there', () => {
  const broken = describeCertificate(
    parseCertificate(certificateWith('keyUsage = DER:0500\nbasicConstraints = DER:3003010100')),
  );
  const [keyUsage, constraints] = ['Key usage', 'Basic constraints'].map((label) =>
    broken.fields.find((field) => field.label === label),
  );
  expect(keyUsage!.problem).toMatch(/^keyUsage must be BIT STRING, found NULL \(byte \d+\)$/);
  expect(constraints).toMatchObject({
    value: 'not a CA',
    deviations: ['basicConstraints spells out cA FALSE, the default'],
  });
});

test.each([
  ['20010db8000000000000000000000001', '2001:db8::1'],
  ['00000000000000000000000000000000', '::'],
  ['00000000000000000000000000000001', '::1'],
  ['20010000000000010000000000000000', '2001:0:0:1::'],
  ['20010db8000100010001000100010000', '2001:db8:1:1:1:1:1:0'],
  ['c0000201', '192.0.2.1'],
])('the address %s is %s', (octets, text) => {
  expect(formatIpAddress(Uint8Array.from(Buffer.from(octets, 'hex')))).toBe(text);
});
