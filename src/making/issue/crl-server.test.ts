import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toHex } from '../../core/der/values.ts';
import { parseCertificate } from '../../core/x509/certificate.ts';
import { parseCrl } from '../../core/x509/crl.ts';
import { cRLNumber } from '../../core/x509/extensions/crl-number.ts';
import { CrlServer } from './crl-server.ts';
import { newKey } from './key.ts';
import { createLabCa, type LabCa, openLabCa } from './lab-ca.ts';
import { encodeName } from '../encode/name-fields.ts';

const DAY = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'certgate-crl-'));
const passphrase = 'Lab-Passphrase-1';
const start = new Date('2026-11-23T12:00:00Z');
let clock = start;
let ca: LabCa;
let server: CrlServer;

beforeAll(async () => {
  ca = await createLabCa(folder, { name: 'Lab', organization: 'Lab', country: 'US', passphrase, now: start });
  server = new CrlServer(ca, { host: '127.0.0.1', port: 0, days: 6, now: () => clock });
  await server.start();
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function fetched(): Promise<{ number: bigint; nextUpdate: number; entries: boolean }> {
  const response = await fetch(`http://127.0.0.1:${server.port}/issuing.crl`);
  const crl = parseCrl(new Uint8Array(await response.arrayBuffer()));
  return {
    number: crl.extensions.get(cRLNumber)!.value,
    nextUpdate: crl.nextUpdate!.seconds * 1000,
    entries: crl.revokedCertificates !== undefined,
  };
}

test('a CRL is made anew when a third of its time is left, and not before', async () => {
  const first = await fetched();
  clock = new Date(first.nextUpdate - 2 * DAY - 1000);
  server.refresh();
  expect((await fetched()).number).toBe(first.number);
  clock = new Date(first.nextUpdate - 2 * DAY);
  server.refresh();
  const second = await fetched();
  expect(second.number).toBe(first.number + 1n);
  expect(second.nextUpdate).toBe(clock.getTime() + 6 * DAY);
});

test('what another process revokes is in the next CRL at once', async () => {
  const before = await fetched();
  const certificate = ca.sign({
    subject: encodeName([['2.5.4.3', 'sensor.contoso.com']]),
    subjectPublicKeyInfo: (await newKey(2048)).spki,
    names: ['sensor.contoso.com'],
    notBefore: start,
    notAfter: new Date(start.getTime() + 30 * DAY),
  });
  const other = openLabCa(folder, passphrase);
  other.record(certificate, clock);
  server.refresh();
  expect((await fetched()).number).toBe(before.number);
  other.revoke(toHex(parseCertificate(certificate).serialNumber.content()), 1, clock);
  server.refresh();
  expect(await fetched()).toMatchObject({ number: before.number + 1n, entries: true });
});

test('a CRL file that is older than the ledger says, as a kill between the two leaves it, is made anew', async () => {
  const { number } = await fetched();
  rmSync(join(folder, 'issuing.crl'));
  expect(ca.crlsDue(clock)).toBe(true);
  server.refresh();
  expect((await fetched()).number).toBe(number + 1n);
});
