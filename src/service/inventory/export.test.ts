import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from 'vitest';
import { FleetLab, type Inventory, sensor } from '../../../tests/inventory/fleet-lab.ts';
import { exportIdentity, type ExportWish } from './export.ts';
import { UploadHistory } from './upload-history.ts';
import { Partners } from './partners.ts';

let lab: FleetLab;
let fleet: Inventory;
let id: string;
beforeAll(async () => {
  lab = await FleetLab.create({ keys: 2 });
});
afterAll(() => lab.close());
beforeEach(async () => {
  fleet = await lab.inventory();
  ({ id } = await sensor(fleet, 'one'));
});
afterEach(() => lab.closeStores());

const files = async (wish: ExportWish): Promise<Record<string, string>> => {
  const folder = join(lab.folder, `export-${Math.floor(performance.now() * 1000)}`);
  mkdirSync(folder);
  const exported = await exportIdentity(fleet, id, { wish, actor: 'ada' });
  const paths = exported.map(({ name, bytes }) => {
    writeFileSync(join(folder, name), bytes);
    return [name.split('.').at(-1)!, join(folder, name)];
  });
  return Object.fromEntries(paths) as Record<string, string>;
};
const openssl = (...args: string[]): string => execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' });

test('a folder holds what the upload form takes, and openssl agrees that it belongs together', async () => {
  await fleet.gate.upload(id, lab.bundle('one.contoso.com', lab.keys[0]!), 'ada');
  const { crt, key, pem } = await files({ format: 'folder', passphrase: 'Change-window-7' });
  expect(openssl('pkey', '-in', key!, '-passin', 'pass:Change-window-7', '-pubout')).toBe(
    openssl('x509', '-in', crt!, '-noout', '-pubkey'),
  );
  expect(openssl('verify', '-CAfile', pem!, crt!)).toContain('OK');
  const [entry] = await fleet.audit.page();
  expect(entry).toMatchObject({
    action: 'identity.exported',
    actor: 'ada',
    details: { format: 'folder', encrypted: true },
  });
});

test('a PKCS#12 file opens with its passphrase, the whole chain in it', async () => {
  await fleet.gate.upload(id, lab.bundle('one.contoso.com', lab.keys[0]!), 'ada');
  const { p12 } = await files({ format: 'pkcs12', passphrase: 'Change-window-7' });
  const shown = openssl('pkcs12', '-in', p12!, '-passin', 'pass:Change-window-7', '-nodes');
  expect(shown.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
  expect(shown).toContain('BEGIN PRIVATE KEY');
});

test('without a certificate, with no passphrase or a poor one, it says so and nothing is handed out', async () => {
  await expect(files({ format: 'folder' })).rejects.toMatchObject({ code: 'not-found' });
  await fleet.gate.upload(id, lab.bundle('one.contoso.com', lab.keys[0]!), 'ada');
  await expect(files({ format: 'folder', which: 'staged' })).rejects.toMatchObject({ code: 'not-found' });
  await expect(files({ format: 'pkcs12' })).rejects.toMatchObject({ code: 'invalid' });
  await expect(files({ format: 'folder', passphrase: 'short' })).rejects.toMatchObject({ code: 'invalid' });
  const unsupported = files({ format: 'folder', passphrase: 'with a space' });
  await expect(unsupported).rejects.toMatchObject({ message: expect.stringContaining('the space') });
  expect((await fleet.audit.page()).map(({ action }) => action)).not.toContain('identity.exported');
});

test('the history of uploads comes newest first, page by page, each with its report', async () => {
  const history = new UploadHistory(fleet.store);
  for (const key of lab.keys) await fleet.gate.upload(id, lab.bundle('one.contoso.com', key), 'ada');
  await fleet.gate.upload(id, { ...lab.bundle('one.contoso.com', lab.keys[0]!), key: Buffer.from('x') }, 'bob');
  const all = await history.page(id);
  expect(all.map(({ outcome }) => outcome).toSorted()).toEqual(['activated', 'activated', 'refused']);
  const pages = [];
  for (let before: string | undefined; ;) {
    const [entry] = await history.page(id, { limit: 1, ...(before !== undefined && { before }) });
    if (entry === undefined) break;
    pages.push(entry);
    before = entry.id;
  }
  expect(pages).toEqual(all);
  const refused = all.find(({ outcome }) => outcome === 'refused')!;
  const { report } = await history.report(id, refused.id);
  expect(report.verdict).toBe('refused');
  await expect(history.report('another', refused.id)).rejects.toMatchObject({ code: 'not-found' });
});

test('partners are kept with how their certificate is checked', async () => {
  const partners = new Partners(fleet.store, fleet.audit);
  const made = await partners.create(
    { name: 'SIEM', host: '10.0.0.5', port: 6514, fingerprints: ['AB:'.repeat(31) + 'AB'] },
    'ada',
  );
  expect(made).toMatchObject({ validation: 'mandatory', fingerprints: ['ab'.repeat(32)], version: 1 });
  await expect(partners.create({ name: 'siem', host: 'x.example', port: 1 }, 'ada')).rejects.toMatchObject({
    code: 'name-taken',
  });
  await expect(partners.create({ name: 'bad', host: 'x y', port: 1 }, 'ada')).rejects.toMatchObject({
    code: 'invalid',
  });
  const changed = await partners.update(made.id, 1, { validation: 'none', serverName: 'siem.contoso.com' }, 'ada');
  expect(await partners.byId(made.id)).toEqual(changed);
  await expect(partners.update(made.id, 1, { port: 99 }, 'ada')).rejects.toMatchObject({ code: 'changed-meanwhile' });
  await partners.remove(made.id, 2, 'ada');
  expect(await partners.list()).toEqual([]);
});
