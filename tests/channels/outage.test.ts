import { once } from 'node:events';
import { chmodSync, copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { certgateAside } from '../cli/program.ts';
import { echo, EchoTarget, fingerprintOf } from './bench.ts';
import { type Issued, Plant } from './protected.ts';

// Processes that run channels outlive their server, and start without it. The tests follow each other.
vi.setConfig({ testTimeout: 60_000 });
const HOST = 'sensor.contoso.com';
let plant: Plant;
const target = new EchoTarget();
let sensor: { id: string; issued: Issued };
let at: { host: string; port: number };
let channel = '';
let port = 0;
let live: TLSSocket;
let runner = 0;

const folder = (...path: string[]): string => join(plant.folder, 'server/data/channels/console', ...path);
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
async function kill(pid: number): Promise<void> {
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
}
async function says(child: { said(): string }, words: string): Promise<void> {
  for (let tried = 0; tried < 200; tried++) {
    if (child.said().includes(words)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect.unreachable(`${words}\n${child.said()}`);
}
const status = () => plant.certgate('channel', 'status');
const run = () => plant.start(['channel', 'run', '--kind', 'console']);

beforeAll(async () => {
  at = await target.start();
  plant = await Plant.build();
  sensor = await plant.appliance('Line 1', HOST);
  channel = await plant.channel({ name: 'Console', kind: 'console', applianceId: sensor.id, target: at });
  ({
    listening: { port },
    process: { pid: runner },
  } = await plant.until(channel, ({ condition }) => condition === 'flows'));
  // After a restart it must be found again.
  await plant.change(`/channels/${channel}`, { listen: { host: '127.0.0.1', port } });
  await plant.until(channel, ({ condition, listening }) => condition === 'flows' && listening.port === port);
}, 60_000);
afterAll(async () => {
  await plant?.raze();
  target.stop();
});

test('a private key is in no log, no command line and no file in the clear', async () => {
  const pem = readFileSync(join(plant.folder, `${sensor.issued.base}.key`), 'utf8');
  const secret = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64').subarray(-300);
  const files = readdirSync(folder(), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.map(({ name }) => name)).toContain('feed.sealed');
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name);
    expect([path, statSync(path).mode & 0o077]).toEqual([path, 0]);
    const bytes = readFileSync(path);
    expect(bytes.includes(secret) || bytes.includes(secret.toString('base64').slice(8, 100)), path).toBe(false);
  }
  expect(statSync(folder('channel.sock')).mode & 0o077).toBe(0);
  expect(plant.served.output).not.toContain(secret.toString('base64').slice(8, 100));
  const line = readFileSync(`/proc/${runner}/cmdline`, 'utf8').split('\0').slice(2);
  expect(line.slice(0, 4)).toEqual(['channel', 'run', '--kind', 'console']);
});

test('a process that crashes is started again', async () => {
  await kill(runner);
  const state = await plant.until(channel, (now) => now.condition === 'flows' && now.process.pid !== runner);
  expect(state.process.restarts).toBe(1);
  runner = state.process.pid;
});

test('channels go on when the server is killed, and say that it is away', async () => {
  live = await plant.dial(port, HOST);
  expect(await echo(live, 'one')).toBe('one');
  await plant.served.stop('SIGKILL');
  expect(await echo(live, 'two')).toBe('two');
  const next = await plant.dial(port, HOST);
  expect(await echo(next, 'three')).toBe('three');
  next.destroy();
  const said = await status();
  expect([said.code, said.stdout]).toEqual([0, expect.stringMatching(/SERVER AWAY[^]*FLOWS {2}Console/)]);
});

test('a server that comes back takes them over, and no connection ends', async () => {
  await plant.startServer();
  const state = await plant.until(channel, ({ condition }) => condition === 'flows');
  expect(state.process).toMatchObject({ pid: runner, restarts: 0, serverAway: { since: expect.any(String) } });
  expect(await echo(live, 'four')).toBe('four');
  expect((await status()).stdout).not.toContain('SERVER AWAY');
});

test('a process that starts while the server is away goes on with the sealed copy', async () => {
  await plant.served.stop('SIGKILL');
  await kill(runner);
  const child = run();
  await says(child, '"listening"');
  const next = await plant.dial(port, HOST);
  expect(await echo(next, 'from the copy')).toBe('from the copy');
  next.destroy();
  expect((await status()).stdout).toMatch(/SERVER AWAY[^]*FLOWS {2}Console/);
  const second = await plant.certgate('channel', 'run', '--kind', 'console');
  expect([second.code, second.stderr]).toEqual([2, expect.stringContaining('Another process runs these channels')]);
  child.kill();
  await once(child, 'exit');
});

test('a copy that is damaged, or of another host, opens nothing', async () => {
  const sealed = readFileSync(folder('feed.sealed'));
  const damaged = Buffer.from(sealed);
  damaged[sealed.length >> 1]! ^= 1;
  const crl = folder('crls', readdirSync(folder('crls'))[0]!);
  const key = join(plant.folder, 'server/master.key');
  const kept = readFileSync(key);
  const trouble: [what: string, make: () => void, undo: () => void][] = [
    [
      'damaged',
      () => writeFileSync(folder('feed.sealed'), damaged),
      () => writeFileSync(folder('feed.sealed'), sealed),
    ],
    ['missing or damaged', () => copyFileSync(crl, `${crl}.kept`), () => copyFileSync(`${crl}.kept`, crl)],
    ['another host', () => writeFileSync(key, `${'ab'.repeat(32)}\n`), () => writeFileSync(key, kept)],
  ];
  for (const [what, make, undo] of trouble) {
    make();
    if (what === 'missing or damaged') writeFileSync(crl, 'nothing');
    const child = run();
    await says(child, 'copy-refused');
    expect(child.said()).toContain(what);
    await expect(plant.dial(port, HOST)).rejects.toThrow('ECONNREFUSED');
    child.kill();
    await once(child, 'exit');
    undo();
  }
  await plant.startServer();
  await plant.until(channel, ({ condition }) => condition === 'flows');
});

test('another host runs its channels with a token of its own, over a connection whose server it knows', async () => {
  const token = join(plant.folder, 'plant-2.token');
  const { secret } = (await plant.post('/tokens', { name: 'plant-2', scopes: ['channels:run'] })).json;
  const { secret: wrong } = (await plant.post('/tokens', { name: 'reader', scopes: ['inventory:read'] })).json;
  const id = await plant.channel({
    name: 'Remote',
    kind: 'console',
    applianceId: sensor.id,
    node: 'plant-2',
    target: at,
  });
  expect(await plant.get(`/channels/${id}/state`)).toMatchObject({
    condition: 'no-process',
    process: { node: 'plant-2', state: 'away' },
    problem: expect.stringContaining('certgate channel run --server'),
  });
  const server = `https://127.0.0.1:${plant.served.port}`;
  const environment = {
    CERTGATE_DATA: join(plant.folder, 'plant-2'),
    CERTGATE_MASTER_KEY_FILE: join(plant.folder, 'plant-2.key'),
  };
  const args = ['channel', 'run', '--server', server, '--token-file', token];
  const pin = ['--fingerprint', 'ab'.repeat(32), '--fingerprint', await plant.served.presented()];
  writeFileSync(token, wrong, { mode: 0o644 });
  const open = await certgateAside(args, plant.folder, environment);
  expect([open.code, open.stderr]).toEqual([2, expect.stringContaining('chmod 600')]);
  chmodSync(token, 0o600);
  const refused = plant.start([...args, ...pin], environment);
  await says(refused, 'does not have the scope channels:run');
  refused.kill();
  await once(refused, 'exit');
  const unknown = plant.start(args, environment);
  await says(unknown, 'cannot be verified');
  unknown.kill();
  await once(unknown, 'exit');
  writeFileSync(token, `${secret}\n`);
  const child = plant.start([...args, ...pin], environment);
  const state = await plant.until(id, ({ condition }) => condition === 'flows');
  expect(state.process).toMatchObject({ node: 'plant-2', state: 'running', pid: child.pid });
  const socket = await plant.dial(state.listening.port, HOST);
  expect(await echo(socket, 'far away')).toBe('far away');
  // It was given its own channels alone.
  expect(child.said()).not.toContain(channel);
  const renewed = await plant.renew(sensor.id, HOST);
  await plant.until(id, ({ certificate }) => certificate.fingerprint === fingerprintOf(renewed.der));
  expect(await echo(socket, 'still there')).toBe('still there');
  child.kill();
  await once(child, 'exit');
  expect((await plant.until(id, ({ condition }) => condition === 'no-process')).process.state).toBe('away');
});

test('a server that is told to end takes its processes with it', async () => {
  const { process: own } = await plant.get(`/channels/${channel}/state`);
  expect(await plant.served.stop()).toBe(0);
  expect(isAlive(own.pid)).toBe(false);
});
