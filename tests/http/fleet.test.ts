import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { System } from '../../src/app/system.ts';
import type { FleetRow } from '../../src/http/contract/fleet.ts';
import type { Overview } from '../../src/http/contract/overview.ts';
import { csvValue } from '../../src/http/routes/fleet-list.ts';
import { FleetLab } from '../inventory/fleet-lab.ts';
import { headersOf, type InProcess, signIn, startInProcess } from './running.ts';
import { stock } from './ten-thousand.ts';

const DAY = 86_400_000;
const COUNT = 10_000;
let lab: FleetLab;
let running: InProcess;
let headers: Record<string, string>;

beforeAll(async () => {
  lab = await FleetLab.create({ keys: 1 });
  running = await startInProcess({ prepare });
  headers = headersOf(await signIn(running, 'admin'));
  await running.system.services.fleet.fresh(60_000);
}, 60_000);

async function prepare({ services, store }: System): Promise<void> {
  await lab.trust(services);
  const { chainPem } = lab.ca;
  const spki = lab.keys[0]!.spki;
  const good = Array.from({ length: 17 }, (_, i) => lab.certificate(`good-${i}.contoso.com`, spki, { days: 100 + i }));
  const soon = lab.certificate('soon.contoso.com', spki, { days: 10 });
  lab.clock.now -= 400 * DAY;
  const old = lab.certificate('old.contoso.com', spki, { days: 100 });
  lab.clock.now += 400 * DAY;
  const certificates = [...good, soon, old].map((der) => ({ der, chain: chainPem }));
  // Nobody knows who issued the last one.
  await stock(store, { count: COUNT, certificates: [...certificates, { der: good[0]!, chain: '' }] });
  await services.appliances.create({ name: '=cmd|x', hostname: 'bare.contoso.com', role: 'ha' }, 'ada');
  await services.appliances.create({ name: 'Other', hostname: 'other.contoso.com' }, 'ada');
}

afterAll(async () => {
  await running.close();
  await lab.close();
});

interface Answer {
  readonly items: FleetRow[];
  readonly total: number;
  readonly states: Record<string, number>;
  readonly pending: number;
}
const fleet = async (query: string): Promise<Answer> => {
  const reply = await running.server.inject({ url: `/api/v1/fleet?${query}`, headers });
  expect(reply.statusCode, reply.body).toBe(200);
  return reply.json();
};

describe('a fleet of ten thousand', () => {
  test('is counted by what each certificate is worth', async () => {
    const { total, states, pending } = await fleet('limit=1');
    expect(pending).toBe(0);
    expect(total).toBe(COUNT + 2);
    expect(states).toEqual({
      ready: 8500,
      expiring: 500,
      expired: 500,
      untrusted: 500,
      'no-certificate': 2,
      revoked: 0,
      'stale-crl': 0,
      'not-yet-valid': 0,
      unsupported: 0,
    });
  });

  test('is read page by page, none left out and none twice', async () => {
    const seen: string[] = [];
    for (let offset = 0; offset < COUNT + 2; offset += 500) {
      const { items } = await fleet(`offset=${offset}&limit=500&sort=hostname`);
      seen.push(...items.map(({ hostname }) => hostname));
    }
    expect(new Set(seen).size).toBe(COUNT + 2);
    expect(seen.indexOf('sensor-2.contoso.com') + 8).toBe(seen.indexOf('sensor-10.contoso.com'));
    expect((await fleet(`offset=${COUNT + 2}`)).items).toEqual([]);
  });

  test('is sorted by anything, what has no value last in either direction', async () => {
    const worst = await fleet('sort=state&limit=1');
    expect(worst.items[0]!.state).toBe('expired');
    const names = async (query: string) => (await fleet(query)).items.map(({ name }) => name);
    expect(await names('sort=notAfter&direction=asc&limit=1')).toEqual(['Sensor 18']);
    for (const direction of ['asc', 'desc']) {
      expect(await names(`sort=site&direction=${direction}&offset=${COUNT}`)).toEqual(['=cmd|x', 'Other']);
    }
    expect(await names('direction=desc&limit=2')).toEqual(['Sensor 9999', 'Sensor 9998']);
  });

  test('is searched and filtered, and says how many of each state are left', async () => {
    const found = await fleet('q=SENSOR-123.&limit=5');
    expect(found.items.map(({ name }) => name)).toEqual(['Sensor 123']);
    const [row] = found.items;
    expect(row).toMatchObject({
      site: 'Site 3',
      validation: 'mandatory',
      state: 'ready',
      blocks: false,
      identity: { origin: 'upload', issuer: 'Lab Issuing CA' },
      staged: null,
      lastUpload: null,
    });
    const spoken = row!.identity!.fingerprint.toUpperCase().replaceAll(/..(?=.)/g, '$&:');
    expect((await fleet(`q=${encodeURIComponent(spoken)}`)).items.map(({ id }) => id)).toEqual([row!.id]);
    expect((await fleet(`q=${row!.identity!.serial}`)).total).toBe(500);

    const atSite = await fleet('site=site%203&state=expired,untrusted&limit=500');
    expect(atSite.total).toBe(0);
    expect(atSite.states['ready']).toBe(500);
    const blocked = await fleet('state=expired&state=untrusted');
    expect([blocked.total, blocked.states['ready']]).toEqual([1000, 8500]);
    expect(blocked.items.every(({ blocks, fix }) => blocks && fix !== null)).toBe(true);
    expect((await fleet('role=ha')).items.map(({ name }) => name)).toEqual(['=cmd|x']);
    expect((await fleet('site=')).total).toBe(2);
    const before = new Date(Date.now() + 30 * DAY).toISOString();
    expect((await fleet(`expiresBefore=${before}`)).total).toBe(1000);
    const wrong = await running.server.inject({ url: '/api/v1/fleet?state=fine', headers });
    expect(wrong.statusCode).toBe(422);
  });

  test('shows a change in the next answer', async () => {
    const { services } = running.system;
    const [row] = (await fleet('q=other.contoso.com')).items;
    await services.appliances.update(row!.id, 1, { name: 'Renamed', site: 'Site 3', zone: 'Hall' }, 'ada');
    expect((await fleet('q=other.contoso.com')).items[0]).toMatchObject({ name: 'Renamed', zone: 'Hall' });
    const { sites } = (await running.server.inject({ url: '/api/v1/fleet/places', headers })).json();
    expect(sites).toHaveLength(20);
    expect(sites[3]).toEqual({ name: 'Site 11', appliances: 500, zones: [] });
    expect(sites.find(({ name }: { name: string }) => name === 'Site 3')).toEqual({
      name: 'Site 3',
      appliances: 501,
      zones: [{ name: 'Hall', appliances: 1 }],
    });
    await services.appliances.update(row!.id, 2, { name: 'Other', site: null, zone: null }, 'ada');
  });

  test('is taken along as CSV that no spreadsheet runs', async () => {
    const reply = await running.server.inject({ url: '/api/v1/fleet.csv?state=no-certificate,untrusted', headers });
    expect(reply.headers['content-type']).toMatch(/^text\/csv; charset=utf-8/);
    expect(reply.headers['content-disposition']).toContain('certgate-fleet.csv');
    const lines = reply.body.split('\r\n');
    expect(lines).toHaveLength(1 + 502 + 1);
    expect(lines[0]).toMatch(/^name,hostname,role,site,zone,validation,state,message,fix,cn/);
    expect(lines.some((line) => line.startsWith(`"'=cmd|x",bare.contoso.com,ha,`))).toBe(true);
    expect(['a', 'a,b', 'say "a"', '-1', '@x', '+1', '\ta'].map(csvValue)).toEqual([
      'a',
      '"a,b"',
      '"say ""a"""',
      `"'-1"`,
      `"'@x"`,
      `"'+1"`,
      `"'\ta"`,
    ]);
  });
});

