import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FleetLab, type Inventory, sensor } from '../../../../tests/inventory/fleet-lab.ts';
import type { NewKey } from '../../../making/issue/key.ts';
import { chainOf } from './chain.ts';
import type { Standing } from './standing.ts';

const DAY = 86_400_000;
const URL_OF_CRL = 'http://crl.lab.example/issuing.crl';
const start = Date.now();
let lab: FleetLab;
let inventory: Inventory;

beforeAll(async () => {
  lab = await FleetLab.create({ keys: 3, crlBaseUrl: 'http://crl.lab.example' });
});
afterAll(() => lab.close());
beforeEach(async () => {
  lab.clock.now = start;
  inventory = await lab.inventory();
  inventory.fleet.start();
});
afterEach(async () => {
  await inventory.fleet.stop();
  expect(inventory.errors).toEqual([]);
  await lab.closeStores();
});

const crlFile = (name: string): Buffer => readFileSync(join(lab.folder, 'ca', name));

async function upload(name: string, key: NewKey, options: { days?: number; crl?: 'on'; reason?: string } = {}) {
  const { id } = await sensor(inventory, name, { crl: options.crl ?? 'off' });
  const bundle = lab.bundle(`${name}.contoso.com`, key, {
    ...options,
    ...(options.crl === 'on' && { crlUrl: URL_OF_CRL }),
  });
  const { outcome } = await inventory.gate.upload(id, { ...bundle, reason: options.reason }, 'ada');
  expect(outcome).toBe('activated');
  return { id, bundle };
}

async function standingOf(id: string): Promise<Standing> {
  await inventory.fleet.fresh(30_000);
  return inventory.fleet.member(id)!.standing;
}

/** Moves the clock, as time does by itself, and lets the fleet notice. */
async function at(milliseconds: number): Promise<void> {
  lab.clock.now = milliseconds;
  await inventory.fleet.stop();
  inventory.fleet.start();
  await inventory.fleet.fresh(30_000);
}

