import { expect, test } from 'vitest';
import { check } from '../../src/index.ts';
import {
  caExtensions,
  certificate,
  crl,
  DAY,
  ext,
  makeKey,
  NOON,
  rootCertificate,
  serverExtensions,
  toPem,
} from '../paths/forge.ts';

const [rootKey, otherRootKey, caKey, leafKey, signerKey] = [makeKey(), makeKey(), makeKey(), makeKey(), makeKey()];
const root = rootCertificate('CN=Root', rootKey);
const otherRoot = rootCertificate('CN=Other Root', otherRootKey);
const ca = certificate({
  subject: 'CN=CA',
  issuer: 'CN=Root',
  key: caKey,
  signer: rootKey,
  serial: 2,
  extensions: caExtensions(caKey, rootKey),
});
/** The same CA, certified by somebody else. */
const crossSigned = certificate({
  subject: 'CN=CA',
  issuer: 'CN=Other Root',
  key: caKey,
  signer: otherRootKey,
  serial: 9,
  extensions: caExtensions(caKey, otherRootKey),
});
const leaf = certificate({
  subject: 'CN=sensor.example',
  issuer: 'CN=CA',
  key: leafKey,
  signer: caKey,
  serial: 3,
  extensions: serverExtensions(leafKey, caKey),
});
const rootCrl = crl({ issuer: 'CN=Root', signer: rootKey });
const caCrl = crl({ issuer: 'CN=CA', signer: caKey });

async function statusOf(chain: Buffer[], trust: Buffer[], crls: Buffer[]): Promise<string[]> {
  const { findings } = await check(
    { crt: leaf, chain: Buffer.from(chain.map((der) => toPem(der)).join('')) },
    { at: new Date(NOON * 1000), trust, crls },
  );
  return findings
    .filter(({ rule }) => rule === 'revocation-status' || rule === 'trust-path')
    .map(({ rule, status, message }) => `${rule} ${status}: ${message}`);
}

test('asks about the path that is trusted, not about whatever else the CA was certified by', async () => {
  const revoked = crl({ issuer: 'CN=Root', signer: rootKey, revoked: [2] });
  for (const chain of [
    [crossSigned, ca],
    [ca, crossSigned],
  ]) {
    const told = await statusOf(chain, [root], [revoked, caCrl]);
    expect(told[0]).toContain('revocation-status refused: The CA certificate "CN=CA" has been revoked');
    expect(await statusOf(chain, [root], [rootCrl, caCrl])).toEqual([
      expect.stringContaining('trust-path pass'),
      expect.stringContaining('revocation-status pass'),
    ]);
  }
});

test('takes the way that is not revoked, where there are two to trust', async () => {
  const revoked = crl({ issuer: 'CN=Root', signer: rootKey, revoked: [2] });
  const otherCrl = crl({ issuer: 'CN=Other Root', signer: otherRootKey });
  const told = await statusOf([ca, crossSigned], [root, otherRoot], [revoked, otherCrl, caCrl]);
  expect(told.map((line) => line.split(':')[0])).toEqual(['trust-path pass', 'revocation-status pass']);
  // Nobody knows about the other way: what is known counts.
  const [first] = await statusOf([ca, crossSigned], [root, otherRoot], [revoked, caCrl]);
  expect(first).toContain('revocation-status refused');
});

test.each([
  ['good', {}, 'pass'],
  ['expired', { notAfter: NOON - DAY / 2 }, 'not-checked'],
])('a CRL signer whose certificate is %s', async (_, dates, expected) => {
  const signer = certificate({
    subject: 'CN=CA',
    issuer: 'CN=CA',
    key: signerKey,
    signer: caKey,
    serial: 77,
    extensions: [
      ext.basicConstraints(false),
      ext.keyUsage(6),
      ext.subjectKeyIdentifier(signerKey.id),
      ext.authorityKeyIdentifier(caKey.id),
    ],
    ...dates,
  });
  const bySigner = crl({ issuer: 'CN=CA', signer: signerKey });
  const told = await statusOf([ca, signer], [root], [rootCrl, bySigner]);
  expect(told.find((line) => line.startsWith('revocation-status'))).toContain(`revocation-status ${expected}`);
});
