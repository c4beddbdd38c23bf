import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FleetLab, type Inventory, pem, sensor } from '../../../tests/inventory/fleet-lab.ts';
import type { CrlSource } from '../../core/base/ports.ts';
import { type OpenCrl, openCrl } from '../../core/revocation/open-crl.ts';
import { parseCertificate } from '../../core/x509/certificate.ts';
import { signCrl } from '../../making/issue/certificate-fields.ts';
import { implicit, sequence } from '../../making/encode/der.ts';
import { crlNumberExtension, extension } from '../../making/encode/extension-fields.ts';
import { signingAlgorithm } from '../../making/issue/sign.ts';
import { createLabCa, type LabCa } from '../../making/issue/lab-ca.ts';

const DAY = 86_400_000;
const URL_OF_CRL = 'http://crl.lab.example/issuing.crl';
const start = Date.now();
let lab: FleetLab;
let other: LabCa;
let fleet: Inventory;

beforeAll(async () => {
  lab = await FleetLab.create({ keys: 2, crlBaseUrl: 'http://crl.lab.example' });
  const options = { name: 'Other', organization: 'Fabrikam', country: 'US', passphrase: 'x', now: new Date(start) };
  other = await createLabCa(join(lab.folder, 'other'), options);
});
afterAll(() => lab.close());
beforeEach(async () => {
  lab.clock.now = start;
  fleet = await lab.inventory({ trusting: false });
});
afterEach(() => lab.closeStores());

describe('a trust anchor', () => {
  test('is shown with its fingerprint, and added only by that', async () => {
    const file = pem(lab.ca.root.certificate);
    const [shown] = fleet.anchors.inspect(file);
    expect(shown).toMatchObject({ name: 'Lab Root CA', selfSigned: true, warnings: [] });
    expect(shown!.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    await expect(fleet.anchors.add({ file }, 'ada')).rejects.toMatchObject({
      code: 'confirmation-needed',
      message: expect.stringContaining(shown!.fingerprint),
    });
    const wrong = { file, fingerprint: 'AB'.repeat(32) };
    await expect(fleet.anchors.add(wrong, 'ada')).rejects.toMatchObject({ code: 'confirmation-needed' });
    const asOpensslSaysIt = `sha256 Fingerprint=${shown!.fingerprint}`;
    const anchor = await fleet.anchors.add({ file, fingerprint: asOpensslSaysIt }, 'ada');
    expect(await fleet.anchors.list()).toEqual([anchor]);
    await expect(
      fleet.anchors.add({ file, fingerprint: shown!.fingerprint.toLowerCase() }, 'ada'),
    ).rejects.toMatchObject({
      code: 'already-there',
    });
    await fleet.anchors.remove(anchor.id, 'ada');
    expect(await fleet.anchors.list()).toEqual([]);
    expect((await fleet.audit.page()).map(({ action }) => action)).toEqual(['anchor.removed', 'anchor.added']);
  });

  test.each([
    ['an end-entity certificate', () => pem(lab.certificate('x.contoso.com', lab.keys[0]!.spki)), /no CA certificate/],
    ['a key', () => lab.bundle('x.contoso.com', lab.keys[0]!).key, /no certificate: it is .*private key/],
    ['an empty file', () => new Uint8Array(), /empty/],
    ['a damaged one', () => new Uint8Array(lab.ca.root.certificate).with(7, 0x31), /cannot be read|no certificate/],
  ])('cannot be %s', async (_what, make, why) => {
    const attempt = async () => {
      const file = make();
      const [candidate] = fleet.anchors.inspect(file);
      await fleet.anchors.add({ file, fingerprint: candidate!.fingerprint }, 'ada');
    };
    await expect(attempt()).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(why) });
  });

  test('is offered to the administrator whose chain ends in a root that nobody here trusts', async () => {
    const { id } = await sensor(fleet, 'one');
    const refused = await fleet.gate.upload(id, lab.bundle('one.contoso.com', lab.keys[0]!), 'ada');
    expect(refused.outcome).toBe('refused');
    expect(refused.unknownRoot!.name).toBe('Lab Root CA');
    const [finding] = refused.report.findings;
    expect(finding).toMatchObject({ rule: 'trust-path', status: 'refused' });
    expect(finding!.fix).toContain(refused.unknownRoot!.fingerprint);
    expect(finding!.fix).toMatch(/add it as trust anchor/);
    const { pem: file, fingerprint } = refused.unknownRoot!;
    await fleet.anchors.add({ file: Buffer.from(file), fingerprint }, 'ada');
    const again = await fleet.gate.upload(id, lab.bundle('one.contoso.com', lab.keys[0]!), 'ada');
    expect([again.outcome, again.unknownRoot]).toEqual(['activated', undefined]);
  });

  test('is nothing that a chain file brings along: with another CA trusted, the root stays unknown', async () => {
    const file = other.root.certificate;
    await fleet.anchors.add({ file, fingerprint: fleet.anchors.inspect(file)[0]!.fingerprint }, 'ada');
    const { id } = await sensor(fleet, 'one');
    const { outcome } = await fleet.gate.upload(id, lab.bundle('one.contoso.com', lab.keys[0]!), 'ada');
    expect(outcome).toBe('refused');
  });

  test('with validation none is not needed', async () => {
    const { id } = await sensor(fleet, 'one', { validation: 'none' });
    const { outcome, report } = await fleet.gate.upload(id, lab.bundle('one.contoso.com', lab.keys[0]!), 'ada');
    expect(outcome).toBe('activated');
    expect(report.lowered).toContain('trust-path');
  });
});

