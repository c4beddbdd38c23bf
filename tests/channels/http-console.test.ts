import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ChannelIdentity } from '../../src/service/channels/channel-context.ts';
import { ListeningChannel } from '../../src/service/channels/listening-channel.ts';
import { Bench, gone } from './bench.ts';

const run = promisify(execFile);
let bench: Bench;
let sensor: ChannelIdentity;
let appliance: Server;
const cleanUp: (() => unknown)[] = [];

beforeAll(async () => {
  bench = await Bench.make();
  sensor = await bench.identity('sensor.contoso.com');
  appliance = createServer((asked: IncomingMessage, answer) => {
    if (asked.url === '/upload') {
      const hash = createHash('sha256');
      asked.on('data', (part) => hash.update(part)).on('end', () => answer.end(hash.digest('hex')));
    } else answer.end(JSON.stringify({ ...asked.headers, url: asked.url }));
  });
  appliance.on('upgrade', (asked: IncomingMessage, socket: Socket) => {
    socket.on('error', () => socket.destroy());
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nwelcome ');
    socket.write(`${asked.headers['x-forwarded-proto']} `);
    socket.pipe(socket);
  });
  await once(appliance.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => appliance.close());
afterEach(async () => {
  for (const stop of cleanUp.splice(0).toReversed()) await stop();
});

async function start(port = (appliance.address() as AddressInfo).port) {
  const context = bench.context(sensor);
  const target = { host: '127.0.0.1', port };
  const settings = { id: 'console', kind: 'console', http: true, validation: 'mandatory', crl: 'on', target } as const;
  const limits = { drainMs: 200 };
  const channel = new ListeningChannel({ ...settings, limits, listen: { host: '127.0.0.1', port: 0 } }, context);
  const at = await channel.start();
  cleanUp.push(() => channel.stop());
  return { at, context, channel };
}

async function curl(port: number, ...args: string[]): Promise<string> {
  const resolve = ['--resolve', `sensor.contoso.com:${port}:127.0.0.1`, '--cacert', join(bench.folder, 'root.crt')];
  const { stdout } = await run('curl', ['-sS', '--max-time', '10', ...resolve, ...args]);
  return stdout;
}

test('says who asks and that it was by TLS, believes nobody else, and keeps the browser to TLS', async () => {
  const { at } = await start();
  const spoofed = ['-H', 'X-Forwarded-For: 10.9.9.9', '-H', 'Forwarded: for=10.9.9.9', '-H', 'X-Forwarded-Proto: http'];
  const text = await curl(at.port, '-i', ...spoofed, `https://sensor.contoso.com:${at.port}/sites?id=1`);
  const [head = '', body = ''] = text.split('\r\n\r\n');
  expect(head.toLowerCase()).toContain('strict-transport-security: max-age=31536000');
  const seen = JSON.parse(body) as Record<string, string>;
  expect(seen).toMatchObject({
    url: '/sites?id=1',
    host: `sensor.contoso.com:${at.port}`,
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': `sensor.contoso.com:${at.port}`,
  });
  expect(JSON.stringify(seen)).not.toContain('10.9.9.9');
});

test('a request within the body of another stays there, whatever its headers say', async () => {
  const { at } = await start();
  const asked: string[] = [];
  const note = ({ url }: IncomingMessage): void => void asked.push(url ?? '');
  appliance.on('request', note);
  cleanUp.push(() => appliance.off('request', note));
  const socket = connectTls({
    port: at.port,
    ca: readFileSync(join(bench.folder, 'root.crt')),
    checkServerIdentity: () => undefined,
  });
  socket.on('error', () => undefined);
  const hidden = 'GET /hidden HTTP/1.1\r\nHost: appliance\r\nX-Forwarded-For: 10.9.9.9\r\n\r\n';
  const length = `Connection: content-length, close\r\nContent-Length: ${hidden.length}`;
  socket.resume().write(`GET /seen HTTP/1.1\r\nHost: appliance\r\n${length}\r\n\r\n${hidden}`);
  await gone(socket);
  expect(asked).toEqual(['/seen']);
});

test('carries uploads whole, by length and in chunks, over one connection', async () => {
  const { at, context } = await start();
  const body = 'x'.repeat(3_000_000);
  const url = `https://127.0.0.1:${at.port}/upload`;
  const upload = ['--data-binary', '@-', url];
  const pending = run('sh', [
    '-c',
    `head -c 3000000 /dev/zero | tr '\\0' x | curl -sS --max-time 10 -k ${upload.join(' ')} --next -sS -k -H 'Transfer-Encoding: chunked' --data-binary ${'y'.repeat(10)} ${url}`,
  ]);
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
  expect((await pending).stdout).toBe(digest(body) + digest('y'.repeat(10)));
  expect(context.events.filter(({ event }) => event === 'accepted')).toHaveLength(1);
});

test('passes a WebSocket, and ends it when the certificate is revoked', async () => {
  const doomed = await bench.identity('sensor.contoso.com');
  const { at, context, channel } = await start();
  context.held.identity = doomed;
  await channel.renew();
  const socket = connectTls({ ...at, rejectUnauthorized: false });
  cleanUp.push(() => socket.destroy());
  let text = '';
  socket.on('error', () => undefined).on('data', (bytes: Buffer) => (text += bytes.toString()));
  socket.write('GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  while (!text.includes('https ')) await once(socket, 'data');
  expect(text).toMatch(/^HTTP\/1\.1 101 [^]*welcome https $/);
  socket.write('echo');
  while (!text.endsWith('echo')) await once(socket, 'data');
  bench.revoke(doomed);
  context.held.trust = bench.trust();
  await channel.renew();
  await gone(socket);
  expect(context.events.at(-1)).toMatchObject({ event: 'closed', reason: expect.stringContaining('revoked') });
});

test('survives an appliance that answers nonsense, or dies within its answer', async () => {
  const answers = [
    'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf',
    'nonsense\r\n\r\n',
    'HTTP/1.1 200 O\u0001K\r\n\r\n',
  ];
  let next = 0;
  const broken = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(answers[next++ % answers.length]!, 'latin1'));
  });
  await once(broken.listen(0, '127.0.0.1'), 'listening');
  cleanUp.push(() => broken.close());
  const { at, channel } = await start((broken.address() as AddressInfo).port);
  for (const _ of [...answers, ...answers]) {
    await curl(at.port, `https://sensor.contoso.com:${at.port}/`).catch(() => undefined);
  }
  expect(next).toBe(2 * answers.length);
  expect(channel.core.halted).toBe(false);
});

test('answers for an appliance that does not', async () => {
  const { at } = await start(1);
  const text = await curl(at.port, '-w', ' %{http_code}', `https://sensor.contoso.com:${at.port}/`);
  expect(text).toBe('The appliance behind this address does not answer.\n 502');
});
