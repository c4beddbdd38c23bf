import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Trust } from '../../src/platform/tls/trust.ts';
import {
  BreakGlass,
  type Override,
  type OverrideEvent,
  type OverrideRequest,
} from '../../src/service/channels/break-glass.ts';
import type { ChannelIdentity } from '../../src/service/channels/channel-context.ts';
import { DiallingChannel } from '../../src/service/channels/dialling-channel.ts';
import { ListeningChannel } from '../../src/service/channels/listening-channel.ts';
import { MonotonicClock } from '../../src/service/channels/trusted-time.ts';
import { Bench, dialPlain, echo, EchoTarget, fingerprintOf, gone, type TestContext } from './bench.ts';

const HERE = { host: '127.0.0.1', port: 0 };
const HOUR = 3_600_000;
const COMMON = { id: 'link', listen: HERE, validation: 'mandatory', crl: 'on' } as const;
let bench: Bench;
let server: ChannelIdentity;
let target: EchoTarget;
let behind: { host: string; port: number };
const cleanUp: (() => unknown)[] = [];

beforeAll(async () => {
  bench = await Bench.make();
  server = await bench.identity('ha.contoso.com');
});
beforeEach(async () => {
  target = new EchoTarget();
  behind = await target.start();
  cleanUp.push(() => target.stop());
});
afterEach(async () => {
  for (const stop of cleanUp.splice(0).toReversed()) await stop();
});

/** An HA link whose connecting end shows `client`. */
async function link(client: ChannelIdentity, { ahead = { ms: 0 }, allow = {} } = {}) {
  const context = bench.context(server, ahead);
  const listener = new ListeningChannel({ ...COMMON, kind: 'ha-listener', target: behind, allow }, context);
  const at = await listener.start();
  // The end that connects judges nothing of its own, so that it is the listener that decides.
  const lax = { validation: 'none', serverName: 'ha.contoso.com' } as const;
  const connector = new DiallingChannel({ ...COMMON, ...lax, kind: 'ha-connector', target: at }, bench.context(client));
  const local = await connector.start();
  cleanUp.push(
    () => listener.stop(),
    () => connector.stop(),
  );
  const says = async (text: string): Promise<string> => {
    const socket = await dialPlain(local);
    cleanUp.push(() => socket.destroy());
    return echo(socket, text);
  };
  return { context, listener, local, says };
}

const request = ({ chain }: ChannelIdentity, overlooks: OverrideRequest['overlooks']): OverrideRequest => ({
  channel: 'link',
  overlooks,
  fingerprint: fingerprintOf(chain[0]!),
  reason: 'renewal comes with change 4711',
  by: 'root',
});

const glassOf = ({ breakGlass }: TestContext): BreakGlass => breakGlass;