test('one appliance is shown with the chain that its certificate rests on, and what broke it', async () => {
  const [ready] = (await fleet('q=Sensor 0&limit=1')).items;
  const of = async (id: string) =>
    (await running.server.inject({ url: `/api/v1/appliances/${id}/standing`, headers })).json();
  const good = await of(ready!.id);
  expect(good).toMatchObject({ state: 'ready', valid: true, anchored: true, findings: [] });
  expect(good.path.map(({ role, cn }: { role: string; cn: string }) => `${role} ${cn}`)).toEqual([
    'leaf good-0.contoso.com',
    'intermediate Lab Issuing CA',
    'anchor Lab Root CA',
  ]);
  const [broken] = (await fleet('state=untrusted&limit=1')).items;
  const bad = await of(broken!.id);
  expect(bad).toMatchObject({ state: 'untrusted', blocks: true, valid: false, anchored: false });
  expect(bad.path).toMatchObject([{ role: 'leaf', problems: [expect.stringContaining('Lab Issuing CA')] }]);
  expect(bad.findings[0]).toMatchObject({ rule: 'trust-path', status: 'refused', fix: bad.fix });
  const missing = await running.server.inject({ url: '/api/v1/appliances/nobody/standing', headers });
  expect(missing.statusCode).toBe(404);
});

test('one answer says how the whole fleet stands, what ends when, and what is wrong now', async () => {
  const reply = await running.server.inject({ url: '/api/v1/overview', headers });
  expect(reply.statusCode, reply.body).toBe(200);
  const overview: Overview = reply.json();
  expect(overview).toMatchObject({
    total: COUNT + 2,
    ready: { count: 9000, percent: 89 },
    blocked: 1000,
    pending: 0,
    states: { ready: 8500, expiring: 500, expired: 500, untrusted: 500 },
    console: { id: 'console', blocks: false },
  });
  const { buckets, nearest } = overview.expiry;
  expect(buckets.map(({ kind }) => kind)).toEqual([
    'expired',
    ...Array.from({ length: 8 }, () => 'week'),
    ...Array.from({ length: 11 }, () => 'month'),
    'later',
  ]);
  expect(buckets[0]!.count).toBe(500);
  expect(buckets[2]!.count).toBe(500);
  expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(COUNT);
  for (const [i, { from }] of buckets.slice(1).entries()) expect(from).toBe(i === 0 ? from : buckets[i]!.to);
  expect(nearest).toHaveLength(20);
  expect(nearest.every(({ state }) => state === 'expiring')).toBe(true);

  const { total, items } = overview.problems;
  // 500 each expired, untrusted and expiring, two without certificate, and the console's own self-signed one.
  expect(total).toBe(1503);
  expect(items).toHaveLength(50);
  expect(items[0]).toMatchObject({ what: 'appliance', state: 'expired', severity: 'critical' });
  expect(items.every(({ fix, message }) => fix !== null && message !== '')).toBe(true);
  expect(overview.anchors).toEqual({ total: 1, expiring: [] });
});
