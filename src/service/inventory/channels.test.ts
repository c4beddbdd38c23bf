import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FleetLab, type Inventory, sensor } from '../../../tests/inventory/fleet-lab.ts';
import type { Appliance } from './appliances.ts';
import { ChannelOverrides } from './channel-overrides.ts';
import { Channels, type NewChannel } from './channels.ts';
import { Partners } from './partners.ts';

const HOUR = 3_600_000;
let lab: FleetLab;
let inventory: Inventory;
let channels: Channels;
let overrides: ChannelOverrides;
let partners: Partners;
let line1: Appliance;

beforeAll(async () => {
  lab = await FleetLab.create({ keys: 0 });
});
afterAll(() => lab.close());
beforeEach(async () => {
  inventory = await lab.inventory({ trusting: false });
  const { store, audit, appliances } = inventory;
  const now = (): number => lab.clock.now;
  partners = new Partners(store, audit, now);
  channels = new Channels({ store, audit, appliances, partners }, now);
  overrides = new ChannelOverrides(store, audit, now);
  line1 = await sensor(inventory, 'line1', { crl: 'on', validation: 'none' });
});

const target = { host: '10.0.0.5', port: 80 };
const at = (port: number, host = '0.0.0.0') => ({ host, port });
const console_ = (more: Partial<NewChannel> = {}): NewChannel => ({
  name: 'Line 1',
  kind: 'console',
  listen: at(443),
  target,
  applianceId: line1.id,
  ...more,
});
const audited = async (): Promise<string[]> => (await inventory.audit.page()).map(({ action }) => action);

describe('a channel', () => {
  test('is as strict as its appliance where nobody says otherwise, and enforces', async () => {
    const made = await channels.create(console_(), 'ada');
    expect(made).toMatchObject({ validation: 'none', crl: 'on', mode: 'enforce', staleCrlGraceHours: 0, version: 1 });
    expect(made).toMatchObject({ enabled: true, node: null, http: false, serverName: null });
    expect(
      await channels.create(console_({ name: 'B', listen: at(444), validation: 'mandatory' }), 'ada'),
    ).toMatchObject({
      validation: 'mandatory',
    });
    const partner = await partners.create({ name: 'SIEM', host: 'siem.contoso.com', port: 6514, crl: 'on' }, 'ada');
    const to = { name: 'To SIEM', kind: 'partner', listen: at(6514, '127.0.0.1'), partnerId: partner.id } as const;
    expect(await channels.create(to, 'ada')).toMatchObject({ validation: 'mandatory', crl: 'on', target: null });
    await expect(partners.remove(partner.id, 1, 'ada')).rejects.toMatchObject({ code: 'in-use', holder: 'To SIEM' });
  });

  const wrong: [says: string, input: Partial<NewChannel>][] = [
    ['needs a name', { name: ' ' }],
    ['name the appliance', { applianceId: null }],
    ['no such appliance', { applianceId: 'nobody' }],
    ['leads to no partner', { partnerId: 'p' }],
    ['where the channel leads to', { target: null }],
    ['target.port', { target: { host: 'a', port: 0 } }],
    ['listen.host', { listen: { host: 'a b', port: 1 } }],
    ['Only a console channel', { kind: 'ha-listener', http: true }],
    ['Only an ha-connector', { serverName: 'x.contoso.com' }],
    ['can carry', { kind: 'ha-connector', serverName: 'a b' }],
    ['can carry', { targetTls: { serverName: 'a b', fingerprints: [] } }],
    ['openssl x509 -in appliance.crt', { targetTls: { serverName: null, fingerprints: ['abc'] } }],
    ['speaks TLS', { kind: 'ha-listener', targetTls: { serverName: null, fingerprints: [] } }],
    ['64 hex digits', { allow: { publicKeys: ['abc'] } }],
    ['name it (partnerId)', { kind: 'partner', applianceId: null, target: null }],
    ["partner's own address", { kind: 'partner', partnerId: 'p', applianceId: null }],
    ['set at the partner', { kind: 'partner', partnerId: 'p', target: null }],
    ['API token', { node: '\u0007' }],
  ];
  test.each(wrong)('that cannot be so is refused, and it is said why: %s', async (says, input) => {
    await expect(channels.create(console_(input), 'ada')).rejects.toThrow(says);
    expect(await channels.list()).toEqual([]);
  });

  test('leads to a plain web console or to one that speaks TLS, fingerprints as people paste them', async () => {
    const fingerprint = 'ab'.repeat(32);
    const pasted = `SHA256 Fingerprint=${fingerprint.toUpperCase().replaceAll(/..(?=.)/g, '$&:')}`;
    const made = await channels.create(console_({ targetTls: { serverName: null, fingerprints: [pasted] } }), 'ada');
    expect(made.targetTls).toEqual({ serverName: null, fingerprints: [fingerprint] });
    expect((await channels.update(made.id, 1, { targetTls: null }, 'ada')).targetTls).toBeNull();
    // As rows were written before it could be set.
    const { targetTls: _none, ...settings } = JSON.parse(
      (await inventory.store.db.selectFrom('channels').select('settings').executeTakeFirstOrThrow()).settings,
    );
    await inventory.store.db
      .updateTable('channels')
      .set({ settings: JSON.stringify(settings) })
      .execute();
    expect((await channels.byId(made.id)).targetTls).toBeNull();
  });

  test('has a name and, on its host, an address of its own', async () => {
    const first = await channels.create(console_(), 'ada');
    const name = console_({ name: 'LINE 1', listen: at(1) });
    await expect(channels.create(name, 'ada')).rejects.toMatchObject({ code: 'name-taken' });
    const other = (more: Partial<NewChannel>) => channels.create(console_({ name: 'Other', ...more }), 'ada');
    await expect(other({ listen: at(443, '127.0.0.1') })).rejects.toMatchObject({ code: 'invalid', holder: 'Line 1' });
    await other({ name: 'elsewhere', node: 'plant-2' });
    const idle = await other({ name: 'idle', enabled: false });
    await expect(channels.update(idle.id, 1, { enabled: true }, 'ada')).rejects.toMatchObject({ holder: 'Line 1' });
    await channels.update(first.id, 1, { enabled: false }, 'ada');
    expect((await channels.update(idle.id, 1, { enabled: true }, 'ada')).enabled).toBe(true);
  });

  test('changes key by key against a version, tells whoever listens, and is audited', async () => {
    let told = 0;
    channels.onChange(() => told++);
    const { id } = await channels.create(console_({ allow: { dnsNames: ['a.contoso.com'] } }), 'ada');
    const changed = await channels.update(id, 1, { limits: { drainMs: 0 }, allow: { commonNames: ['A'] } }, 'bob');
    expect(changed).toMatchObject({
      version: 2,
      limits: { drainMs: 0, connections: 2000 },
      allow: { dnsNames: ['a.contoso.com'], commonNames: ['A'] },
    });
    await expect(channels.update(id, 1, { http: true }, 'ada')).rejects.toMatchObject({ code: 'changed-meanwhile' });
    await expect(channels.remove(id, 1, 'ada')).rejects.toMatchObject({ code: 'changed-meanwhile' });
    await channels.remove(id, 2, 'ada');
    await expect(channels.byId(id)).rejects.toMatchObject({ code: 'not-found' });
    expect(told).toBe(3);
    expect((await audited()).slice(0, 3)).toEqual(['channel.removed', 'channel.changed', 'channel.created']);
  });

  test('of a retired appliance can still be changed and disabled, and not enabled again', async () => {
    const { id } = await channels.create(console_(), 'ada');
    await inventory.appliances.retire(line1.id, 1, 'ada');
    await channels.update(id, 1, { enabled: false }, 'ada');
    await expect(channels.update(id, 2, { enabled: true }, 'ada')).rejects.toMatchObject({ code: 'retired' });
    await expect(channels.create(console_({ name: 'New' }), 'ada')).rejects.toMatchObject({ code: 'retired' });
  });
});