describe('an exception', () => {
  test('lets in the one certificate that it names, and closes its connections at its end', async () => {
    const ahead = { ms: 0 };
    const expired = await bench.identity('sensor.contoso.com', { from: -2 * HOUR, to: -HOUR });
    const other = await bench.identity('other.contoso.com', { from: -2 * HOUR, to: -HOUR });
    const { context, says, local, listener } = await link(expired, { ahead });
    expect(await says('closed')).toBe('');
    glassOf(context).open(request(expired, ['date']));
    const socket = await dialPlain(local);
    expect(await echo(socket, 'open')).toBe('open');
    expect(context.events.at(-1)).toMatchObject({ event: 'accepted', override: expect.any(String) });
    expect(listener.core.admitPeer(other.chain).admitted).toBe(false);
    ahead.ms = HOUR + 1000;
    await gone(socket);
    expect(context.events.at(-1)).toMatchObject({ event: 'closed', reason: expect.stringContaining('expired') });
    expect(await says('closed again')).toBe('');
  });

  test('overlooks nothing that it does not name', async () => {
    const expired = await bench.identity('sensor.contoso.com', { from: -2 * HOUR, to: -HOUR });
    const { context, listener } = await link(expired);
    glassOf(context).open(request(expired, ['chain', 'stale-crl']));
    expect(listener.core.admitPeer(expired.chain).admitted).toBe(false);
  });

  test('overlooks a stale CRL and an unknown chain', async () => {
    const sensor = await bench.identity('sensor.contoso.com');
    const { context, listener } = await link(sensor);
    context.held.trust = new Trust([bench.ca.root.certificate], []);
    expect(listener.core.admitPeer(sensor.chain).admitted).toBe(false);
    glassOf(context).open(request(sensor, ['stale-crl']));
    expect(listener.core.admitPeer(sensor.chain).admitted).toBe(true);
    const foreign = await Bench.make();
    context.held.trust = new Trust([foreign.ca.root.certificate], []);
    expect(listener.core.admitPeer(sensor.chain).admitted).toBe(false);
    glassOf(context).open(request(sensor, ['chain']));
    expect(listener.core.admitPeer(sensor.chain).admitted).toBe(true);
  });

  test('never lets in a revoked certificate, a wrong name, one not on the allow-list, or none', async () => {
    const doomed = await bench.identity('doomed.contoso.com', { from: -2 * HOUR, to: -HOUR });
    bench.revoke(doomed);
    const everything = ['date', 'stale-crl', 'chain'] as const;
    const allowed = await link(doomed);
    glassOf(allowed.context).open(request(doomed, everything));
    expect(allowed.listener.core.admitPeer(doomed.chain).admitted).toBe(false);
    // Nor where the list that names it is stale, or of a CA that is trusted no longer.
    allowed.context.held.trust = new Trust([], bench.crls());
    expect(allowed.listener.core.admitPeer(doomed.chain).admitted).toBe(false);
    expect(allowed.listener.core.admitPeer([]).admitted).toBe(false);

    const expired = await bench.identity('sensor.contoso.com', { from: -2 * HOUR, to: -HOUR });
    const unlisted = await link(expired, { allow: { commonNames: ['somebody-else.contoso.com'] } });
    glassOf(unlisted.context).open(request(expired, everything));
    expect(unlisted.listener.core.admitPeer(expired.chain).admitted).toBe(false);

    const context = bench.context(undefined);
    const names = { serverName: 'another.contoso.com', target: { host: '127.0.0.1', port: 1 } };
    const partner = new DiallingChannel({ ...COMMON, kind: 'partner', ...names }, context);
    glassOf(context).open(request(expired, everything));
    expect(partner.core.admitPeer(expired.chain).admitted).toBe(false);
  });

  test('for our own certificate opens the halted channel, and its end halts it again', async () => {
    const expired = await bench.identity('ha.contoso.com', { from: -2 * HOUR, to: -HOUR });
    const context = bench.context(expired);
    const settings = { ...COMMON, kind: 'console', target: behind } as const;
    const channel = new ListeningChannel(settings, context);
    await channel.start();
    cleanUp.push(() => channel.stop());
    expect(channel.core.halted).toBe(true);
    const { id } = glassOf(context).open(request(expired, ['date']));
    channel.core.sweep();
    expect(channel.core.halted).toBe(false);
    expect(channel.core.ownFindings[0]!.message).toContain('expired');
    glassOf(context).close(id);
    channel.core.sweep();
    expect(channel.core.halted).toBe(true);
  });

  test('is refused without a reason, for more than a day, and for what cannot be overlooked', async () => {
    const sensor = await bench.identity('sensor.contoso.com');
    const glass = glassOf(bench.context(server));
    const good = request(sensor, ['date']);
    expect(() => glass.open({ ...good, reason: 'because' })).toThrow('reason');
    expect(() => glass.open({ ...good, hours: 25 })).toThrow('24 hours at most');
    expect(() => glass.open({ ...good, hours: Number.NaN })).toThrow('24 hours at most');
    expect(() => glass.open({ ...good, fingerprint: 'abc' })).toThrow('64 hex digits');
    expect(() => glass.open({ ...good, overlooks: ['revoked' as never] })).toThrow('nothing else');
  });

  test('survives a restart and a clock set back, and ends after its hour all the same', () => {
    const time = { clock: Date.now(), elapsed: 0 };
    const sources = { clock: () => time.clock, elapsed: () => time.elapsed };
    const events: OverrideEvent[] = [];
    let file: readonly Override[] = [];
    let highest = 0;
    const boot = (): BreakGlass => {
      const clock = new MonotonicClock(highest, (seen) => (highest = seen), sources);
      return new BreakGlass(file, { clock, keep: (open) => (file = open), log: (event) => events.push(event) });
    };
    const chain = [server.chain[0]!];
    const before = boot();
    const override = before.open(request({ ...server, chain }, ['date']));
    const began = time.clock;
    time.clock = 0;
    time.elapsed += HOUR / 2;
    expect(before.expire()).toBe(false);
    const again = boot();
    expect(again.of('link')).toEqual([override]);
    time.elapsed += HOUR / 2 + 60_000;
    expect(again.expire()).toBe(true);
    expect(again.of('link')).toEqual([]);
    expect(file).toEqual([]);
    time.clock = began;
    expect(boot().of('link')).toEqual([]);
    expect(events.map(({ event }) => event)).toEqual(['override-opened', 'override-closed']);
  });

  test('of the server is opened, keeps its end, and is closed as the server says', () => {
    const time = { clock: Date.now(), elapsed: 0 };
    const clock = new MonotonicClock(0, undefined, { clock: () => time.clock, elapsed: () => time.elapsed });
    const events: string[] = [];
    let file: readonly Override[] = [];
    const ports = {
      clock,
      keep: (open: readonly Override[]) => (file = open),
      log: ({ event }: OverrideEvent) => events.push(event),
    };
    const glass = new BreakGlass(file, ports);
    const mine = glass.open(request(server, ['chain']));
    const wish = { ...request(server, ['date']), hours: 1 };
    const order = { ...wish, id: 'ordered', closed: false, remainingMs: HOUR };
    expect(glass.follow([order])).toBe(true);
    expect(glass.of('link')).toMatchObject([
      { id: mine.id },
      { id: 'ordered', endsAt: time.clock + HOUR, origin: 'server' },
    ]);
    time.clock += HOUR / 2;
    time.elapsed += HOUR / 2;
    // Told again, and with whatever time: it keeps the end that it was given.
    expect(glass.follow([{ ...order, remainingMs: 5 * HOUR }])).toBe(false);
    const restarted = new BreakGlass(file, ports);
    expect(restarted.follow([{ ...order, closed: true }])).toBe(true);
    // What was opened at this host the server need not know.
    expect(restarted.of('link')).toMatchObject([{ id: mine.id }]);
    expect(restarted.follow([{ ...order, id: 'second', remainingMs: 100 * HOUR }])).toBe(true);
    expect(restarted.of('link').find(({ id }) => id === 'second')?.endsAt).toBe(time.clock + HOUR);
    expect(restarted.follow([])).toBe(true);
    expect(restarted.of('link').map(({ id }) => id)).toEqual([mine.id]);
    // The server's clock was set back: what is over here stays over.
    restarted.follow([{ ...order, id: 'third', remainingMs: 1000 }]);
    time.clock += HOUR;
    time.elapsed += HOUR;
    expect(restarted.expire()).toBe(true);
    expect(restarted.follow([{ ...order, id: 'third', remainingMs: HOUR }])).toBe(false);
    expect(events.filter((event) => event === 'override-opened')).toHaveLength(4);
    expect(events.filter((event) => event === 'override-closed')).toHaveLength(4);
  });

  test('closed here stays closed, whatever the server orders, and over a restart', () => {
    const time = { clock: Date.now() };
    const clock = new MonotonicClock(0, undefined, { clock: () => time.clock, elapsed: () => 0 });
    let file: readonly Override[] = [];
    const ports = { clock, keep: (open: readonly Override[]) => (file = open), log: () => undefined };
    const glass = new BreakGlass(file, ports);
    const mine = glass.open(request(server, ['chain']));
    const order = { ...request(server, ['date']), hours: 1, id: 'ordered', closed: false, remainingMs: HOUR };
    glass.follow([order]);
    expect(glass.close('ordered')).toBe(true);
    expect(glass.close(mine.id)).toBe(true);
    // The server has not heard of it yet.
    const both = [order, { ...order, id: mine.id }];
    expect(glass.follow(both)).toBe(false);
    const restarted = new BreakGlass(file, ports);
    expect(restarted.follow(both)).toBe(false);
    expect(restarted.of('link')).toEqual([]);
    expect(restarted.closedOf('link').map(({ id }) => id)).toEqual(['ordered', mine.id]);
    time.clock += HOUR;
    restarted.expire();
    expect(restarted.closedOf('link')).toEqual([]);
    expect(restarted.follow(both)).toBe(false);
  });

  test('closes on a full disk, too, and opens none there', () => {
    const time = { clock: Date.now() };
    const clock = new MonotonicClock(0, undefined, { clock: () => time.clock, elapsed: () => 0 });
    let file: readonly Override[] = [];
    let full = false;
    const keep = (open: readonly Override[]): void => {
      if (full) throw new Error('ENOSPC');
      file = open;
    };
    const glass = new BreakGlass([], { clock, keep, forget: () => (file = []), log: () => undefined });
    const first = glass.open(request(server, ['date']));
    glass.open(request(server, ['chain']));
    full = true;
    expect(() => glass.open(request(server, ['stale-crl']))).toThrow('ENOSPC');
    expect(file).toHaveLength(2);
    expect(glass.close(first.id)).toBe(true);
    expect(glass.of('link').map(({ overlooks }) => overlooks)).toEqual([['chain']]);
    expect(file).toEqual([]);
    time.clock += HOUR;
    expect(glass.expire()).toBe(true);
    expect(glass.of('link')).toEqual([]);
  });

  test('opened while the clock was ahead lasts no longer once it is right again', () => {
    const time = { clock: Date.now() + 10_000 * HOUR, elapsed: 0 };
    const clock = new MonotonicClock(0, undefined, { clock: () => time.clock, elapsed: () => time.elapsed });
    let file: readonly Override[] = [];
    const ports = { clock, keep: (open: readonly Override[]) => (file = open), log: () => undefined };
    const glass = new BreakGlass(file, ports);
    glass.open(request(server, ['date']));
    time.clock -= 10_000 * HOUR;
    clock.accept();
    // Without the time that was kept beside it, too.
    expect(new BreakGlass(file, ports).of('link')[0]!.endsAt).toBe(time.clock + HOUR);
    glass.clockWentBack(10_000 * HOUR);
    expect(glass.of('link')[0]!.endsAt).toBe(time.clock + HOUR);
    expect(file[0]!.endsAt).toBe(time.clock + HOUR);
  });
});
