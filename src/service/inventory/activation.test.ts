import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FleetLab, type Inventory, inventoryOn, newSecrets, sensor } from '../../../tests/inventory/fleet-lab.ts';

const MINUTE = 60_000;
const start = Date.now();
let lab: FleetLab;
let fleet: Inventory;

beforeAll(async () => {
  lab = await FleetLab.create({ keys: 3 });
});
afterAll(() => lab.close());
beforeEach(async () => {
  lab.clock.now = start;
  fleet = await lab.inventory();
});
afterEach(() => lab.closeStores());

const actions = async (): Promise<string[]> => (await fleet.audit.page({ limit: 3 })).map(({ action }) => action);

describe('an activation that is planned', () => {
  test('happens at its time and not before', async () => {
    const { id } = await sensor(fleet, 'one');
    const upload = { ...lab.bundle('one.contoso.com', lab.keys[0]!), activateAt: start + 10 * MINUTE };
    const { outcome } = await fleet.gate.upload(id, upload, 'ada');
    expect(outcome).toBe('staged');
    expect(await fleet.identities.nextDue()).toBe(start + 10 * MINUTE);
    lab.clock.now = start + 10 * MINUTE - 1;
    await fleet.scheduler.runDue();
    expect(await fleet.identities.active(id)).toBeUndefined();
    lab.clock.now = start + 10 * MINUTE;
    await fleet.scheduler.runDue();
    expect((await fleet.identities.active(id))!.cn).toBe('one.contoso.com');
    expect(await fleet.identities.nextDue()).toBeUndefined();
  });

  test('is judged again: what is refused by then waits for people, once audited, and nothing else changes', async () => {
    const { id } = await sensor(fleet, 'one');
    const first = await fleet.gate.upload(id, lab.bundle('one.contoso.com', lab.keys[0]!), 'ada');
    const upload = { ...lab.bundle('one.contoso.com', lab.keys[1]!), activateAt: start + MINUTE };
    await fleet.gate.upload(id, upload, 'ada');
    const [anchor] = await fleet.anchors.list();
    await fleet.anchors.remove(anchor!.id, 'ada');
    lab.clock.now = start + MINUTE;
    await fleet.scheduler.runDue();
    await fleet.scheduler.runDue();
    expect((await fleet.identities.active(id))!.id).toBe(first.identity!.id);
    expect((await fleet.identities.staged(id))!.activationRefusedAt).toBe(start + MINUTE);
    expect((await actions()).filter((action) => action === 'certificate.activation-refused')).toHaveLength(1);
    const report = await fleet.identities.activationReport(id);
    expect(report!.findings[0]).toMatchObject({ rule: 'trust-path', status: 'refused' });
    expect(JSON.stringify([report, await fleet.audit.page()])).not.toContain('PRIVATE');

    await lab.trust(fleet);
    expect((await fleet.gate.activate(id, 'ada')).outcome).toBe('activated');
    expect((await fleet.identities.active(id))!.activationRefusedAt).toBeNull();
  });

  test('of what is unsupported needs a written reason, which goes into the audit', async () => {
    const single = await sensor(fleet, 'two', { hostname: 'two' });
    const upload = { ...lab.bundle('two', lab.keys[1]!), activateAt: start + MINUTE };
    expect((await fleet.gate.upload(single.id, upload, 'ada')).outcome).toBe('reason-needed');
    expect((await fleet.gate.upload(single.id, { ...upload, reason: 'no domain here' }, 'ada')).outcome).toBe('staged');
    lab.clock.now = start + MINUTE;
    const { outcome, identity } = await fleet.gate.activate(single.id, 'ada', { reason: ' still none ' });
    expect([outcome, identity!.reason, identity!.verdict]).toEqual(['activated', 'still none', 'unsupported']);
    const [entry] = await fleet.audit.page({ limit: 1 });
    expect(entry!.details).toMatchObject({ verdict: 'unsupported', reason: 'still none' });
  });

  test('can be given up, which frees its name', async () => {
    const one = await sensor(fleet, 'one');
    const two = await sensor(fleet, 'two', { hostname: 'one.contoso.com' });
    const later = { activateAt: start + MINUTE };
    await fleet.gate.upload(one.id, { ...lab.bundle('one.contoso.com', lab.keys[0]!), ...later }, 'ada');
    const taken = await fleet.gate.upload(two.id, lab.bundle('one.contoso.com', lab.keys[1]!), 'ada');
    expect(taken.outcome).toBe('refused');
    await fleet.identities.cancel(one.id, 'ada');
    const free = await fleet.gate.upload(two.id, lab.bundle('one.contoso.com', lab.keys[1]!), 'ada');
    expect(free.outcome).toBe('activated');
  });

  test('cannot lie in a far future, nor be none', async () => {
    const { id } = await sensor(fleet, 'one');
    for (const activateAt of [start + 500 * 86_400_000, Number.NaN]) {
      const upload = { ...lab.bundle('one.contoso.com', lab.keys[0]!), activateAt };
      await expect(fleet.gate.upload(id, upload, 'ada')).rejects.toMatchObject({ code: 'invalid' });
    }
  });
});

