import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Trust } from '../../src/platform/tls/trust.ts';
import type { ChannelIdentity } from '../../src/service/channels/channel-context.ts';
import { DiallingChannel } from '../../src/service/channels/dialling-channel.ts';
import { ListeningChannel } from '../../src/service/channels/listening-channel.ts';
import { MonotonicClock } from '../../src/service/channels/trusted-time.ts';
import { Bench, dialPlain, echo, EchoTarget, gone } from './bench.ts';

/** What was found out about Node's TLS and about connections in general, each held here. */

const HERE = { host: '127.0.0.1', port: 0 };
const DAY = 86_400_000;
let bench: Bench;
let sensor: ChannelIdentity;
let server: ChannelIdentity;
let target: EchoTarget;
let behind: { host: string; port: number };
const cleanUp: (() => unknown)[] = [];

beforeAll(async () => {
  bench = await Bench.make();
  [sensor, server] = await Promise.all([bench.identity('sensor.contoso.com'), bench.identity('ha.contoso.com')]);
});
beforeEach(async () => {
  target = new EchoTarget();
  behind = await target.start();
  cleanUp.push(() => target.stop());
});
afterEach(async () => {
  for (const stop of cleanUp.splice(0).toReversed()) await stop();
});

const COMMON = { id: 'link', listen: HERE, validation: 'mandatory', crl: 'on' } as const;

async function listener(more: object = {}, context = bench.context(server)) {
  const channel = new ListeningChannel({ ...COMMON, kind: 'ha-listener', target: behind, ...more }, context);
  const at = await channel.start();
  cleanUp.push(() => channel.stop());
  return { channel, context, at };
}

async function connector(at: { host: string; port: number }, more: object = {}, context = bench.context(sensor)) {
  const settings = { ...COMMON, kind: 'ha-connector', target: at, serverName: 'ha.contoso.com', ...more } as const;
  const channel = new DiallingChannel(settings, context);
  const local = await channel.start();
  cleanUp.push(() => channel.stop());
  return { channel, context, local };
}

/** The certificate and key of an end, as Node takes them. */
const shown = ({ tls }: ChannelIdentity): ConnectionOptions => {
  const base64 = Buffer.from(tls.key).toString('base64').replaceAll(/.{64}/g, '$&\n');
  return { cert: tls.certificates, key: `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n` };
};

function tls(at: { host: string; port: number }, options: ConnectionOptions = {}): TLSSocket {
  const socket = connectTls({ ...at, rejectUnauthorized: false, ...options });
  cleanUp.push(() => socket.destroy());
  socket.on('error', () => undefined);
  return socket;
}

async function plain(at: { host: string; port: number }): Promise<Socket> {
  const socket = await dialPlain(at);
  cleanUp.push(() => socket.destroy());
  return socket;
}

async function tcp(serve: (socket: Socket) => void): Promise<{ host: string; port: number }> {
  const made: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    cleanUp.push(() => socket.destroy());
    serve(socket);
  });
  await once(made.listen(0, '127.0.0.1'), 'listening');
  cleanUp.push(() => made.close());
  return { host: '127.0.0.1', port: (made.address() as AddressInfo).port };
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
};

