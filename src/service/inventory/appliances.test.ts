import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { FleetLab, type Inventory, sensor } from '../../../tests/inventory/fleet-lab.ts';
import { CONSOLE_ID, type NewAppliance } from './appliances.ts';

let lab: FleetLab;
let fleet: Inventory;
beforeAll(async () => {
  lab = await FleetLab.create({ keys: 0 });
});
afterAll(() => lab.close());
beforeEach(async () => {
  fleet = await lab.inventory({ trusting: false });
});
afterEach(() => lab.closeStores());

const refused = (more: Partial<NewAppliance>): Promise<unknown> =>
  sensor(fleet, 'new', more).catch((error: unknown) => error);

test.each<[string, Partial<NewAppliance>, RegExp]>([
  ['a host name with a space', { hostname: 'a b' }, /no host name/],
  ['a name of control characters', { name: 'a\u0007' }, /printable/],
  ['a site of control characters', { site: 'a\u001b[2J' }, /site or zone/],
  ['a zone without a site', { zone: 'z' }, /belongs to a site/],
  ['a profile that nobody ships', { profile: 'lenient' }, /no profile "lenient": choose one of defender-iot/],
  ['a sensor that names a sensor', { sensorId: 'x' }, /Only an HA server/],
])('%s is refused with the reason', async (_what, more, reason) => {
  expect(await refused(more)).toMatchObject({ code: 'invalid', message: expect.stringMatching(reason) });
  expect(await fleet.appliances.page()).toEqual([]);
});

test('names differ by more than case, among those in service; a change meanwhile is not overwritten', async () => {
  const one = await sensor(fleet, 'one', { site: 'Plant' });
  expect(await refused({ name: 'ONE ' })).toMatchObject({ code: 'name-taken' });
  await fleet.appliances.update(one.id, 1, { zone: 'Z', validation: 'none' }, 'ada');
  const late = fleet.appliances.update(one.id, 1, { validation: 'mandatory' }, 'bob');
  await expect(late).rejects.toMatchObject({ code: 'changed-meanwhile' });
  expect(await fleet.appliances.byId(one.id)).toMatchObject({
    site: 'Plant',
    zone: 'Z',
    validation: 'none',
    version: 2,
  });
  await fleet.appliances.retire(one.id, 2, 'ada');
  expect((await sensor(fleet, 'one')).id).not.toBe(one.id);
  const again = fleet.appliances.update(one.id, 3, { zone: 'Y' }, 'ada');
  await expect(again).rejects.toMatchObject({ code: 'retired' });
});

test('an HA server stands in for a sensor, not for another HA server; the console is never retired', async () => {
  const one = await sensor(fleet, 'one');
  const ha = await sensor(fleet, 'ha', { role: 'ha', sensorId: one.id });
  expect(await refused({ role: 'ha', sensorId: ha.id })).toMatchObject({
    message: expect.stringMatching(/is an HA server/),
  });
  await fleet.store.db
    .transaction()
    .execute((trx) =>
      fleet.appliances.insert(trx, { name: 'Console', hostname: 'c.contoso.com' }, 'system', CONSOLE_ID),
    );
  await expect(fleet.appliances.retire(CONSOLE_ID, 1, 'ada')).rejects.toMatchObject({ code: 'built-in' });
});

test('pages go by name, and find by name, host name and site', async () => {
  for (const name of ['b', 'C', 'a', 'd']) await sensor(fleet, name, { site: name === 'd' ? 'Nord_Werk' : null });
  expect((await fleet.appliances.page({ limit: 2 })).map(({ name }) => name)).toEqual(['a', 'b']);
  expect((await fleet.appliances.page({ after: 'b' })).map(({ name }) => name)).toEqual(['C', 'd']);
  expect((await fleet.appliances.page({ search: 'nord_' })).map(({ name }) => name)).toEqual(['d']);
  expect((await fleet.appliances.page({ search: 'C.CONTOSO' })).map(({ name }) => name)).toEqual(['C']);
  expect(await fleet.appliances.page({ search: '%' })).toEqual([]);
});
