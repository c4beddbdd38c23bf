import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PASSWORD } from '../e2e/administrator.ts';
import { dialPlain, echo, EchoTarget, fingerprintOf, gone } from './bench.ts';
import { type Issued, Plant } from './protected.ts';

// Channels of an inventory, run by a real server in processes of their own. The tests follow each other.
vi.setConfig({ testTimeout: 60_000 });
const HOST = 'sensor.contoso.com';
let plant: Plant;
let web: Server;
const echoTarget = new EchoTarget();
let echoAt: { host: string; port: number };
let sensor: { id: string; issued: Issued };
let consoleId = '';
let port = 0;

/** Soon: it is told on another way than this test asks. */
async function noLongerListens(at: { host: string; port: number }): Promise<void> {
  for (let tried = 0; tried < 200; tried++) {
    const socket = await dialPlain(at).catch((error: NodeJS.ErrnoException) => error.code);
    if (socket === 'ECONNREFUSED') return;
    if (typeof socket === 'object') socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect.unreachable(`${at.host}:${at.port} still listens`);
}

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

  test('leads to a web console that speaks TLS: only while that shows the certificate that is pinned', async () => {
    const { base, der } = await plant.issue('inner.contoso.com');
    const [crt, chain, key] = [`${base}.crt`, 'chain.pem', `${base}.key`].map((name) =>
      readFileSync(join(plant.folder, name), 'utf8'),
    );
    const behind = createHttpsServer({ cert: `${crt}${chain}`, key: key! }, (_asked, answer) =>
      answer.end('the TLS appliance'),
    );
    await once(behind.listen(0, '127.0.0.1'), 'listening');
    const wrong = '00'.repeat(32);
    const to = ['--listen', '127.0.0.1:0', '--target', `127.0.0.1:${(behind.address() as AddressInfo).port}`, '--http'];
    const pin = ['--target-tls', '--target-fingerprint', wrong];
    const added = await plant.certgate(
      'channel',
      'add',
      'Inner',
      '--kind',
      'console',
      '--appliance',
      'Line 1',
      ...to,
      ...pin,
    );
    expect(added).toMatchObject({ code: 0, stderr: '' });
    const { id, targetTls } = (await plant.get('/channels')).find(({ name }: { name: string }) => name === 'Inner');
    expect(targetTls).toEqual({ serverName: null, fingerprints: [wrong] });
    const { listening } = await plant.until(id, ({ condition }) => condition === 'flows');
    expect(await plant.curl(listening.port, HOST)).toContain('another certificate');
    const state = await plant.until(id, ({ condition }) => condition === 'blocked');
    expect(state.blocked).toMatchObject({ whose: 'peer', fingerprint: fingerprintOf(der) });
    expect((await plant.get(`/channels/${id}/connections`)).refused[0]).toMatchObject({ reason: 'target-certificate' });
    await plant.change(`/channels/${id}`, { targetTls: { fingerprints: [fingerprintOf(der)] } });
    await plant.until(id, ({ condition }) => condition === 'flows');
    expect(await plant.curl(listening.port, HOST)).toBe('the TLS appliance');
    await plant.change(`/channels/${id}`, { targetTls: { serverName: 'inner.contoso.com' } });
    await plant.until(id, ({ condition }) => condition === 'flows');
    expect(await plant.curl(listening.port, HOST)).toBe('the TLS appliance');
    await plant.certgate('channel', 'remove', 'Inner');
    behind.close();
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
    await noLongerListens({ host: '127.0.0.1', port: before });
    expect(moved.listening.host).toMatch(/^(127\.0\.0\.1|::1)$/);
    await plant.change(`/channels/${bytesId}`, { enabled: false });
    await plant.until(bytesId, ({ condition }) => condition === 'disabled');
    await noLongerListens(moved.listening);
  });
});

test('a channel whose port is taken says so, and listens when it is free', async () => {
  const squatter = createServer();
  await once(squatter.listen(0, '127.0.0.1'), 'listening');
  const { port: taken } = squatter.address() as AddressInfo;
  const listen = { host: '127.0.0.1', port: taken };
  const input = { name: 'Squatted', kind: 'console', applianceId: sensor.id, target: echoAt, listen };
  const id = await plant.channel(input);
  const state = await plant.until(id, ({ condition }) => condition === 'not-listening');
  expect(state.problem).toContain('another program does');
  const { channels } = await plant.get(`/channels/forecast?at=2099-01-01&channelId=${id}`);
  expect(channels[0]).toMatchObject({ outcome: 'blocked', connections: { live: 0, wouldClose: [] } });
  await new Promise((resolve) => squatter.close(resolve));
  expect((await plant.until(id, ({ condition }) => condition === 'flows')).listening.port).toBe(taken);
  await plant.change(`/channels/${id}`, { enabled: false });
});