describe('an exception', () => {
  const wish = {
    overlooks: ['date'],
    fingerprint: 'AB:'.repeat(31) + 'AB',
    reason: 'renewal comes at 6:00',
    hours: 1,
  } as const;

  test('is open for its time, and its end is written down when that is over', async () => {
    const { id } = await channels.create(console_(), 'ada');
    const opened = await overrides.open(id, wish, 'ada');
    expect(opened).toMatchObject({ fingerprint: 'ab'.repeat(32), endsAt: lab.clock.now + HOUR, closedAt: null });
    await overrides.closeDue();
    expect(await overrides.recent()).toEqual([opened]);
    lab.clock.now += HOUR;
    await Promise.all([overrides.closeDue(), overrides.closeDue()]);
    expect(await overrides.recent()).toEqual([]);
    expect(await overrides.of(id)).toEqual([{ ...opened, closedAt: opened.endsAt, closedBy: 'system' }]);
    expect((await audited()).slice(0, 3)).toEqual([
      'channel.override-closed',
      'channel.override-opened',
      'channel.created',
    ]);
  });

  test('is closed once, by name, and only where it is', async () => {
    const { id } = await channels.create(console_(), 'ada');
    const { id: other } = await channels.create(console_({ name: 'Other', listen: at(1) }), 'ada');
    const opened = await overrides.open(id, wish, 'ada');
    await expect(overrides.close(other, opened.id, 'bob')).rejects.toMatchObject({ code: 'not-found' });
    expect(await overrides.close(id, opened.id, 'bob')).toMatchObject({ closedBy: 'bob' });
    await expect(overrides.close(id, opened.id, 'bob')).rejects.toMatchObject({ code: 'not-found' });
    // Whoever runs the channel must hear that it was closed, as long as it would be open.
    expect(await overrides.recent()).toEqual([expect.objectContaining({ id: opened.id, closedBy: 'bob' })]);
  });

  test('opened at the host is written down once, and for a day at most', async () => {
    const { id: channelId } = await channels.create(console_(), 'ada');
    const { now } = lab.clock;
    const seen = { id: 'h1', channelId, overlooks: ['date'], fingerprint: 'ab'.repeat(32), reason: 'why not' } as const;
    const host = { ...seen, openedBy: 'host (root)', openedAt: now, endsAt: now + 1000 * HOUR };
    await overrides.noteFromHost(host);
    await overrides.noteFromHost(host);
    expect(await overrides.of(channelId)).toEqual([
      expect.objectContaining({ origin: 'host', endsAt: now + 24 * HOUR }),
    ]);
    expect((await audited()).filter((action) => action === 'channel.override-opened')).toHaveLength(1);
  });

  const wrong: [says: string, input: object][] = [
    ['64 hex digits', { fingerprint: 'ab' }],
    ['24 hours at most', { hours: 25 }],
    ['24 hours at most', { hours: 0 }],
    ['date, stale-crl or chain', { overlooks: [] }],
    ['at least 10 characters', { reason: 'because  ' }],
  ];
  test.each(wrong)('that may not be is refused, and it is said why: %s', async (says, input) => {
    const { id } = await channels.create(console_(), 'ada');
    await expect(overrides.open(id, { ...wish, ...input }, 'ada')).rejects.toThrow(says);
    await expect(overrides.open('nobody', wish, 'ada')).rejects.toMatchObject({ code: 'not-found' });
    expect(await overrides.recent()).toEqual([]);
  });
});
