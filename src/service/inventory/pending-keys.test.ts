import { execFileSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { FleetLab, type Inventory, pem, sensor } from '../../../tests/inventory/fleet-lab.ts';

const SUBJECT = { country: 'US', organization: 'Contoso', organizationalUnit: 'Plant' };
let lab: FleetLab;
let fleet: Inventory;

beforeAll(async () => {
  lab = await FleetLab.create({ keys: 1 });
});
afterAll(() => lab.close());
beforeEach(async () => {
  fleet = await lab.inventory();
});
afterEach(() => lab.closeStores());

const openssl = (args: string[], input: string): string => execFileSync('openssl', args, { input, encoding: 'utf8' });
const publicKeyOf = (csrPem: string): Uint8Array => {
  const text = openssl(['req', '-pubkey', '-noout', '-verify'], csrPem);
  return new Uint8Array(Buffer.from(text.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64'));
};

test('a key that is made here never travels: out goes the CSR, in comes the certificate', async () => {
  const { id } = await sensor(fleet, 'one');
  const { csrPem } = await fleet.pendingKeys.create(id, { subject: SUBJECT, alternativeNames: ['10.1.2.3'] }, 'ada');
  const shown = openssl(['req', '-noout', '-text'], csrPem);
  expect(shown).toContain('Subject: C = US, O = Contoso, OU = Plant, CN = one.contoso.com');
  expect(shown).toContain('DNS:one.contoso.com, IP Address:10.1.2.3');

  const crt = pem(lab.certificate('one.contoso.com', publicKeyOf(csrPem)));
  const upload = { name: 'one', crt, chain: Buffer.from(lab.ca.chainPem) };
  const result = await fleet.gate.upload(id, upload, 'ada');
  expect(result.report.findings.filter(({ status }) => status === 'refused')).toEqual([]);
  expect(result).toMatchObject({ outcome: 'activated', identity: { origin: 'generated' } });
  expect(await fleet.pendingKeys.list(id)).toEqual([]);

  const renewal = await fleet.pendingKeys.create(id, {}, 'ada');
  const again = openssl(['req', '-noout', '-text'], renewal.csrPem);
  expect(again).toContain('Subject: C = US, O = Contoso, OU = Plant, CN = one.contoso.com');
});

test('without a key an upload is refused, and says what to do; another appliance does not get at ours', async () => {
  const [one, two] = [await sensor(fleet, 'one'), await sensor(fleet, 'two', { hostname: 'one.contoso.com' })];
  const { csrPem } = await fleet.pendingKeys.create(one.id, { subject: SUBJECT }, 'ada');
  const crt = pem(lab.certificate('one.contoso.com', publicKeyOf(csrPem)));
  const { outcome, report } = await fleet.gate.upload(
    two.id,
    { name: 'two', crt, chain: Buffer.from(lab.ca.chainPem) },
    'ada',
  );
  expect(outcome).toBe('refused');
  const finding = report.findings.find(({ rule }) => rule === 'key-file')!;
  expect(finding.status).toBe('refused');
  expect(finding.fix).toContain('CSR');
  expect(await fleet.pendingKeys.list(one.id)).toHaveLength(1);
});

test('a subject is asked for where there is none to take, and keys do not pile up', async () => {
  const { id } = await sensor(fleet, 'one');
  await expect(fleet.pendingKeys.create(id, {}, 'ada')).rejects.toMatchObject({ code: 'invalid' });
  for (let i = 0; i < 5; i++) await fleet.pendingKeys.create(id, { subject: SUBJECT }, 'ada');
  await expect(fleet.pendingKeys.create(id, { subject: SUBJECT }, 'ada')).rejects.toMatchObject({ code: 'invalid' });
  const [newest] = await fleet.pendingKeys.list(id);
  await fleet.pendingKeys.remove(id, newest!.id, 'ada');
  await fleet.appliances.retire(id, 1, 'ada');
  expect(await fleet.pendingKeys.list(id)).toEqual([]);
});