describe('an activation that must be confirmed', () => {
  const twice = async (): Promise<{ id: string; first: string; second: string }> => {
    const { id } = await sensor(fleet, 'one');
    const first = await fleet.gate.upload(id, lab.bundle('one.contoso.com', lab.keys[0]!), 'ada');
    const upload = { ...lab.bundle('one.contoso.com', lab.keys[1]!), confirmWithinMs: 5 * MINUTE };
    const second = await fleet.gate.upload(id, upload, 'ada');
    return { id, first: first.identity!.id, second: second.identity!.id };
  };

  test('is rolled back when it is not, by whoever looks first, also after a restart', async () => {
    const { id, first } = await twice();
    lab.clock.now = start + 5 * MINUTE;
    await expect(fleet.identities.confirm(id, 'ada')).rejects.toMatchObject({ code: 'nothing-to-confirm' });
    const restarted = inventoryOn(fleet.store, { clock: lab.clock, secrets: newSecrets() });
    expect(await Promise.all([0, 1].map(() => restarted.identities.rollBackUnconfirmed(id)))).toEqual([true, false]);
    expect((await fleet.identities.active(id))!.id).toBe(first);
  });

  test('stays when it is', async () => {
    const { id, second } = await twice();
    lab.clock.now = start + 5 * MINUTE - 1;
    await fleet.identities.confirm(id, 'ada');
    lab.clock.now = start + 5 * MINUTE;
    await fleet.scheduler.runDue();
    expect((await fleet.identities.active(id))!.id).toBe(second);
  });

  test('keeps the name of the certificate that it may have to go back to', async () => {
    const { id } = await sensor(fleet, 'one');
    const two = await sensor(fleet, 'two', { hostname: 'one.contoso.com' });
    await fleet.gate.upload(id, lab.bundle('one.contoso.com', lab.keys[0]!), 'ada');
    const renamed = await fleet.appliances.update(id, 1, { hostname: 'uno.contoso.com' }, 'ada');
    expect(renamed.hostname).toBe('uno.contoso.com');
    const upload = { ...lab.bundle('uno.contoso.com', lab.keys[1]!), confirmWithinMs: MINUTE };
    expect((await fleet.gate.upload(id, upload, 'ada')).outcome).toBe('activated');
    const other = lab.bundle('one.contoso.com', lab.keys[2]!);
    expect((await fleet.gate.upload(two.id, other, 'bob')).outcome).toBe('refused');
    await fleet.identities.confirm(id, 'ada');
    expect((await fleet.gate.upload(two.id, other, 'bob')).outcome).toBe('activated');
    // The way back is closed now, and says by whom.
    const { outcome, report } = await fleet.gate.rollBack(id, 'ada');
    expect(outcome).toBe('refused');
    const finding = report.findings.find(({ rule }) => rule === 'fleet-unique-cn');
    expect(finding).toMatchObject({ status: 'refused', message: expect.stringContaining('two') });
    await expect(fleet.identities.rollBack(id, 'ada')).rejects.toMatchObject({
      code: 'common-name-in-use',
      holder: 'two',
    });
  });

  test('is watched by a timer of its own', async () => {
    const real = inventoryOn(fleet.store, {});
    const { id } = await sensor(real, 'timed');
    const first = await real.gate.upload(id, lab.bundle('timed.contoso.com', lab.keys[0]!), 'ada');
    real.scheduler.start();
    const changed = new Promise<void>((resolve) => {
      let changes = 0;
      real.identities.onChange(() => ++changes === 2 && resolve());
    });
    await real.gate.upload(id, { ...lab.bundle('timed.contoso.com', lab.keys[1]!), confirmWithinMs: 50 }, 'ada');
    await changed;
    await real.scheduler.stop();
    expect((await real.identities.active(id))!.id).toBe(first.identity!.id);
    expect(real.errors).toEqual([]);
  });
});

test('the secrets of an identity that nobody can go back to are destroyed', async () => {
  const { id } = await sensor(fleet, 'one');
  for (const key of lab.keys)
    await fleet.gate.upload(id, lab.bundle('one.contoso.com', key, { passphrase: 'Pass-1' }), 'ada');
  const rows = await fleet.store.db.selectFrom('identities').selectAll().orderBy('staged_at').execute();
  const kept = Object.fromEntries(
    rows.map((row) => [row.state, [row.key_sealed.length > 0, row.passphrase_sealed !== null]]),
  );
  expect(kept).toEqual({ ended: [false, false], previous: [true, true], active: [true, true] });
});

test('an appliance that changes while its upload is judged is judged again as it is then', async () => {
  const { id } = await sensor(fleet, 'one');
  const uploading = fleet.gate.upload(id, lab.bundle('one.contoso.com', lab.keys[0]!), 'ada');
  await fleet.appliances.update(id, 1, { hostname: 'other.contoso.com' }, 'bob');
  const { outcome, report } = await uploading;
  expect(outcome).toBe('refused');
  expect(report.findings[0]!.rule).toBe('crt-subject-cn');
});

describe('going back', () => {
  test('is judged: what has expired since is not let in again, and nothing changes', async () => {
    const { id } = await sensor(fleet, 'one');
    await fleet.gate.upload(id, lab.bundle('one.contoso.com', lab.keys[0]!, { days: 1 }), 'ada');
    const second = await fleet.gate.upload(id, lab.bundle('one.contoso.com', lab.keys[1]!), 'ada');
    lab.clock.now = start + 2 * 86_400_000;
    const { outcome, report } = await fleet.gate.rollBack(id, 'ada', { reason: 'I want it' });
    expect(outcome).toBe('refused');
    expect(report.findings[0]).toMatchObject({ rule: 'crt-valid-to', status: 'refused' });
    expect((await fleet.identities.active(id))!.id).toBe(second.identity!.id);
  });

  test('where there is nothing to go back to says so', async () => {
    const { id } = await sensor(fleet, 'one');
    await expect(fleet.gate.rollBack(id, 'ada')).rejects.toMatchObject({ code: 'nothing-to-roll-back' });
  });
});