const crlFile = (ca: LabCa, name = 'issuing.crl'): Uint8Array => new Uint8Array(readFileSync(join(ca.folder, name)));

describe('a CRL', () => {
  test('is kept if its CA leads to an anchor; an older one never replaces it, unless allowed once', async () => {
    const old = crlFile(lab.ca, 'root.crl');
    await expect(fleet.crls.add(old, 'ada')).rejects.toMatchObject({
      code: 'crl-refused',
      message: expect.stringContaining('leads to a trust anchor'),
    });
    await lab.trust(fleet);
    expect(await fleet.crls.add(old, 'ada')).toMatchObject({
      outcome: 'added',
      crl: { freshness: 'current', url: null },
    });
    expect((await fleet.crls.add(old, 'ada')).outcome).toBe('unchanged');
    lab.ca.newCrls(new Date(start));
    const newer = await fleet.crls.add(crlFile(lab.ca, 'root.crl'), 'ada');
    expect(newer.outcome).toBe('replaced');
    await expect(fleet.crls.add(old, 'ada')).rejects.toMatchObject({ code: 'crl-older' });
    expect((await fleet.crls.list()).map(({ number }) => number)).toEqual([newer.crl.number]);
    await fleet.crls.allowOlder(newer.crl.id, 'ada');
    expect((await fleet.crls.add(old, 'ada')).outcome).toBe('replaced');
    expect((await fleet.crls.list())[0]!.olderAllowed).toBe(false);
  });

  test('of an issuing CA needs a chain that was seen here; forged and expired ones are refused with the reason', async () => {
    await lab.trust(fleet);
    await expect(fleet.crls.add(crlFile(lab.ca), 'ada')).rejects.toMatchObject({ code: 'crl-refused' });
    const { id } = await sensor(fleet, 'one');
    await fleet.gate.upload(id, lab.bundle('one.contoso.com', lab.keys[0]!), 'ada');
    expect((await fleet.crls.add(crlFile(lab.ca), 'ada')).outcome).toBe('added');
    const forged = crlFile(lab.ca).slice();
    forged[forged.length - 1]! ^= 1;
    await expect(fleet.crls.add(forged, 'ada')).rejects.toMatchObject({
      message: expect.stringMatching(/not signed by/),
    });
    lab.clock.now = start + 30 * DAY;
    await expect(fleet.crls.add(crlFile(lab.ca), 'ada')).rejects.toMatchObject({
      message: expect.stringMatching(/ran out/),
    });
    expect((await fleet.crls.list()).map(({ freshness }) => freshness)).toEqual(['expired']);
    await expect(fleet.crls.add(pem(lab.ca.root.certificate), 'ada')).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('a certificate'),
    });
  });

  test('that is held lets an upload in while its server is away, and refuses what it lists', async () => {
    const away: CrlSource<OpenCrl> = {
      fetch: async ({ url }) => ({
        url,
        crl: undefined,
        from: undefined,
        failure: { code: 'refused', url, message: 'Nobody listens there.', fix: 'Start it.' },
      }),
    };
    fleet = await lab.inventory({ source: away });
    const { id } = await sensor(fleet, 'one', { crl: 'on' });
    const bundle = lab.bundle('one.contoso.com', lab.keys[0]!, { crlUrl: URL_OF_CRL });
    const without = await fleet.gate.upload(id, bundle, 'ada');
    expect(without.outcome).toBe('refused');
    expect(without.report.findings.map(({ rule }) => rule)).toContain('crl-reachable');

    const seen = await sensor(fleet, 'seen');
    await fleet.gate.upload(seen.id, lab.bundle('seen.contoso.com', lab.keys[1]!), 'ada');
    for (const name of ['root.crl', 'issuing.crl']) await fleet.crls.add(crlFile(lab.ca, name), 'ada');
    const held = await fleet.gate.upload(id, bundle, 'ada');
    expect(held.report.findings.filter(({ rule }) => rule === 'crl-reachable').map(({ status }) => status)).toEqual([
      'warning',
      'warning',
    ]);
    expect(held.outcome).toBe('activated');

    const { serialNumber } = parseCertificate(pemToDer(bundle.crt));
    lab.ca.record(pemToDer(bundle.crt), new Date(start));
    lab.ca.revoke(Buffer.from(serialNumber.content()).toString('hex'), 1, new Date(start));
    lab.ca.newCrls(new Date(start));
    await fleet.crls.add(crlFile(lab.ca), 'ada');
    const revoked = await fleet.gate.upload(id, bundle, 'ada');
    expect(revoked.outcome).toBe('refused');
    expect(revoked.report.findings[0]!.rule).toBe('revocation-status');
  });

  test('that is fetched is kept, and one signed by a stranger judges only his own bundle', async () => {
    const served = new Map<string, Uint8Array>();
    const network: CrlSource<OpenCrl> = {
      async fetch({ url, judge }) {
        const crl = openCrl(served.get(url)!);
        const problem = judge(crl);
        if (problem === undefined) return { url, crl, from: 'network', failure: undefined };
        return { url, crl: undefined, from: undefined, failure: { ...problem, url } };
      },
    };
    fleet = await lab.inventory({ source: network });
    served.set('http://crl.lab.example/root.crl', crlFile(lab.ca, 'root.crl'));
    expect((await fleet.crls.fetch('http://crl.lab.example/root.crl', 'ada')).outcome).toBe('added');
    served.set('http://crl.fabrikam.example/root.crl', crlFile(other, 'root.crl'));
    await expect(fleet.crls.fetch('http://crl.fabrikam.example/root.crl', 'ada')).rejects.toMatchObject({
      code: 'crl-refused',
      message: expect.stringContaining('http://crl.fabrikam.example/root.crl'),
    });
    expect(await fleet.crls.list()).toHaveLength(1);
  });
});