describe('TLS', () => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    '%s is never resumed: a revoked client would come in unasked',
    async (version) => {
      const { at, context } = await listener();
      const versions = { minVersion: version, maxVersion: version };
      const first = tls(at, { ...shown(sensor), ...versions });
      let session: Buffer | undefined;
      first.on('session', (held) => (session = held));
      expect(String((await once(first, 'data'))[0])).toContain('accepted');
      session ??= first.getSession();
      const second = tls(at, { ...shown(sensor), ...versions, ...(session && { session }) });
      expect(String((await once(second, 'data'))[0])).toContain('accepted');
      expect(second.isSessionReused()).toBe(false);
      // Without a certificate the kept session does not help, either.
      const third = tls(at, { ...versions, ...(session && { session }) });
      await gone(third.resume());
      expect(context.events.at(-1)).toMatchObject({ event: 'refused', reason: 'peer-certificate' });
    },
  );

  test('a swap forgets nothing: version and ciphers stay as they were', async () => {
    const { at, channel, context } = await listener();
    context.held.identity = await bench.identity('ha.contoso.com');
    await channel.renew();
    const old = tls(at, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' });
    await gone(old);
    const weak = tls(at, { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:ECDHE-RSA-AES128-SHA' });
    await gone(weak);
    const refused = context.events.filter(({ event }) => event === 'refused');
    expect(refused.map((event) => 'reason' in event && event.reason)).toEqual(['handshake', 'handshake']);
  });

  test('a finished handshake is no acceptance: what a refused client sends at once reaches nobody', async () => {
    const stranger = await (await Bench.make()).identity('sensor.contoso.com');
    const { at, context } = await listener();
    const socket = tls(at, shown(stranger));
    // Far more than fits into the buffers between handshake and verdict.
    socket.write(Buffer.alloc(1024 * 1024));
    const answer: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => answer.push(bytes));
    await gone(socket);
    expect(Buffer.concat(answer).toString()).toMatch(/^(CERTGATE-LINK 1 refused .*\n)?$/);
    expect([target.sockets.size, target.received]).toEqual([0, 0]);
    expect(context.events).toMatchObject([{ event: 'refused', reason: 'peer-certificate' }]);
  });

  test('what an accepted client sends at once arrives whole', async () => {
    const { at } = await listener();
    const socket = tls(at, shown(sensor));
    const sent = Buffer.alloc(1024 * 1024, 'x');
    socket.write(sent);
    let received = 0;
    socket.on('data', (bytes: Buffer) => (received += bytes.length));
    await until(() => received === sent.length + 'CERTGATE-LINK 1 accepted\n'.length);
    expect(target.received).toBe(sent.length);
  });

  test('a slow client is sent away, and a silent one, and neither keeps a place', async () => {
    const { at, context, channel } = await listener({ limits: { handshakeMs: 300, connections: 2 } });
    const drip = await plain(at);
    const dripping = setInterval(() => drip.write(Buffer.from([0x16])), 50);
    await Promise.all([gone(drip), plain(at).then(gone)]);
    clearInterval(dripping);
    expect(channel.core.connections.size).toBe(0);
    const reasons = context.events.map((event) => 'reason' in event && event.reason);
    expect(reasons.toSorted()).toEqual([expect.stringMatching(/^handshake/), expect.stringMatching(/^handshake/)]);
    const good = tls(at, shown(sensor));
    expect(String((await once(good, 'data'))[0])).toContain('accepted');
  });

  test('too many attempts of one address are turned away before any handshake', async () => {
    const { at, context } = await listener({ limits: { perSourceAMinute: 2 } });
    for (let i = 0; i < 3; i++) {
      const socket = tls(at, shown(sensor)).resume();
      await Promise.race([gone(socket), once(socket, 'data').catch(() => undefined)]);
    }
    expect(context.events.filter(({ event }) => event === 'accepted')).toHaveLength(2);
    expect(context.events.find(({ event }) => event === 'refused')).toMatchObject({ reason: 'too-many-attempts' });
  });
});

describe('a verdict', () => {
  test('does not outlast the CRL it rests on, remembered or not', async () => {
    const ahead = { ms: 0 };
    const context = bench.context(server, ahead);
    const long = { from: -DAY, to: 4000 * DAY };
    context.held.identity = await bench.identity('ha.contoso.com', long);
    const lasting = await bench.identity('lasting.contoso.com', long);
    const { at, channel } = await listener({}, context);
    const { local } = await connector(at, {}, bench.context(lasting));
    const socket = await plain(local);
    expect(await echo(socket, 'current')).toBe('current');
    const runsOut = Math.min(...bench.crls().map(({ list }) => list.nextUpdate!.seconds * 1000));
    ahead.ms = runsOut + 2000 - Date.now();
    await gone(socket);
    expect(channel.core.halted).toBe(true);
    const answer = channel.core.admitPeer(lasting.chain);
    expect(answer.admitted).toBe(false);
    expect(answer.findings[0]!.message).toContain('revoked cannot be told');
  });

  test('on a later time, which somebody asked about, opens nothing before', async () => {
    const early = await bench.identity('sensor.contoso.com', { from: 3_600_000, to: 86_400_000 });
    const trust = bench.trust();
    const now = Date.now();
    const judge = (at: number) => trust.judge(early.chain, { purpose: 'client' }, at, { crl: 'on' });
    expect(judge(now)).toMatchObject({ valid: false, problems: ['not-yet-valid'] });
    expect(judge(now + 2 * 3_600_000).valid).toBe(true);
    expect(judge(now).valid).toBe(false);
  });

  test('stands for the hours of grace after the CRL ran out, and no longer; a listed one never', async () => {
    const runsOut = Math.min(...bench.crls().map(({ list }) => list.nextUpdate!.seconds * 1000));
    const doomed = await bench.identity('doomed.contoso.com', { from: -DAY, to: 400 * DAY });
    const lasting = await bench.identity('lasting.contoso.com', { from: -DAY, to: 400 * DAY });
    bench.revoke(doomed);
    const trust = new Trust([bench.ca.root.certificate], bench.crls());
    const later = Math.min(...bench.crls().map(({ list }) => list.nextUpdate!.seconds * 1000));
    expect(later).toBeGreaterThanOrEqual(runsOut);
    const judge = ({ chain }: ChannelIdentity, at: number, hours: number) =>
      trust.judge(chain, { purpose: 'client' }, at, { crl: 'on', staleCrlGraceMs: hours * 3_600_000 }).valid;
    expect(judge(lasting, later, 0)).toBe(true);
    expect(judge(lasting, later + 1000, 0)).toBe(false);
    expect(judge(lasting, later + 3_500_000, 1)).toBe(true);
    expect(judge(lasting, later + 3_700_000, 1)).toBe(false);
    expect(judge(doomed, later + 1000, 1)).toBe(false);
  });

  test('that changes while the target is dialled still stops the connection', async () => {
    const doomed = await bench.identity('late.contoso.com');
    const { at, channel, context } = await listener();
    const open = connect(at);
    cleanUp.push(() => open.destroy());
    const socket = tls(at, shown(doomed)).resume();
    await once(socket, 'secureConnect');
    bench.revoke(doomed);
    context.held.trust = bench.trust();
    channel.core.sweep();
    await gone(socket);
    expect(target.received).toBe(0);
    expect(channel.core.connections.size).toBe(0);
  });
});

