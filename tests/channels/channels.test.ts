import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Trust } from '../../src/platform/tls/trust.ts';
import type { ChannelIdentity } from '../../src/service/channels/channel-context.ts';
import { DiallingChannel } from '../../src/service/channels/dialling-channel.ts';
import { ListeningChannel } from '../../src/service/channels/listening-channel.ts';
import { Bench, dialPlain, echo, EchoTarget, fingerprintOf, gone, type TestContext } from './bench.ts';

const HERE = { host: '127.0.0.1', port: 0 };
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

async function tls(at: { host: string; port: number }, options: object = {}): Promise<TLSSocket> {
  const socket = connectTls({ ...at, rejectUnauthorized: false, ...options });
  cleanUp.push(() => socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

async function plain(at: { host: string; port: number }): Promise<Socket> {
  const socket = await dialPlain(at);
  cleanUp.push(() => socket.destroy());
  return socket;
}

describe('console', () => {
  async function start(identity: ChannelIdentity, more: object = {}) {
    const context = bench.context(identity);
    const channel = new ListeningChannel(
      { id: 'console', kind: 'console', listen: HERE, target: behind, validation: 'mandatory', crl: 'on', ...more },
      context,
    );
    const at = await channel.start();
    cleanUp.push(() => channel.stop());
    return { channel, context, at };
  }

  test('carries what is behind it over TLS', async () => {
    const { at } = await start(sensor);
    expect(await echo(await tls(at), 'hello')).toBe('hello');
  });

  test('halts when its own certificate is revoked, and goes on with a good one', async () => {
    const doomed = await bench.identity('doomed.contoso.com');
    const { channel, context, at } = await start(doomed);
    const open = await tls(at);
    expect(await echo(open, 'before')).toBe('before');
    bench.revoke(doomed);
    context.held.trust = bench.trust();
    await channel.renew();
    await gone(open);
    const before = target.received;
    await expect(tls(at)).rejects.toThrow();
    expect(target.received).toBe(before);
    expect(context.events.find(({ event }) => event === 'halted')).toMatchObject({
      findings: [{ message: expect.stringContaining('revoked') }],
    });
    context.held.identity = sensor;
    await channel.renew();
    expect(await echo(await tls(at), 'again')).toBe('again');
  });

  test('halts by itself when its own certificate expires', async () => {
    const brief = await bench.identity('brief.contoso.com', { from: -1000, to: 1500 });
    const { at, context } = await start(brief);
    const open = await tls(at);
    expect(await echo(open, 'before')).toBe('before');
    await gone(open);
    await expect(tls(at)).rejects.toThrow();
    expect(context.events.some(({ event }) => event === 'halted')).toBe(true);
  });

  test('under validation none shows what is wrong and lets through', async () => {
    const expired = await bench.identity('old.contoso.com', { from: -7_200_000, to: -3_600_000 });
    const { at, channel } = await start(expired, { validation: 'none' });
    expect(await echo(await tls(at), 'still')).toBe('still');
    expect(channel.core.ownFindings[0]!.message).toContain('expired');
  });

  test('refuses TLS 1.1, garbage and a client that never finishes its handshake', async () => {
    const { at, context } = await start(sensor, { limits: { handshakeMs: 300 } });
    await expect(tls(at, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' })).rejects.toThrow();
    const garbage = await plain(at);
    garbage.write('GET / HTTP/1.1\r\n\r\n');
    await gone(garbage);
    const slow = await plain(at);
    await gone(slow);
    const reasons = context.events.flatMap((event) => (event.event === 'refused' ? [event.reason] : []));
    expect(reasons).toEqual(['handshake', 'handshake', 'handshake-timeout']);
    expect(target.sockets.size).toBe(0);
  });

  test('swaps its certificate without losing a connection', async () => {
    const { at, channel, context } = await start(sensor);
    const open = await tls(at);
    expect(await echo(open, 'one')).toBe('one');
    context.held.identity = server;
    await channel.renew();
    expect(await echo(open, 'two')).toBe('two');
    const fresh = await tls(at);
    expect(fingerprintOf(fresh.getPeerCertificate().raw)).toBe(fingerprintOf(server.chain[0]!));
  });
});

describe('ha', () => {
  interface Link {
    readonly at: { host: string; port: number };
    readonly listener: ListeningChannel;
    readonly connector: DiallingChannel;
    readonly listening: TestContext;
    readonly connecting: TestContext;
  }

  async function link(
    ends: { sensor?: ChannelIdentity | undefined; server?: ChannelIdentity; name?: string; allow?: object } = {},
  ): Promise<Link> {
    const listening = bench.context(ends.server ?? server);
    const listener = new ListeningChannel(
      {
        id: 'ha',
        kind: 'ha-listener',
        listen: HERE,
        target: behind,
        validation: 'mandatory',
        crl: 'on',
        ...(ends.allow && { allow: ends.allow }),
      },
      listening,
    );
    const middle = await listener.start();
    const connecting = bench.context('sensor' in ends ? ends.sensor : sensor);
    const connector = new DiallingChannel(
      {
        id: 'ha',
        kind: 'ha-connector',
        listen: HERE,
        target: middle,
        validation: 'mandatory',
        crl: 'on',
        serverName: ends.name ?? 'ha.contoso.com',
      },
      connecting,
    );
    const at = await connector.start();
    cleanUp.push(
      () => listener.stop(),
      () => connector.stop(),
    );
    return { at, listener, connector, listening, connecting };
  }

  const refusals = ({ events }: TestContext) => events.flatMap((event) => (event.event === 'refused' ? [event] : []));

  test('carries any protocol between two ends that trust each other', async () => {
    const { at } = await link();
    expect(await echo(await plain(at), 'replication')).toBe('replication');
  });

  test('lets no byte through to a server of another name', async () => {
    const { at, connecting } = await link({ name: 'other.contoso.com' });
    const socket = await plain(at);
    expect(await echo(socket, 'secret')).toBe('');
    expect(target.received).toBe(0);
    expect(refusals(connecting)[0]).toMatchObject({ reason: 'peer-certificate' });
  });

  test('tells the connecting end why it is refused, and lets no byte through', async () => {
    const doomed = await bench.identity('revoked-sensor.contoso.com');
    const context = { sensor: doomed };
    const { at, connecting, listening, listener } = await link(context);
    bench.revoke(doomed);
    listening.held.trust = bench.trust();
    await listener.renew();
    expect(await echo(await plain(at), 'secret')).toBe('');
    expect(target.received).toBe(0);
    expect(refusals(listening)[0]).toMatchObject({ reason: 'peer-certificate' });
    const told = refusals(connecting)[0]!;
    expect(told).toMatchObject({ reason: 'refused-by-other-end' });
    expect(told.findings[0]!.message).toContain('revoked');
  });

  test('refuses a client without a certificate', async () => {
    const { at, listening } = await link({ sensor: undefined });
    const socket = await plain(at).catch(() => undefined);
    if (socket !== undefined) expect(await echo(socket, 'x')).toBe('');
    expect(target.received).toBe(0);
    expect(listening.events.some(({ event }) => event === 'accepted')).toBe(false);
  });

  test('refuses a valid certificate that is not on the allow-list', async () => {
    const { at, listening } = await link({ allow: { commonNames: ['someone-else.contoso.com'] } });
    expect(await echo(await plain(at), 'x')).toBe('');
    expect(refusals(listening)[0]!.findings[0]!.message).toContain('not one that this channel lets in');
  });

  test('closes a live connection as soon as its revocation is known', async () => {
    const doomed = await bench.identity('live-sensor.contoso.com');
    const { at, listening, listener } = await link({ sensor: doomed });
    const socket = await plain(at);
    expect(await echo(socket, 'before')).toBe('before');
    bench.revoke(doomed);
    listening.held.trust = bench.trust();
    await listener.renew();
    await gone(socket);
    expect(listening.events.at(-1)).toMatchObject({ event: 'closed', reason: expect.stringContaining('revoked') });
  });

  test('closes a live connection when the certificate of the other end expires', async () => {
    const brief = await bench.identity('brief-sensor.contoso.com', { from: -1000, to: 1500 });
    const { at } = await link({ sensor: brief });
    const socket = await plain(at);
    expect(await echo(socket, 'before')).toBe('before');
    await gone(socket);
  });

  test('closes live connections when the anchor is removed, keeps them when one is added', async () => {
    const { at, listening, listener } = await link();
    const socket = await plain(at);
    expect(await echo(socket, 'before')).toBe('before');
    const other = await Bench.make();
    listening.held.trust = new Trust([bench.ca.root.certificate, other.ca.root.certificate], bench.crls());
    await listener.renew();
    expect(await echo(socket, 'both anchors')).toBe('both anchors');
    listening.held.trust = new Trust([other.ca.root.certificate], other.crls());
    await listener.renew();
    await gone(socket);
  });

  test('blocks without a current CRL, unless a grace is set and lasts', async () => {
    const { at, listening, listener } = await link();
    listening.held.trust = new Trust([bench.ca.root.certificate], []);
    await listener.renew();
    const socket = await plain(at);
    expect(await echo(socket, 'x')).toBe('');
    expect(target.received).toBe(0);
  });
});

describe('partner', () => {
  async function partner(identity: ChannelIdentity, more: object = {}) {
    const remote = new ListeningChannel(
      { id: 'siem', kind: 'console', listen: HERE, target: behind, validation: 'none', crl: 'off' },
      bench.context(identity),
    );
    const at = await remote.start();
    const context = bench.context(undefined);
    const channel = new DiallingChannel(
      {
        id: 'partner',
        kind: 'partner',
        listen: HERE,
        target: at,
        validation: 'mandatory',
        crl: 'on',
        serverName: 'sensor.contoso.com',
        ...more,
      },
      context,
    );
    const local = await channel.start();
    cleanUp.push(
      () => remote.stop(),
      () => channel.stop(),
    );
    return { local, context, channel };
  }

  test('reaches a partner whose certificate holds', async () => {
    const { local } = await partner(sensor);
    expect(await echo(await plain(local), 'alert')).toBe('alert');
  });

  test('sends nothing to one whose certificate does not', async () => {
    const { local, context } = await partner(server);
    expect(await echo(await plain(local), 'alert')).toBe('');
    expect(target.received).toBe(0);
    expect(context.events[0]).toMatchObject({ event: 'refused', reason: 'peer-certificate' });
  });

  test('takes a pinned fingerprint in place of path and name', async () => {
    const pinned = fingerprintOf(server.chain[0]!);
    const { local } = await partner(server, { fingerprints: [pinned.toUpperCase().replaceAll(/..(?=.)/g, '$&:')] });
    expect(await echo(await plain(local), 'alert')).toBe('alert');
    const other = await partner(sensor, { fingerprints: [pinned] });
    expect(await echo(await plain(other.local), 'alert')).toBe('');
  });

  test('closes a live connection when the partner is revoked, and under observation only says so', async () => {
    const doomed = await bench.identity('sensor.contoso.com');
    const [strict, watching] = [await partner(doomed), await partner(doomed, { observe: true })];
    const [closing, staying] = [await plain(strict.local), await plain(watching.local)];
    expect([await echo(closing, 'a'), await echo(staying, 'b')]).toEqual(['a', 'b']);
    const before = target.received;
    bench.revoke(doomed);
    for (const { context, channel } of [strict, watching]) {
      context.held.trust = bench.trust();
      await channel.renew();
    }
    await gone(closing);
    closing.write('after the block');
    expect(await echo(staying, 'c')).toBe('c');
    // Byte for byte: of the closed one nothing arrived any more.
    expect(target.received).toBe(before + 1);
    expect(await echo(await plain(watching.local), 'd')).toBe('d');
    expect(watching.context.events.findLast(({ event }) => event === 'accepted')).toMatchObject({
      findings: [{ message: expect.stringContaining('revoked') }],
    });
  });

  test('without validation goes on and says so', async () => {
    const { local, context } = await partner(server, { validation: 'none' });
    expect(await echo(await plain(local), 'alert')).toBe('alert');
    const accepted = context.events.find(({ event }) => event === 'accepted');
    expect(accepted).toMatchObject({ findings: [{ status: 'refused' }] });
  });
});
