import { readdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { ChannelIdentity } from '../../src/service/channels/channel-context.ts';
import { DiallingChannel } from '../../src/service/channels/dialling-channel.ts';
import { ListeningChannel } from '../../src/service/channels/listening-channel.ts';
import { Bench, dialPlain, echo, EchoTarget } from './bench.ts';

export interface Endured {
  readonly swaps: number;
  readonly crlChanges: number;
  /** Connections opened and closed meanwhile, each with an echo that was right. */
  readonly connections: number;
  /** Echoes over the connections that stayed open from beginning to end. */
  readonly echoes: number;
  /** Good connections that did not go on, or answered wrongly. */
  readonly lost: number;
  /** Revoked ones that still carried data after their revocation was known. */
  readonly leaked: number;
  /** File descriptors after it, less those before it. */
  readonly descriptors: number;
  /** Bytes of heap after the first third and at the end, each after collecting where the collector can be called. */
  readonly heap: readonly [number, number];
  readonly ms: number;
}

const HERE = { host: '127.0.0.1', port: 0 };
const COMMON = { id: 'link', listen: HERE, validation: 'mandatory', crl: 'on' } as const;
const STEADY = 20;

const descriptors = (): number => readdirSync('/proc/self/fd').length;

function heap(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed;
}

/** Changes certificates and CRLs of an HA link again and again while it is at work; every other change revokes somebody. */
export async function endure(changes: number, progress: (done: number) => void = () => undefined): Promise<Endured> {
  const bench = await Bench.make();
  const servers = await Promise.all([bench.identity('ha.contoso.com'), bench.identity('ha.contoso.com')]);
  const clients = await Promise.all([bench.identity('sensor.contoso.com'), bench.identity('sensor.contoso.com')]);
  const before = descriptors();
  const target = new EchoTarget();
  const [listening, connecting] = [bench.context(servers[0]), bench.context(clients[0])];
  const limits = { perSourceAMinute: 1_000_000 };
  const settings = { ...COMMON, limits, target: await target.start() };
  const listener = new ListeningChannel({ ...settings, kind: 'ha-listener' }, listening);
  const name = { serverName: 'ha.contoso.com', target: await listener.start() };
  const connector = new DiallingChannel({ ...COMMON, limits, ...name, kind: 'ha-connector' }, connecting);
  const local = await connector.start();

  const tally = { connections: 0, echoes: 0, lost: 0, leaked: 0 };
  const steady = await Promise.all(Array.from({ length: STEADY }, () => dialPlain(local)));
  let working = true;
  const right = async (socket: Socket, text: string): Promise<boolean> => (await echo(socket, text)) === text;
  const talk = async (socket: Socket): Promise<void> => {
    while (working) {
      if (await right(socket, `steady ${tally.echoes}`)) tally.echoes++;
      else return void tally.lost++;
    }
  };
  const come = async (): Promise<void> => {
    while (working) {
      const socket = await dialPlain(local);
      if (await right(socket, `new ${tally.connections}`)) tally.connections++;
      else tally.lost++;
      socket.destroy();
    }
  };
  const load = [...steady.map(talk), come(), come()];
  const started = performance.now();
  let early = 0;
  for (let change = 0; change < changes; change++) {
    listening.held.identity = servers[(change + 1) % 2];
    connecting.held.identity = clients[(change + 1) % 2];
    await Promise.all([listener.renew(), connector.renew()]);
    tally.leaked += await revokeOne(bench, { listening, listener, target: name.target });
    if (change === Math.floor(changes / 3)) early = heap();
    progress(change + 1);
  }
  working = false;
  await Promise.all(load);
  const late = heap();
  for (const socket of steady) socket.destroy();
  await Promise.all([connector.stop(), listener.stop()]);
  target.stop();
  await new Promise((resolve) => setTimeout(resolve, 200));
  listening.events.length = connecting.events.length = 0;
  const ms = Math.round(performance.now() - started);
  return {
    swaps: changes,
    crlChanges: changes,
    ...tally,
    descriptors: descriptors() - before,
    heap: [early, late],
    ms,
  };
}

/** Somebody connects, is revoked, and must be gone with the change of the CRL. @returns 1 where he is not */
async function revokeOne(
  bench: Bench,
  link: {
    listening: ReturnType<Bench['context']>;
    listener: ListeningChannel;
    target: { host: string; port: number };
  },
): Promise<number> {
  const doomed: ChannelIdentity = await bench.identity('doomed.contoso.com');
  const context = bench.context(doomed);
  context.held.trust = link.listening.held.trust;
  const settings = { ...COMMON, kind: 'ha-connector', serverName: 'ha.contoso.com', target: link.target } as const;
  const connector = new DiallingChannel(settings, context);
  const socket = await dialPlain(await connector.start());
  const before = await echo(socket, 'before');
  bench.revoke(doomed);
  link.listening.held.trust = bench.trust();
  await link.listener.renew();
  const after = await echo(socket, 'after');
  socket.destroy();
  await connector.stop();
  return before === 'before' && after === '' ? 0 : 1;
}
