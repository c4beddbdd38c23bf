import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PASSWORD } from '../e2e/administrator.ts';
import { dialPlain, echo, EchoTarget, fingerprintOf, gone } from './bench.ts';
import { type Issued, Plant } from './protected.ts';

// Channels of an inventory, run by a real server in processes of their own. The tests follow each other.
const HOST = 'sensor.contoso.com';
let plant: Plant;
let web: Server;
const echoTarget = new EchoTarget();
let echoAt: { host: string; port: number };
let sensor: { id: string; issued: Issued };
let consoleId = '';
let port = 0;

const pidOf = async (id: string): Promise<number> => (await plant.get(`/channels/${id}/state`)).process.pid;
const kill = async (pid: number): Promise<void> => {
  process.kill(pid, 'SIGKILL');
  for (let alive = true; alive;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    try {
      process.kill(pid, 0);
    } catch {
      alive = false;
    }
  }
};

beforeAll(async () => {
  web = createServer((_request, response) => response.end('the appliance'));
  await once(web.listen(0, '127.0.0.1'), 'listening');
  echoAt = await echoTarget.start();
  plant = await Plant.build();
  sensor = await plant.appliance('Line 1', HOST);
  const target = { host: '127.0.0.1', port: (web.address() as AddressInfo).port };
  consoleId = await plant.channel({ name: 'Console', kind: 'console', applianceId: sensor.id, target, http: true });
}, 60_000);
afterAll(async () => {
  await plant?.raze();
  web.close();
  echoTarget.stop();
});

describe('a console channel', () => {
  let live: TLSSocket;
  let bytesId = '';

  test('serves curl with the certificate of its appliance, as strict as that is set', async () => {
    const state = await plant.until(consoleId, ({ condition }) => condition === 'flows');
    port = state.listening.port;
    expect(await plant.curl(port, HOST)).toBe('the appliance');
    expect(state).toMatchObject({
      problem: null,
      process: { node: null, state: 'running' },
      certificate: { fingerprint: fingerprintOf(sensor.issued.der), daysLeft: expect.closeTo(89.9, 0) },
      crls: [{ current: true }, { current: true }],
    });
    expect(await plant.get(`/channels/${consoleId}`)).toMatchObject({ validation: 'mandatory', crl: 'on' });
  });

  test('shows a newly activated certificate at the next handshake, and drops no live connection', async () => {
    const input = { name: 'Bytes', kind: 'console', applianceId: sensor.id, target: echoAt };
    bytesId = await plant.channel(input);
    const { listening } = await plant.until(bytesId, ({ condition }) => condition === 'flows');
    live = await plant.dial(listening.port, HOST);
    expect(await echo(live, 'before')).toBe('before');
    const renewed = await plant.renew(sensor.id, HOST);
    const wanted = fingerprintOf(renewed.der);
    await plant.until(bytesId, ({ certificate }) => certificate.fingerprint === wanted);
    const next = await plant.dial(listening.port, HOST);
    expect(fingerprintOf(next.getPeerCertificate().raw)).toBe(wanted);
    expect(await echo(live, 'after')).toBe('after');
    next.destroy();
    expect((await plant.get(`/channels/${bytesId}/connections`)).live).toEqual([
      expect.objectContaining({ fingerprint: null, bytesIn: 11, bytesOut: 11 }),
    ]);
  });

  test('says what would be blocked at a time', async () => {
    const year = new Date(Date.now() + 366 * 86_400_000).toISOString();
    const { channels } = await plant.get(`/channels/forecast?at=${year}&channelId=${consoleId}`);
    expect(channels).toEqual([expect.objectContaining({ name: 'Console', outcome: 'blocked' })]);
    expect(channels[0].findings[0].message).toMatch(/expire/);
    const week = new Date(Date.now() + 20 * 86_400_000).toISOString();
    const soon = await plant.get(`/channels/forecast?at=${week}`);
    expect(soon.channels.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['flows', 'flows']);
    const said = await plant.certgate('channel', 'forecast', '--at', year);
    expect([said.code, said.stdout]).toEqual([1, expect.stringContaining('WOULD BE BLOCKED  Console')]);
    expect((await plant.ask('GET', '/channels/forecast?at=tomorrow')).json.detail).toContain('2027-01-31');
  });

  test('closes its live connections when its certificate is revoked, and goes on with the next', async () => {
    const [doomed] = (await plant.get(`/appliances/${sensor.id}/identities`)) as { fingerprint: string }[];
    expect(doomed).toBeDefined();
    const { der } = await plant.renew(sensor.id, HOST);
    await plant.until(bytesId, ({ certificate }) => certificate.fingerprint === fingerprintOf(der));
    await plant.revoke({ base: '', der });
    await gone(live);
    const state = await plant.until(consoleId, ({ condition }) => condition === 'blocked');
    expect(state.findings[0].message).toContain('revoked');
    expect(state.blocked).toMatchObject({ whose: 'own', fingerprint: fingerprintOf(der), overlookable: [] });
    expect(await plant.curl(port, HOST)).toMatch(/^curl \d+/);
    const { refused } = await plant.get(`/channels/${bytesId}/connections`);
    expect(refused[0]).toMatchObject({ what: 'closed', reason: 'own-certificate' });
    sensor = { ...sensor, issued: await plant.renew(sensor.id, HOST) };
    await plant.until(consoleId, ({ condition }) => condition === 'flows');
    expect(await plant.curl(port, HOST)).toBe('the appliance');
  });

  test('moves, and ends, as the inventory says; two never want one address', async () => {
    const taken = { listen: { host: '0.0.0.0', port } };
    await plant.change(`/channels/${consoleId}`, { listen: { host: '127.0.0.1', port } });
    await expect(plant.change(`/channels/${bytesId}`, taken)).rejects.toThrow('The channel Console listens at');
    const before = (await plant.get(`/channels/${bytesId}/state`)).listening.port;
    await plant.change(`/channels/${bytesId}`, { listen: { host: 'localhost', port: 0 }, limits: { drainMs: 0 } });
    const moved = await plant.until(bytesId, ({ listening }) => listening !== null && listening.port !== before);
    await expect(dialPlain({ host: '127.0.0.1', port: before })).rejects.toThrow('ECONNREFUSED');
    expect(moved.listening.host).toMatch(/^(127\.0\.0\.1|::1)$/);
    await plant.change(`/channels/${bytesId}`, { enabled: false });
    await plant.until(bytesId, ({ condition }) => condition === 'disabled');
    await expect(dialPlain(moved.listening)).rejects.toThrow('ECONNREFUSED');
  });
});
