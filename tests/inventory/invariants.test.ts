import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { spkiOf } from '../../src/making/issue/key.ts';
import type { Upload } from '../../src/service/inventory/gate.ts';
import { InventoryError } from '../../src/service/inventory/inventory-error.ts';
import { FleetLab, type Inventory } from './fleet-lab.ts';

const STEPS = 80;
let lab: FleetLab;
beforeAll(async () => {
  lab = await FleetLab.create({ keys: 0 });
});
afterAll(() => lab.close());
afterEach(() => lab.closeStores());

/** xorshift32: the same steps for the same seed. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % sides;
  };
}

const HOSTS = ['a.contoso.com', 'b.contoso.com'];

test.each([11, 22, 33])('whatever people do in whatever order, nobody shares (seed %i)', async (seed) => {
  const roll = dice(seed);
  const fleet = await lab.inventory();
  const bundles = Array.from({ length: 16 }, (_, i): Upload => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return { ...lab.bundle(HOSTS[i % 2]!, { privateKey, spki: spkiOf(privateKey) }), reason: 'a lab' };
  });
  const ids: string[] = [];
  const add = async (): Promise<void> => {
    const input = { name: `s${ids.length}`, hostname: HOSTS[roll(2)]! };
    ids.push((await fleet.appliances.create(input, 'ada')).id);
  };
  for (let i = 0; i < 3; i++) await add();
  const done: string[] = [];
  for (let step = 0; step < STEPS; step++) {
    const id = ids[ids.length - 1 - roll(Math.min(4, ids.length))]!;
    const what = roll(12);
    done.push(`${what} on ${ids.indexOf(id)}`);
    try {
      await doSomething(fleet, { what, id, upload: bundles[roll(bundles.length)]!, roll, add });
    } catch (error) {
      if (!(error instanceof InventoryError)) throw error;
    }
    lab.clock.now += roll(3) * 400;
    await fleet.scheduler.runDue();
    await expectNobodyShares(fleet, done.join(', '));
  }
  expect(fleet.errors).toEqual([]);
  expect(await fleet.audit.verify()).toMatchObject({ intact: true });
});

interface Step {
  readonly what: number;
  readonly id: string;
  readonly upload: Upload;
  readonly roll: (sides: number) => number;
  readonly add: () => Promise<void>;
}

async function doSomething(
  { gate, identities, appliances }: Inventory,
  { what, id, upload, roll, add }: Step,
): Promise<unknown> {
  if (what < 3) return gate.upload(id, upload, 'ada');
  if (what < 5)
    return gate.upload(id, { ...upload, activateAt: lab.clock.now + roll(1000), confirmWithinMs: 500 }, 'ada');
  if (what === 5) return gate.upload(id, { ...upload, confirmWithinMs: 500 }, 'ada');
  if (what === 6) return gate.activate(id, 'ada');
  if (what === 7) return gate.rollBack(id, 'ada');
  if (what === 8) return identities.confirm(id, 'ada');
  if (what === 9) return identities.cancel(id, 'ada');
  const { version } = await appliances.byId(id);
  if (what === 10) return appliances.update(id, version, { hostname: HOSTS[roll(2)]! }, 'ada');
  if (roll(3) > 0) return undefined;
  await appliances.retire(id, version, 'ada');
  return add();
}

async function expectNobodyShares({ store }: Inventory, after: string): Promise<void> {
  const rows = await store.db.selectFrom('identities').selectAll().execute();
  const claims = await store.db.selectFrom('common_name_claims').select(['cn_key', 'appliance_id']).execute();
  const retired = await store.db.selectFrom('appliances').select('id').where('retired_at', 'is not', null).execute();
  const live = rows.filter(({ state }) => state !== 'ended');
  for (const state of ['active', 'staged', 'previous']) {
    const owners = live.filter((row) => row.state === state).map((row) => row.appliance_id);
    expect(new Set(owners).size, `${state} after ${after}`).toBe(owners.length);
  }
  const unconfirmed = new Set(live.filter(({ confirm_by }) => confirm_by !== null).map((row) => row.appliance_id));
  const needed = live.filter(({ state, appliance_id }) => state !== 'previous' || unconfirmed.has(appliance_id));
  const wanted = new Set(needed.map(({ cn_key, appliance_id }) => `${cn_key} ${appliance_id}`));
  const held = claims.map(({ cn_key, appliance_id }) => `${cn_key} ${appliance_id}`);
  expect(held.toSorted(), `names after ${after}`).toEqual([...wanted].toSorted());
  for (const { id } of retired)
    expect(
      live.some((row) => row.appliance_id === id),
      `retired after ${after}`,
    ).toBe(false);
  for (const field of ['fingerprint', 'spki_fingerprint'] as const) {
    const owners = new Map<string, string>();
    for (const row of rows) {
      expect(owners.get(row[field]) ?? row.appliance_id, `${field} after ${after}`).toBe(row.appliance_id);
      owners.set(row[field], row.appliance_id);
    }
  }
  for (const row of rows) expect(row.key_sealed.length > 0, `secrets after ${after}`).toBe(row.state !== 'ended');
}
