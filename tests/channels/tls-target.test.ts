import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { loadChannelConfig } from '../../src/app/channels/channel-config.ts';
import type { ChannelIdentity } from '../../src/service/channels/channel-context.ts';
import type { TargetTls } from '../../src/service/channels/channel-settings.ts';
import { ListeningChannel } from '../../src/service/channels/listening-channel.ts';
import { Bench, echo, fingerprintOf, gone, pemKey } from './bench.ts';

const run = promisify(execFile);
const HERE = { host: '127.0.0.1', port: 0 };
let bench: Bench;
let front: ChannelIdentity;
let inner: ChannelIdentity;
/** As an appliance makes it for itself: its name is that of nobody, and nobody signed it. */
let selfSigned: { cert: string; key: string; fingerprint: string };
let folder: string;
const cleanUp: (() => unknown)[] = [];

beforeAll(async () => {
  bench = await Bench.make();
  [front, inner] = await Promise.all([bench.identity('sensor.contoso.com'), bench.identity('inner.contoso.com')]);
  folder = mkdtempSync(join(tmpdir(), 'certgate-target-'));
  const [key, crt] = [join(folder, 'self.key'), join(folder, 'self.crt')];
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '3', '-subj', '/CN=appliance'];
  await run('openssl', [...made, '-keyout', key, '-out', crt]);
  const { stdout } = await run('openssl', ['x509', '-in', crt, '-noout', '-fingerprint', '-sha256']);
  const cert = readFileSync(crt, 'utf8');
  selfSigned = { cert, key: readFileSync(key, 'utf8'), fingerprint: stdout.split('=')[1]!.trim() };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  for (const stop of cleanUp.splice(0).toReversed()) await stop();
});

const shownBy = (identity: ChannelIdentity) => ({ cert: identity.tls.certificates, key: pemKey(identity) });

/** What the appliance was sent, decrypted; only a server that sees it can say so. */
class Appliance {
  received = '';
  port = 0;
  readonly sockets = new Set<Socket>();

  async listen(server: Server): Promise<this> {
    const accepted = (socket: Socket): void => {
      this.sockets.add(socket);
      socket.on('error', () => socket.destroy());
    };
    server.on('secureConnection', accepted).on('connection', accepted);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    this.port = (server.address() as AddressInfo).port;
    cleanUp.push(() => {
      for (const socket of this.sockets) socket.destroy();
      server.close();
    });
    return this;
  }

  /** A web console: says how it was asked, and speaks WebSocket. */
  web(options: object | undefined): Promise<this> {
    const answering = (asked: IncomingMessage, answer: { end: (text: string) => void }): void => {
      this.received += asked.url;
      answer.end(`${asked.headers['x-forwarded-proto']} ${asked.url}`);
    };
    const server = options === undefined ? createHttpServer(answering) : createHttpsServer(options, answering);
    server.on('upgrade', (asked: IncomingMessage, socket: Socket) => {
      this.received += asked.url;
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nwelcome ');
      socket.pipe(socket);
    });
    return this.listen(server as unknown as Server);
  }

  /** Any protocol: gives back what it gets. */
  bytes(options: object): Promise<this> {
    return this.listen(
      createTlsServer(options, (socket) => {
        socket.on('data', (bytes: Buffer) => (this.received += bytes.toString()));
        socket.pipe(socket);
      }) as unknown as Server,
    );
  }
}

async function start({ port }: { port: number }, targetTls: TargetTls, more: object = {}) {
  const context = bench.context(front);
  const base = { id: 'console', kind: 'console', validation: 'mandatory', crl: 'on', listen: HERE } as const;
  const settings = { ...base, target: { host: '127.0.0.1', port }, targetTls, limits: { drainMs: 200 }, ...more };
  const channel = new ListeningChannel(settings, context);
  const at = await channel.start();
  cleanUp.push(() => channel.stop());
  return { at, channel, context, refused: () => context.events.filter(({ event }) => event === 'refused') };
}

async function browse({ port }: { port: number }, path = '/', ...more: string[]): Promise<string> {
  const url = `https://sensor.contoso.com:${port}${path}`;
  const known = ['--resolve', `sensor.contoso.com:${port}:127.0.0.1`, '--cacert', join(bench.folder, 'root.crt')];
  const { stdout } = await run('curl', ['-sS', '--max-time', '10', '-w', ' %{http_code}', ...known, ...more, url]);
  return stdout;
}