test('what no CRL clears is let in for a written reason only: one that says nothing about it is none that clears it', async () => {
  const { certificate, key } = lab.ca.issuing;
  const onlyCas = extension('2.5.29.28', sequence(implicit(2, Uint8Array.of(0xff))), true);
  const der = signCrl(
    {
      issuer: parseCertificate(certificate).subject.element.der(),
      thisUpdate: new Date(start - DAY),
      nextUpdate: new Date(start + DAY),
      revoked: [],
      extensions: [crlNumberExtension(1n), onlyCas],
    },
    signingAlgorithm(key),
  );
  const network: CrlSource<OpenCrl> = {
    fetch: async ({ url }) => ({
      url,
      crl: openCrl(url === URL_OF_CRL ? der : crlFile(lab.ca, 'root.crl')),
      from: 'network',
      failure: undefined,
    }),
  };
  fleet = await lab.inventory({ source: network });
  const { id } = await sensor(fleet, 'one', { crl: 'on' });
  const bundle = lab.bundle('one.contoso.com', lab.keys[0]!, { crlUrl: URL_OF_CRL });
  const { outcome, report } = await fleet.gate.upload(id, bundle, 'ada');
  expect([outcome, report.notChecked]).toEqual(['reason-needed', ['revocation-status']]);
  const told = report.findings.find(({ rule }) => rule === 'revocation-status');
  expect(told!.fix).toContain('Upload the current CRL');
  expect((await fleet.gate.upload(id, { ...bundle, reason: 'the CA is told' }, 'ada')).outcome).toBe('activated');
});

const pemToDer = (file: Uint8Array): Uint8Array =>
  new Uint8Array(
    Buffer.from(
      Buffer.from(file)
        .toString('latin1')
        .replaceAll(/-----[^-]+-----|\s/g, ''),
      'base64',
    ),
  );