test('nobody becomes a process that runs channels without a token, nor anything else by an upgrade', async () => {
  const ask = async (path: string, ...more: string[]): Promise<number> => {
    const headers = ['Connection: Upgrade', 'Upgrade: certgate-channels', ...more].flatMap((header) => ['-H', header]);
    return (await plant.served.curl(path, '--http1.1', ...headers)).status;
  };
  expect(await ask('/api/v1/channels/link')).toBe(401);
  expect(await ask('/api/v1/channels/link', 'Authorization: Bearer cgt_x')).toBe(401);
  const { secret } = (
    await plant.post('/tokens', { name: 'all but one', scopes: ['inventory:write', 'certificates:export'] })
  ).json;
  expect(await ask('/api/v1/channels/link', `Authorization: Bearer ${secret}`)).toBe(403);
  expect(await ask('/api/v1/appliances')).toBe(404);
});

describe('an HA link', () => {
  const ids: Record<'listener' | 'connector', string> = { listener: '', connector: '' };
  let ha: { id: string; issued: Issued };

  test('carries bytes between two appliances, each with its own certificate', async () => {
    ha = await plant.appliance('Line 1 HA', 'ha.contoso.com', 'ha');
    const listener = { name: 'HA in', kind: 'ha-listener', applianceId: ha.id, target: echoAt };
    ids.listener = await plant.channel(listener);
    const { listening } = await plant.until(ids.listener, ({ condition }) => condition === 'flows');
    const names = { serverName: 'ha.contoso.com', allow: { commonNames: ['ha.contoso.com'] } };
    const connector = { name: 'HA out', kind: 'ha-connector', applianceId: sensor.id, target: listening, ...names };
    ids.connector = await plant.channel(connector);
    const state = await plant.until(ids.connector, ({ condition }) => condition === 'flows');
    const socket = await dialPlain(state.listening);
    expect(await echo(socket, 'replicate')).toBe('replicate');
    const { live, total } = await plant.get(`/channels/${ids.listener}/connections`);
    expect([total, live[0]]).toEqual([
      1,
      expect.objectContaining({
        fingerprint: fingerprintOf(sensor.issued.der),
        subject: expect.stringContaining(HOST),
      }),
    ]);
    // Console and HA link are processes of their own.
    expect(state.process.pid).not.toBe((await plant.get(`/channels/${consoleId}/state`)).process.pid);
    socket.destroy();
  });

  test('refuses whom the allow-list leaves out, shows why, and takes up again', async () => {
    await plant.change(`/channels/${ids.connector}`, { allow: { commonNames: ['other.contoso.com'] } });
    const { listening } = await plant.get(`/channels/${ids.connector}/state`);
    await plant.until(ids.connector, ({ findings }) => findings.length === 0);
    const dialled = await dialPlain(listening);
    await gone(dialled);
    const blocked = await plant.until(ids.connector, ({ condition }) => condition === 'blocked');
    expect(blocked.blocked).toMatchObject({ whose: 'peer', fingerprint: fingerprintOf(ha.issued.der) });
    expect(blocked.findings[0].message).toContain('not one that this channel lets in');
    await plant.change(`/channels/${ids.connector}`, { allow: { commonNames: [] } });
    await plant.until(ids.connector, ({ condition }) => condition === 'flows');
    const again = await dialPlain(listening);
    expect(await echo(again, 'again')).toBe('again');
    again.destroy();
  });

  test('ends when one half is revoked, and when its appliance is retired', async () => {
    const { listening } = await plant.get(`/channels/${ids.connector}/state`);
    const live = await dialPlain(listening);
    expect(await echo(live, 'before')).toBe('before');
    await plant.revoke(ha.issued);
    await gone(live);
    const { refused } = await plant.get(`/channels/${ids.listener}/connections`);
    expect(refused[0].findings[0].message).toContain('revoked');
    await plant.renew(ha.id, 'ha.contoso.com');
    await plant.until(ids.listener, ({ condition }) => condition === 'flows');
    const second = await dialPlain(listening);
    expect(await echo(second, 'renewed')).toBe('renewed');
    const { headers } = await plant.ask('GET', `/appliances/${ha.id}`);
    await plant.ask('POST', `/appliances/${ha.id}/retire`, undefined, [`If-Match: ${headers['etag']}`]);
    await gone(second);
    const state = await plant.until(ids.listener, ({ condition }) => condition === 'blocked');
    expect(state.findings[0].message).toContain('retired');
    expect(state.blocked).toMatchObject({ fingerprint: null, overlookable: [] });
    for (const id of Object.values(ids)) await plant.change(`/channels/${id}`, { enabled: false });
  });
});

describe('a partner channel', () => {
  test('takes the name and the fingerprints of its partner, and nobody removes that under it', async () => {
    const partner = { name: 'SIEM', host: '127.0.0.1', port, serverName: 'siem.contoso.com' };
    const { id } = (await plant.post('/partners', partner)).json;
    const channel = await plant.channel({ name: 'To SIEM', kind: 'partner', partnerId: id });
    const { listening } = await plant.until(channel, ({ condition }) => condition === 'flows');
    await gone(await dialPlain(listening));
    const wrong = await plant.until(channel, ({ condition }) => condition === 'blocked');
    expect(wrong.findings[0].message).toContain('siem.contoso.com');
    expect(wrong.blocked.overlookable).toEqual([]);
    await plant.change(`/partners/${id}`, { fingerprints: [fingerprintOf(sensor.issued.der)] });
    await plant.until(channel, ({ condition }) => condition === 'flows');
    const socket = await dialPlain(listening);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toContain('200 OK');
    const { headers } = await plant.ask('GET', `/partners/${id}`);
    const removed = await plant.ask('DELETE', `/partners/${id}`, undefined, [`If-Match: ${headers['etag']}`]);
    expect([removed.status, removed.json.detail]).toEqual([409, expect.stringContaining('To SIEM')]);
    const { version } = await plant.get(`/channels/${channel}`);
    await plant.ask('DELETE', `/channels/${channel}`, undefined, [`If-Match: "${version}"`]);
    await noLongerListens(listening);
  });
});

