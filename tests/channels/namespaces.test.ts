import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROGRAM } from '../cli/program.ts';
import { requires } from '../requires.ts';
import type { ChannelIdentity } from '../../src/service/channels/channel-context.ts';
import { Bench, pemKey } from './bench.ts';

/** Two machines, as far as the network goes: each end of the HA link in a network namespace of its own. */

const SPACES = [`certgate-${process.pid}-a`, `certgate-${process.pid}-b`] as const;
const ADDRESSES = ['10.231.7.1', '10.231.7.2'] as const;
const children: ChildProcess[] = [];
const folder = mkdtempSync(join(tmpdir(), 'certgate-spaces-'));
let bench: Bench;

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: 'pipe' });

/** Namespaces are root's to make, and not in every container. */
function mayMakeNamespaces(): boolean {
  if (userInfo().uid !== 0 || !requires('ip')) return false;
  try {
    ip('netns', 'add', `${SPACES[0]}-try`);
    ip('netns', 'delete', `${SPACES[0]}-try`);
    return true;
  } catch {
    return false;
  }
}
const allowed = mayMakeNamespaces();

beforeAll(async () => {
  if (!allowed) return;
  bench = await Bench.make();
  for (const space of SPACES) ip('netns', 'add', space);
  const [a, b] = SPACES;
  ip('link', 'add', 'gate0', 'netns', a, 'type', 'veth', 'peer', 'name', 'gate0', 'netns', b);
  SPACES.forEach((space, index) => {
    ip('-n', space, 'addr', 'add', `${ADDRESSES[index]}/24`, 'dev', 'gate0');
    for (const device of ['lo', 'gate0']) ip('-n', space, 'link', 'set', device, 'up');
  });
});
afterAll(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill();
    await once(child, 'exit');
  }
  if (allowed) for (const space of SPACES) ip('netns', 'delete', space);
  rmSync(folder, { recursive: true, force: true });
});

function within(space: string, ...command: string[]): ChildProcess {
  const child = spawn('ip', ['netns', 'exec', space, ...command], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

async function line(child: ChildProcess, holds: (text: string) => boolean): Promise<string> {
  const lines = createInterface(child.stdout!);
  for await (const text of lines) if (holds(text)) return text;
  throw new Error('it ended before it said that');
}

async function channel(space: string, identity: ChannelIdentity, settings: string): Promise<string> {
  const own = join(folder, space);
  mkdirSync(own);
  for (const name of ['root.crt', 'root.crl', 'issuing.crl']) copyFileSync(join(bench.folder, name), join(own, name));
  writeFileSync(join(own, 'end.crt'), identity.tls.certificates);
  writeFileSync(join(own, 'end.key'), pemKey(identity), { mode: 0o600 });
  writeFileSync(
    join(own, 'channels.yaml'),
    `channels:
  - id: ha
    certificate: end.crt
    key: end.key
    anchors: [root.crt]
    crl: on
    crls: [root.crl, issuing.crl]
${settings}`,
  );
  const running = within(space, process.execPath, PROGRAM, 'channel', 'run', join(own, 'channels.yaml'));
  await line(running, (text) => text.includes('"listening"'));
  return own;
}

const ECHO = `require('net').createServer((s) => s.on('error', () => {}).pipe(s)).listen(7000, '127.0.0.1', () => console.log('ready'))`;
const CLIENT = `const s = require('net').connect(7001, '127.0.0.1');
s.on('data', (d) => process.stdout.write(d)).on('close', () => console.log('closed')).on('error', () => {});
process.stdin.on('data', (d) => s.write(d));`;

test.skipIf(!allowed)('two machines carry data until the certificate of one is revoked', async () => {
  const [a, b] = SPACES;
  const sensor = await bench.identity('sensor.contoso.com');
  const server = await bench.identity('ha.contoso.com');
  const service = within(b, process.execPath, '-e', ECHO);
  await line(service, (text) => text === 'ready');
  const listens = `    kind: ha-listener\n    listen: ${ADDRESSES[1]}:7443\n    target: 127.0.0.1:7000\n`;
  const atServer = await channel(b, server, listens);
  const dials = `    kind: ha-connector\n    listen: 127.0.0.1:7001\n    target: ${ADDRESSES[1]}:7443\n    serverName: ha.contoso.com\n`;
  await channel(a, sensor, dials);

  const client = within(a, process.execPath, '-e', CLIENT);
  const said = createInterface(client.stdout!)[Symbol.asyncIterator]();
  client.stdin!.write('across\n');
  expect((await said.next()).value).toBe('across');
  bench.revoke(sensor);
  // Only the server's end learns of it: that is enough.
  writeFileSync(join(atServer, 'issuing.crl'), readFileSync(join(bench.folder, 'issuing.crl')));
  expect((await said.next()).value).toBe('closed');
  const late = within(a, process.execPath, '-e', CLIENT);
  late.stdin!.write('too late\n');
  expect(await line(late, () => true)).toBe('closed');
});
