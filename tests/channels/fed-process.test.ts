import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex, PassThrough } from 'node:stream';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ProcessEvent } from '../../src/app/channels/channel-host.ts';
import { CrlFeed } from '../../src/app/channels/crl-feed.ts';
import { crlFetching } from '../../src/app/crl-fetching.ts';
import { type ChannelOrder, type Feed, sha256Hex, toBase64 } from '../../src/app/channels/feed.ts';
import { FedProcess } from '../../src/app/channels/fed-process.ts';
import { FrameSocket } from '../../src/app/channels/frames.ts';
import { Vault } from '../../src/platform/vault/vault.ts';
import type { ChannelIdentity } from '../../src/service/channels/channel-context.ts';
import { DiallingChannel } from '../../src/service/channels/dialling-channel.ts';
import { Bench, dialPlain, echo, EchoTarget, gone } from './bench.ts';

// One process, whose server is this test.
const HERE = { host: '127.0.0.1', port: 0 };
const HOUR = 3_600_000;
let bench: Bench;
let server: ChannelIdentity;
let folder: string;
let events: ProcessEvent[];
let running: FedProcess | undefined;
let link: FrameSocket | undefined;
let heard: { t: string; crls?: string[] }[];
const cleanUp: (() => unknown)[] = [];

beforeAll(async () => {
  bench = await Bench.make();
  server = await bench.identity('ha.contoso.com');
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'certgate-fed-'));
  events = [];
  heard = [];
});
afterEach(async () => {
  for (const stop of cleanUp.splice(0).toReversed()) await stop();
  await running?.stop();
  running = undefined;
  link?.close();
  rmSync(folder, { recursive: true, force: true });
});

function connect(first: Feed): Duplex {
  const [a, b] = [new PassThrough(), new PassThrough()];
  link = new FrameSocket(Duplex.from({ readable: a, writable: b }), {
    longest: 10_000_000,
    onFrame: (frame) => {
      heard.push(frame as (typeof heard)[number]);
      if (heard.length === 1) tell(first);
    },
    onClose: () => undefined,
  });
  return Duplex.from({ readable: b, writable: a });
}

function tell(feed: Feed): void {
  for (const crl of bench.crls()) {
    link!.send({ t: 'crl', fingerprint: sha256Hex(crl.list.der), der: toBase64(crl.list.der) });
  }
  link!.send({ t: 'feed', feed });
}

const start = async (first: Feed): Promise<void> => {
  running = await FedProcess.start({
    folder,
    vault: new Vault(randomBytes(32), []),
    group: 'all',
    version: 'test',
    connect: async () => connect(first),
    log: (event) => events.push(event),
    onStop: () => undefined,
  });
};

const feedOf = (channels: readonly ChannelOrder[]): Feed => ({
  format: 1,
  at: Date.now(),
  anchors: [toBase64(bench.ca.root.certificate)],
  crls: bench.crls().map(({ list }) => sha256Hex(list.der)),
  crlUrls: [],
  channels,
});

const orderTo = (target: { host: string; port: number }): ChannelOrder => ({
  name: 'Link',
  settings: {
    kind: 'ha-listener',
    id: 'link',
    listen: HERE,
    target,
    validation: 'mandatory',
    crl: 'on',
    limits: { drainMs: HOUR },
  },
  identity: {
    chain: server.chain.map(toBase64),
    key: toBase64(new Uint8Array(server.tls.key)),
  },
  overrides: [],
});

const listening = () => events.flatMap((event) => (event.event === 'listening' ? [event.at] : []));
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
};

async function echoTarget(): Promise<{ host: string; port: number }> {
  const target = new EchoTarget();
  cleanUp.push(() => target.stop());
  return target.start();
}

/** A connection through the link, of a client that shows `client`. */
async function live(client: ChannelIdentity) {
  const lax = { validation: 'none', crl: 'off', serverName: 'ha.contoso.com', limits: { drainMs: 0 } } as const;
  const settings = {
    ...lax,
    id: 'other end',
    kind: 'ha-connector',
    listen: HERE,
    target: listening().at(-1)!,
  } as const;
  const connector = new DiallingChannel(settings, bench.context(client));
  const local = await connector.start();
  cleanUp.push(() => connector.stop());
  const socket = await dialPlain(local);
  cleanUp.push(() => socket.destroy());
  expect(await echo(socket, 'before')).toBe('before');
  return socket;
}

test('what still flows through a listener that has moved or was removed is judged like all the rest', async () => {
  const [here, there] = [await echoTarget(), await echoTarget()];
  await start(feedOf([orderTo(here)]));
  const [one, two, three] = [
    await bench.identity('one.contoso.com'),
    await bench.identity('two.contoso.com'),
    await bench.identity('three.contoso.com'),
  ];
  const [first, second, third] = [await live(one), await live(two), await live(three)];
  tell(feedOf([orderTo(there)]));
  await until(() => listening().length === 2);
  expect(await echo(first, 'it moved')).toBe('it moved');
  bench.revoke(one);
  tell(feedOf([orderTo(there)]));
  await gone(first);
  expect(await echo(second, 'still good')).toBe('still good');
  tell(feedOf([]));
  await until(() => running!.running.length === 0);
  expect(await echo(second, 'it was removed')).toBe('it was removed');
  bench.revoke(two);
  tell(feedOf([]));
  await gone(second);
  expect(await echo(third, 'still good')).toBe('still good');
  bench.revoke(three);
  tell(feedOf([]));
  await gone(third);
});

test('CRLs are asked for through the proxy that is set, and of nobody whom the server would not ask', async () => {
  const asked: string[] = [];
  const proxy = createServer((request, answer) => {
    asked.push(request.url ?? '');
    answer.end(bench.crls()[0]!.list.der);
  });
  proxy.on('connect', ({ url }, socket) => {
    asked.push(url ?? '');
    socket.destroy();
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  cleanUp.push(() => proxy.close());
  const { port } = proxy.address() as AddressInfo;
  const feedBy = (url: string, crlProxy?: string) => {
    const fetching = crlFetching({ crlProxy, crlHosts: [] });
    return new CrlFeed(join(folder, 'fetched'), { urls: [url], everyMs: HOUR, now: Date.now, fetching });
  };
  await feedBy('http://crl.example.com/root.crl', `http://127.0.0.1:${port}`).look([bench.ca.root.certificate], 1);
  expect(asked.join()).toContain('crl.example.com');
  const own = feedBy(`http://127.0.0.1:${port}/root.crl`);
  await own.look([bench.ca.root.certificate], 1);
  expect(own.failures.join()).toContain('loopback');
  expect(asked).toHaveLength(1);
});

test('a CRL that is damaged on disk is not said to be there, and comes again', async () => {
  const [crl] = bench.crls();
  const fingerprint = sha256Hex(crl!.list.der);
  mkdirSync(join(folder, 'crls'), { recursive: true });
  writeFileSync(join(folder, 'crls', `${fingerprint}.crl`), crl!.list.der.subarray(1));
  await start(feedOf([]));
  expect(heard[0]).toMatchObject({ t: 'hello', crls: [] });
  expect(readdirSync(join(folder, 'crls'))).toContain(`${fingerprint}.crl`);
  expect(sha256Hex(readFileSync(join(folder, 'crls', `${fingerprint}.crl`)))).toBe(fingerprint);
});