describe('break-glass', () => {
  test('asks for the password again, of a person, and a reason', async () => {
    const wish = {
      overlooks: ['chain'],
      fingerprint: fingerprintOf(sensor.issued.der),
      reason: 'the new root comes at 6:00',
    };
    const open = (more: object) => plant.ask('POST', `/channels/${consoleId}/overrides`, { ...wish, ...more });
    expect((await open({ password: 'wrong' })).status).toBe(401);
    expect((await open({ password: PASSWORD, hours: 25 })).status).toBe(422);
    expect((await open({ password: PASSWORD, reason: 'short' })).status).toBe(422);
    expect((await open({ password: PASSWORD, overlooks: ['revoked'] })).status).toBe(422);
    const scopes = ['channels:override', 'inventory:read'];
    const { secret } = (await plant.post('/tokens', { name: 'robot', scopes })).json;
    const path = `/api/v1/channels/${consoleId}/overrides`;
    const body = JSON.stringify({ ...wish, password: PASSWORD });
    const byToken = await plant.served.curl(
      path,
      '-H',
      `Authorization: Bearer ${secret}`,
      '-H',
      'Content-Type: application/json',
      '-d',
      body,
    );
    expect([byToken.status, byToken.json.detail]).toEqual([403, expect.stringContaining('A token cannot do this')]);
    expect(await plant.get(`/channels/${consoleId}/overrides`)).toEqual([]);
  });

  test('lets one certificate through for a time, is seen, and ends when somebody closes it', async () => {
    const anchors = await plant.get('/anchors');
    const live = await plant.dial(port, HOST);
    await plant.ask('DELETE', `/anchors/${anchors[0].id}`);
    await gone(live);
    const blocked = await plant.until(consoleId, ({ condition }) => condition === 'blocked');
    expect(blocked.blocked.overlookable).toEqual(['chain']);
    expect(await plant.curl(port, HOST)).toMatch(/^curl \d+/);
    const wish = { overlooks: ['chain'], reason: 'the new root comes at 6:00', password: PASSWORD };
    const { fingerprint } = blocked.blocked;
    const { json: opened } = await plant.post(`/channels/${consoleId}/overrides`, { ...wish, fingerprint });
    expect(Date.parse(opened.endsAt) - Date.parse(opened.openedAt)).toBe(3_600_000);
    const state = await plant.until(consoleId, ({ condition }) => condition === 'overridden');
    expect(state.overrides).toEqual([expect.objectContaining({ id: opened.id, openedBy: 'ada', closedAt: null })]);
    expect(await plant.curl(port, HOST)).toBe('the appliance');
    const closed = await plant.ask('DELETE', `/channels/${consoleId}/overrides/${opened.id}`);
    expect(closed.json).toMatchObject({ id: opened.id, closedBy: 'ada' });
    await plant.until(consoleId, ({ condition }) => condition === 'blocked');
    expect(await plant.curl(port, HOST)).toMatch(/^curl \d+/);
    await plant.trustRoot();
    await plant.until(consoleId, ({ condition }) => condition === 'flows');
    const { items } = await plant.get('/audit?limit=20');
    const about = items.filter(({ action }: { action: string }) => action.startsWith('channel.override'));
    expect(about).toEqual([
      expect.objectContaining({ action: 'channel.override-closed', actor: 'ada' }),
      expect.objectContaining({ action: 'channel.override-opened', actor: 'ada' }),
    ]);
    expect(JSON.stringify(items)).not.toContain(PASSWORD);
  });

  test('opened at the host itself it is audited all the same', async () => {
    const fingerprint = fingerprintOf(sensor.issued.der);
    const asked = ['--fingerprint', fingerprint, '--overlook', 'date', '--reason', 'the clock of the CA is wrong'];
    const said = await plant.certgate('channel', 'override', 'Console', ...asked);
    expect([said.stderr, said.stdout]).toEqual(['', expect.stringContaining('Open until')]);
    const { overrides } = await plant.until(consoleId, (state) => state.overrides.length === 1);
    expect(overrides[0].openedBy).toMatch(/^host \(.+\)$/);
    await plant.ask('DELETE', `/channels/${consoleId}/overrides/${overrides[0].id}`);
    const status = async () => JSON.parse((await plant.certgate('channel', 'status', '--format', 'json')).stdout);
    for (let open = 1; open > 0;) open = (await status())[0].channels[0].overrides.length;
  });
});