async function dial(at: { host: string; port: number }) {
  const socket = connectTls({ ...at, rejectUnauthorized: false });
  cleanUp.push(() => socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

async function webSocket(at: { host: string; port: number }) {
  const socket = await dial(at);
  socket.write('GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  let text = '';
  while (!/welcome $|502[^]*\r\n\r\n./.test(text)) text += String((await once(socket, 'data'))[0]);
  return { socket, text };
}

const named = { serverName: 'inner.contoso.com' };

describe('a web console that speaks TLS, by HTTP', () => {
  test('is reached where its certificate leads to the anchors of the channel and carries the name', async () => {
    const appliance = await new Appliance().web(shownBy(inner));
    const { at, context } = await start(appliance, named, { http: true });
    expect(await browse(at, '/a')).toBe('https /a 200');
    const { socket, text } = await webSocket(at);
    expect(text).toMatch(/^HTTP\/1\.1 101 /);
    expect(await echo(socket, 'over WebSocket')).toBe('over WebSocket');
    expect(context.events.map(({ event }) => event)).not.toContain('refused');
  });

  test('is reached where it shows the pinned certificate, self-signed and without its name', async () => {
    const appliance = await new Appliance().web(selfSigned);
    const { at, channel } = await start(appliance, { fingerprints: [selfSigned.fingerprint] }, { http: true });
    const url = `https://sensor.contoso.com:${at.port}/b`;
    expect(await browse(at, '/a', url)).toBe('https /b 200https /a 200');
    expect(channel.core.target!.verdict()!.admission.findings).toEqual([]);
  });

  test('gets nothing where it shows another certificate than the pinned one, and the browser is told why', async () => {
    const appliance = await new Appliance().web(shownBy(inner));
    const { at, refused } = await start(appliance, { fingerprints: [selfSigned.fingerprint] }, { http: true });
    const text = await browse(at, '/secret');
    expect(text).toMatch(/another certificate than the one whose fingerprint is configured[^]* 502$/);
    expect((await webSocket(at)).text).toMatch(/^HTTP\/1\.1 502 [^]*does not hold/);
    expect(appliance.received).toBe('');
    expect(refused()).toHaveLength(2);
    expect(refused()[0]).toMatchObject({
      reason: 'target-certificate',
      fingerprint: fingerprintOf(inner.chain[0]!),
      findings: [{ source: { document: 'RFC 5425' } }],
    });
  });

  test.each([
    ['nobody signed', () => selfSigned, {}, 'anchor'],
    ['carries another name', () => shownBy(inner), { serverName: 'other.contoso.com' }, 'other.contoso.com'],
  ])('gets nothing where its certificate %s', async (_what, shown, targetTls, why) => {
    const appliance = await new Appliance().web(shown());
    const { at, refused } = await start(appliance, targetTls, { http: true });
    const text = await browse(at, '/secret');
    expect(text).toContain(why);
    expect(text).toMatch(/ 502$/);
    expect(appliance.received).toBe('');
    expect(refused()).toMatchObject([{ reason: 'target-certificate' }]);
  });

  test('gets nothing where its certificate is expired; an exception for it, or validation none, lets it through', async () => {
    const old = await bench.identity('inner.contoso.com', { from: -7_200_000, to: -3_600_000 });
    const appliance = await new Appliance().web(shownBy(old));
    const { at, context, refused } = await start(appliance, named, { http: true });
    expect(await browse(at)).toMatch(/expired[^]* 502$/);
    expect(appliance.received).toBe('');
    expect(refused()).toMatchObject([{ reason: 'target-certificate', overlookable: ['date'] }]);
    const fingerprint = fingerprintOf(old.chain[0]!);
    const why = { fingerprint, reason: 'renewal arrives at six', by: 'ada', hours: 1 };
    context.breakGlass.open({ channel: 'console', overlooks: ['date'], ...why });
    expect(await browse(at)).toBe('https / 200');
    const lenient = await start(appliance, named, { http: true, validation: 'none' });
    expect(await browse(lenient.at)).toBe('https / 200');
    expect(lenient.context.events).toContainEqual(
      expect.objectContaining({ event: 'target-accepted', fingerprint, findings: [expect.anything()] }),
    );
  });

  test('is left, page and WebSocket, when its certificate is revoked', async () => {
    const doomed = await bench.identity('inner.contoso.com');
    const appliance = await new Appliance().web(shownBy(doomed));
    const { at, channel, context } = await start(appliance, named, { http: true });
    const { socket } = await webSocket(at);
    const page = await dial(at);
    page.write('GET /page HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(page, 'data');
    bench.revoke(doomed);
    context.held.trust = bench.trust();
    expect(channel.core.wouldCloseAt(Date.now())).toHaveLength(2);
    await channel.renew();
    await Promise.all([gone(socket), gone(page)]);
    const closed = context.events.filter(({ event }) => event === 'closed');
    expect(closed).toHaveLength(2);
    expect(closed[0]).toMatchObject({
      reason: expect.stringContaining('revoked'),
      verdict: { reason: 'target-certificate' },
    });
    expect(await browse(at)).toMatch(/revoked[^]* 502$/);
  });

  test('that is plain after all is said to be so', async () => {
    const appliance = await new Appliance().web(undefined);
    const { at, refused } = await start(appliance, named, { http: true });
    expect(await browse(at)).toMatch(/does not agree on TLS: [^]*take targetTls out[^]* 502$/);
    expect(appliance.received).toBe('');
    expect(refused()).toMatchObject([{ reason: 'target-handshake' }]);
  });

  test('that is not there is said to be so', async () => {
    const { at, refused } = await start({ port: 1 }, named, { http: true });
    expect(await browse(at)).toMatch(/does not answer[^]* 502$/);
    expect(refused()).toMatchObject([{ reason: 'target-unreachable' }]);
  });
});

describe('a file of channels', () => {
  const load = (targetTls: string) => {
    const path = join(folder, 'channels.yaml');
    const lines = ['channels:', '  - {id: c, kind: console, listen: "h:1", target: "h:2", anchors: [r]'];
    writeFileSync(path, `${lines.join('\n')}${targetTls}}\n`);
    const { settings } = loadChannelConfig(path).channels[0]!;
    return settings.kind === 'console' ? settings.targetTls : undefined;
  };

  test('says whether what stands behind a console speaks TLS, and whom to expect there', () => {
    expect(load('')).toBeUndefined();
    expect(load(', targetTls: false')).toBeUndefined();
    expect(load(', targetTls: true')).toEqual({});
    expect(load(', targetTls: {serverName: inner.contoso.com}')).toEqual(named);
    const pasted = selfSigned.fingerprint;
    const fingerprints = [pasted.replaceAll(':', '').toLowerCase()];
    expect(load(`, targetTls: {fingerprints: ["${pasted}"]}`)).toEqual({ fingerprints });
    expect(() => load(', targetTls: {fingerprints: ["12:34"]}')).toThrow('64 hex digits');
    expect(() => load(', targetTls: {fingerprint: "12:34"}')).toThrow('Did you mean fingerprints?');
  });
});

describe('a service that speaks TLS, byte by byte', () => {
  test('is reached by path and by pin, and counts what went through', async () => {
    for (const [shown, targetTls] of [
      [shownBy(inner), named],
      [selfSigned, { fingerprints: [selfSigned.fingerprint] }],
    ] as const) {
      const appliance = await new Appliance().bytes(shown);
      const { at, context } = await start(appliance, targetTls);
      const socket = await dial(at);
      expect(await echo(socket, 'hello')).toBe('hello');
      socket.end();
      await gone(socket);
      expect(context.events.at(-1)).toMatchObject({ event: 'closed', reason: 'ended', bytesIn: 5, bytesOut: 5 });
    }
  });

  test('gets not a byte where its certificate does not hold, however early they come', async () => {
    const appliance = await new Appliance().bytes(selfSigned);
    const { at, refused } = await start(appliance, { fingerprints: [fingerprintOf(inner.chain[0]!)] });
    const socket = await dial(at);
    socket.write('secret');
    await gone(socket);
    expect(appliance.received).toBe('');
    expect(refused()).toMatchObject([{ reason: 'target-certificate' }]);
  });

  test('is left by itself when its certificate expires', async () => {
    const brief = await bench.identity('inner.contoso.com', { from: -1000, to: 3000 });
    const appliance = await new Appliance().bytes(shownBy(brief));
    const { at, context } = await start(appliance, named);
    const socket = await dial(at);
    expect(await echo(socket, 'before')).toBe('before');
    await gone(socket);
    expect(context.events.at(-1)).toMatchObject({ event: 'closed', verdict: { reason: 'target-certificate' } });
    expect(appliance.received).toBe('before');
  });

  test('is left when another certificate is pinned, and reached by the new one', async () => {
    const appliance = await new Appliance().bytes(selfSigned);
    const { at, channel } = await start(appliance, { fingerprints: [selfSigned.fingerprint] });
    const socket = await dial(at);
    expect(await echo(socket, 'before')).toBe('before');
    const { settings } = channel.core;
    channel.reconfigure({ ...settings, targetTls: { fingerprints: ['00'.repeat(32)] } } as never);
    channel.core.sweep();
    await gone(socket);
    channel.reconfigure(settings as never);
    expect(await echo(await dial(at), 'again')).toBe('again');
  });
});