describe('the clock', () => {
  test('goes on from the highest time seen, and says that it is not believed', () => {
    let [clock, elapsed] = [1_800_000_000_000, 0];
    const kept: number[] = [];
    const time = new MonotonicClock(0, (highest) => kept.push(highest), { clock: () => clock, elapsed: () => elapsed });
    expect(time.read()).toEqual({ now: clock, untrusted: undefined });
    clock = 0;
    for (let i = 0; i < 90; i++) {
      elapsed += 1000.4;
      time.read();
    }
    const { now, untrusted } = time.read();
    // 90 readings of 1000.4 ms, and no fraction lost with any of them.
    expect(now - 1_800_000_000_000).toBeGreaterThanOrEqual(90_035);
    expect(untrusted).toEqual({ clock: 0, highest: now });
    expect(kept.at(-1)).toBeGreaterThan(1_800_000_000_000);
    clock = 1_800_000_200_000;
    expect(time.read()).toEqual({ now: clock, untrusted: undefined });
  });

  test('that was ahead is believed again once somebody says so', () => {
    let clock = 2_500_000_000_000;
    const time = new MonotonicClock(0, undefined, { clock: () => clock, elapsed: () => 0 });
    time.read();
    clock = 1_800_000_000_000;
    expect(time.read().untrusted).toBeDefined();
    time.accept();
    expect(time.read()).toEqual({ now: clock, untrusted: undefined });
  });

  test('set back opens nothing that has expired', async () => {
    const ahead = { ms: 0 };
    const context = bench.context(server, ahead);
    const { channel } = await listener({}, context);
    ahead.ms = 3 * DAY;
    expect(channel.core.admitPeer(sensor.chain).admitted).toBe(false);
    ahead.ms = -20_000 * DAY;
    expect(channel.core.admitPeer(sensor.chain).admitted).toBe(false);
  });
});

describe('a connection', () => {
  test('that ends in one direction goes on in the other', async () => {
    const half = await tcp((socket) => {
      let asked = '';
      socket.on('data', (bytes) => (asked += String(bytes)));
      socket.on('end', () => setTimeout(() => socket.end(`you said ${asked}`), 50));
    });
    const { at } = await listener({ target: half });
    const { local } = await connector(at);
    const socket = connect({ ...local, allowHalfOpen: true });
    cleanUp.push(() => socket.destroy());
    socket.end('everything');
    let answer = '';
    socket.on('data', (bytes) => (answer += String(bytes)));
    await gone(socket);
    expect(answer).toBe('you said everything');
  });

  test('loses nothing of a large download to a slow reader, nor holds it all', async () => {
    // More than the system's own buffers take on the way.
    const size = 64 * 1024 * 1024;
    const source = await tcp((socket) => socket.end(Buffer.alloc(size, 'd')));
    const { at, channel } = await listener({ target: source });
    const { local } = await connector(at);
    const socket = await plain(local);
    socket.pause();
    const sent = (): number => channel.core.connections.list()[0]?.traffic().bytesOut ?? 0;
    await until(() => sent() > 0);
    let before = -1;
    while (sent() > before) {
      before = sent();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(before).toBeLessThan(size);
    let received = 0;
    let wrong = 0;
    const expected = Buffer.alloc(256 * 1024, 'd');
    socket.on('data', (bytes: Buffer) => {
      received += bytes.length;
      if (!bytes.equals(expected.subarray(0, bytes.length))) wrong++;
    });
    socket.resume();
    await gone(socket);
    expect([received, wrong]).toEqual([size, 0]);
  });

  test('keeps no socket after it is over, however it ended', async () => {
    const { at, channel } = await listener();
    const { local, channel: dialling } = await connector(at);
    const open = await Promise.all(Array.from({ length: 20 }, () => plain(local)));
    await Promise.all(open.map((socket) => echo(socket, 'x')));
    open.forEach((socket, index) =>
      index % 3 === 0 ? socket.end() : index % 3 === 1 ? socket.destroy() : socket.resetAndDestroy(),
    );
    await until(() => channel.core.connections.size + dialling.core.connections.size === 0);
    await until(() => [...target.sockets].every((socket) => socket.destroyed));
  });

  test('may end by itself when the channel stops, for as long as is set', async () => {
    const { at, channel } = await listener({ limits: { drainMs: 300 } });
    const { local, channel: dialling } = await connector(at, { limits: { drainMs: 300 } });
    const socket = await plain(local);
    expect(await echo(socket, 'before')).toBe('before');
    const stopped = Promise.all([channel.stop(), dialling.stop()]);
    expect(await echo(socket, 'while it drains')).toBe('while it drains');
    await expect(dialPlain(local).then((late) => once(late, 'data'))).rejects.toThrow();
    await stopped;
    await gone(socket);
  });
});