describe('what a certificate is worth', () => {
  test('is ready, then expiring, then expired, each at its second', async () => {
    const { id } = await upload('one', lab.keys[0]!, { days: 90 });
    const ready = await standingOf(id);
    expect(ready).toMatchObject({ state: 'ready', blocks: false, message: null, fix: null });
    const notAfter = inventory.fleet.member(id)!.identity!.notAfter;
    expect(ready.until).toBe(notAfter - 30 * DAY + 1000);
    await at(ready.until! - 1);
    expect((await standingOf(id)).state).toBe('ready');
    await at(ready.until!);
    const expiring = await standingOf(id);
    expect(expiring).toMatchObject({ state: 'expiring', blocks: false, rule: 'crt-expires-soon' });
    expect(expiring.message).toContain(new Date(notAfter).toISOString().slice(0, 19));
    expect(expiring.fix).toMatch(/openssl req -new/);
    await at(notAfter + 999);
    expect((await standingOf(id)).state).toBe('expiring');
    await at(notAfter + 1000);
    expect(await standingOf(id)).toMatchObject({
      state: 'expired',
      blocks: inventory.fleet.member(id)!.appliance.validation === 'mandatory',
      since: notAfter + 1000,
      rule: 'crt-valid-to',
    });
  });

  test('is nothing where nothing was uploaded, and halts nothing', async () => {
    const { id } = await sensor(inventory, 'bare');
    expect(await standingOf(id)).toMatchObject({ state: 'no-certificate', blocks: false, since: null, until: null });
  });

  test('is nothing any more without its anchor, and everything again with it', async () => {
    const { id } = await upload('one', lab.keys[0]!);
    expect((await standingOf(id)).anchorId).not.toBeNull();
    const [anchor] = await inventory.anchors.list();
    await inventory.anchors.remove(anchor!.id, 'ada');
    expect(await standingOf(id)).toMatchObject({ state: 'untrusted', rule: 'trust-path', anchorId: null });
    expect((await standingOf(id)).fix).toMatch(/trust anchor/);
    await lab.trust(inventory);
    expect((await standingOf(id)).state).toBe('ready');
  });

  test('is judged by what could not be read just then, as soon as it can', async () => {
    const { id } = await upload('one', lab.keys[0]!, { days: 90 });
    expect(await standingOf(id)).toMatchObject({ state: 'ready' });
    const { db } = inventory.store;
    await sql`alter table anchors rename column der to away`.execute(db);
    const anchor = await db.selectFrom('anchors').select('id').executeTakeFirstOrThrow();
    await inventory.anchors.remove(anchor.id, 'ada');
    await inventory.fleet.fresh(30_000);
    expect(inventory.errors.splice(0)).not.toEqual([]);
    await sql`alter table anchors rename column away to der`.execute(db);
    await inventory.fleet.stop();
    inventory.fleet.start();
    expect(await standingOf(id)).toMatchObject({ state: 'untrusted' });
  });

  test('is found out although that of another appliance cannot be read', async () => {
    const broken = await upload('broken', lab.keys[0]!);
    const { id } = await upload('one', lab.keys[1]!);
    expect(await standingOf(id)).toMatchObject({ state: 'ready' });
    const { db } = inventory.store;
    await db
      .updateTable('identities')
      .set({ crt_pem: 'x', fingerprint: 'x' })
      .where('appliance_id', '=', broken.id)
      .execute();
    const [anchor] = await inventory.anchors.list();
    await inventory.anchors.remove(anchor!.id, 'ada');
    expect(await standingOf(id)).toMatchObject({ state: 'untrusted' });
    expect(inventory.errors.splice(0)).not.toEqual([]);
  });

  test('ends with the revocation that a CRL brings, and hangs on the next CRL', async () => {
    const { id: seen } = await upload('seen', lab.keys[1]!);
    for (const name of ['root.crl', 'issuing.crl']) await inventory.crls.add(crlFile(name), 'ada');
    const { id, bundle } = await upload('one', lab.keys[0]!, { crl: 'on' });
    const [other] = [await standingOf(seen)];
    expect([other.state, (await standingOf(id)).state]).toEqual(['ready', 'ready']);

    const nextUpdate = Math.min(...(await inventory.crls.list()).map((crl) => crl.nextUpdate!));
    expect((await standingOf(id)).until).toBeLessThanOrEqual(nextUpdate + 1000);
    await at(nextUpdate + 1000);
    const stale = await standingOf(id);
    expect(stale).toMatchObject({ state: 'stale-crl', since: nextUpdate + 1000, rule: 'crl-current' });
    expect(stale.message).toMatch(/ran out/);
    expect(stale.fix).toContain('Trust');
    // Uploaded without CRL check.
    expect((await standingOf(seen)).state).toBe('ready');

    // The clock of the host was wrong, and is put right.
    await at(start);
    expect((await standingOf(id)).state).toBe('ready');
    const serial = inventory.fleet.member(id)!.identity!.serial;
    const der = Buffer.from(bundle.crt.toString().replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
    lab.ca.record(der, new Date(start));
    lab.ca.revoke(serial, 1, new Date(start));
    lab.ca.newCrls(new Date(start));
    await inventory.crls.add(crlFile('issuing.crl'), 'ada');
    const revoked = await standingOf(id);
    expect(revoked).toMatchObject({ state: 'revoked', rule: 'revocation-status' });
    expect(revoked.since).toBe(Math.floor(start / 1000) * 1000);
    const explained = (await inventory.fleet.explain(id))!;
    expect(
      chainOf(explained).map(({ role, cn, revocation, problems }) => [role, cn, revocation, problems.length]),
    ).toEqual([
      ['leaf', 'one.contoso.com', 'revoked', 1],
      ['intermediate', 'Lab Issuing CA', 'good', 0],
      ['anchor', 'Lab Root CA', 'not-asked', 0],
    ]);
  });

  test('is told of one without CRL check, too, where a CRL at hand lists it; nothing halts', async () => {
    const { id, bundle } = await upload('quiet', lab.keys[2]!);
    const der = Buffer.from(bundle.crt.toString().replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
    lab.ca.record(der, new Date(start));
    await standingOf(id);
    lab.ca.revoke(inventory.fleet.member(id)!.identity!.serial, 1, new Date(start));
    lab.ca.newCrls(new Date(start));
    for (const name of ['root.crl', 'issuing.crl']) await inventory.crls.add(crlFile(name), 'ada');
    const standing = await standingOf(id);
    expect(standing).toMatchObject({ state: 'ready', blocks: false });
    expect(standing.message).toMatch(/lists "quiet.contoso.com" as revoked/);
  });
});

test('only what a change concerns is told, and by whom it was made does not matter', async () => {
  const { id } = await upload('one', lab.keys[0]!);
  const { id: other } = await sensor(inventory, 'two');
  await standingOf(id);
  const told: string[] = [];
  inventory.fleet.onStanding((ids) => told.push(...ids));
  await sensor(inventory, 'three');
  await inventory.fleet.fresh(30_000);
  expect(told).toHaveLength(1);
  const { version } = await inventory.appliances.byId(other);
  await inventory.appliances.update(other, version, { name: 'Two' }, 'ada');
  await inventory.fleet.fresh(30_000);
  // Another name is no other standing.
  expect(told).toHaveLength(1);
  expect(inventory.fleet.member(other)!.appliance.name).toBe('Two');
  await inventory.appliances.retire(other, version + 1, 'ada');
  await inventory.fleet.fresh(30_000);
  expect(inventory.fleet.member(other)).toBeUndefined();
  expect(told.at(-1)).toBe(other);
});

test('a date that comes is noticed without anybody asking', async () => {
  const { id } = await upload('one', lab.keys[0]!, { days: 30 });
  const notAfter = Math.floor(start / 1000) * 1000 + 30 * DAY;
  await standingOf(id);
  // A second before the thirty days begin, by a clock that runs.
  await inventory.fleet.stop();
  const until = inventory.fleet.member(id)!.standing.until!;
  expect(Math.abs(until - (notAfter - 30 * DAY + 1000))).toBeLessThanOrEqual(1000);
  lab.clock.now = until - 200;
  const noticed = new Promise<readonly string[]>((resolve) => inventory.fleet.onStanding(resolve));
  inventory.fleet.start();
  await inventory.fleet.fresh(30_000);
  lab.clock.now = until;
  expect(await noticed).toEqual([id]);
  expect(inventory.fleet.member(id)!.standing.state).toBe('expiring');
});
