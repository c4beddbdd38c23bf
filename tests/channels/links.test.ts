import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { Duplex, PassThrough } from 'node:stream';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ChannelLinks } from '../../src/app/channels/channel-links.ts';
import type { Feed } from '../../src/app/channels/feed.ts';
import { FrameSocket } from '../../src/app/channels/frames.ts';
import { InventoryFeed } from '../../src/app/channels/inventory-feed.ts';
import { acceptLocalLinks } from '../../src/app/channels/link-server.ts';
import { openSqliteStore } from '../../src/platform/store/sqlite/sqlite-store.ts';
import { ChannelOverrides } from '../../src/service/inventory/channel-overrides.ts';
import { Channels } from '../../src/service/inventory/channels.ts';
import { Partners } from '../../src/service/inventory/partners.ts';
import { FleetLab, type Inventory, inventoryOn, newSecrets, sensor } from '../inventory/fleet-lab.ts';

// The server's end of the link, upon a real inventory, and whoever may be at the other end.
const secrets = newSecrets();
let lab: FleetLab;
let inventory: Inventory;
let feed: InventoryFeed;
let links: ChannelLinks;
let channels: Channels;
let overrides: ChannelOverrides;
let partners: Partners;
const errors: unknown[] = [];

beforeAll(async () => {
  lab = await FleetLab.create({ keys: 3 });
});
afterAll(async () => {
  await feed.stop();
  await lab.close();
});
beforeEach(async () => {
  await feed?.stop();
  lab.clock.now = Date.now();
  inventory = await lab.inventory({ secrets });
  ({ channels, overrides, partners, feed } = joined(inventory));
  const log = { info: () => undefined, warn: (details: object) => void errors.push(details) };
  links = new ChannelLinks({ feed, crls: inventory.crls, overrides, log });
  await feed.start();
});

function joined(on: Inventory) {
  const { store, audit, appliances } = on;
  const around = {
    partners: new Partners(store, audit),
    overrides: new ChannelOverrides(store, audit),
  };
  const made = new Channels({ store, audit, appliances, partners: around.partners });
  const parts = { ...on, ...around, channelOverrides: around.overrides, channels: made };
  return { ...around, channels: made, feed: new InventoryFeed(parts, (error) => errors.push(error)) };
}

/** Both ends of a connection that nobody else can reach. */
function pair(): [Duplex, Duplex] {
  const [a, b] = [new PassThrough(), new PassThrough()];
  return [Duplex.from({ readable: a, writable: b }), Duplex.from({ readable: b, writable: a })];
}

class Process {
  readonly frames: { t: string; [key: string]: unknown }[] = [];
  readonly socket: FrameSocket;
  closed = false;
  #wake: (() => void) | undefined;

  constructor(node: string | null) {
    const [mine, theirs] = pair();
    links.accept(theirs, { node });
    this.socket = new FrameSocket(mine, {
      longest: 10_000_000,
      onFrame: (frame) => {
        this.frames.push(frame as never);
        this.#wake?.();
      },
      onClose: () => {
        this.closed = true;
        this.#wake?.();
      },
    });
  }

  hello(group = 'all', crls: string[] = []): this {
    this.socket.send({ t: 'hello', group, version: 'test', pid: 4711, crls });
    return this;
  }

  async next(t: string): Promise<Record<string, unknown>> {
    for (;;) {
      const index = this.frames.findIndex((frame) => frame.t === t);
      if (index !== -1) return this.frames.splice(index, 1)[0]!;
      if (this.closed) throw new Error('closed');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async feed(): Promise<Feed> {
    return (await this.next('feed'))['feed'] as Feed;
  }
}

const target = { host: '127.0.0.1', port: 80 };
async function channel(name: string, more: object = {}): Promise<string> {
  const { id } = await sensor(inventory, name);
  const listen = { host: '127.0.0.1', port: 0 };
  return (await channels.create({ name, kind: 'console', listen, target, applianceId: id, ...more }, 'ada')).id;
}
const namesOf = (told: Feed): string[] => told.channels.map(({ name }) => name);

const silent = (channelId: string) => ({
  channelId,
  problem: 'why not',
  listening: null,
  target: null,
  certificate: null,
  findings: [],
  blocked: null,
  connections: 0,
  bytesIn: 0,
  bytesOut: 0,
  handshakes: { accepted: 0, refused: [] },
  crls: [],
  overridden: false,
  hostOverrides: [] as object[],
});
const state = (...told: object[]) => ({ t: 'state', clockTrusted: true, serverAway: null, channels: told, gone: [] });
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

describe('a process', () => {
  test('is told of the channels of its node and kind, and of no others', async () => {
    await channel('here');
    await channel('there', { node: 'plant-2' });
    await channel('ha', { kind: 'ha-listener' });
    expect(namesOf(await new Process(null).hello('console').feed())).toEqual(['here']);
    expect(namesOf(await new Process(null).hello('ha').feed())).toEqual(['ha']);
    expect(namesOf(await new Process('plant-2').hello().feed())).toEqual(['there']);
    expect(namesOf(await new Process('nobody').hello().feed())).toEqual([]);
  });

  test('gets nothing before it says who it is, and what it need not know only once', async () => {
    await channel('here');
    const process = new Process(null);
    await settled();
    expect(process.frames).toEqual([]);
    await process.hello().feed();
    await inventory.audit.record({ actor: 'ada', action: 'user.signed-in', subject: 'user:ada' });
    await feed.refresh();
    await settled();
    expect(process.frames).toEqual([]);
  });

  test('gets CRLs once each, and those that it holds not at all', async () => {
    await channel('here');
    lab.ca.newCrls(new Date());
    await inventory.crls.add(readFileSync(join(lab.folder, 'ca/root.crl')), 'ada');
    const first = new Process(null).hello();
    const { crls } = await first.feed();
    expect(crls).toHaveLength(1);
    const sent = first.frames.filter(({ t }) => t === 'crl').map(({ fingerprint }) => fingerprint);
    expect(sent).toEqual(crls);
    const second = new Process(null).hello('all', [...crls]);
    await second.feed();
    expect(second.frames.filter(({ t }) => t === 'crl')).toEqual([]);
    // It forgets what is not named to it: what was taken away and came again is sent again.
    const [held] = await inventory.crls.list();
    await inventory.crls.remove(held!.id, 'ada');
    expect((await second.feed()).crls).toEqual([]);
    await inventory.crls.add(readFileSync(join(lab.folder, 'ca/root.crl')), 'ada');
    expect((await second.feed()).crls).toEqual(crls);
    expect(second.frames.filter(({ t }) => t === 'crl').map(({ fingerprint }) => fingerprint)).toEqual(crls);
  });

  test('hears of what others changed without a word, within a second', async () => {
    const partner = await partners.create({ name: 'SIEM', host: 'siem.contoso.com', port: 6514 }, 'ada');
    const listen = { host: '127.0.0.1', port: 0 };
    await channels.create({ name: 'To SIEM', kind: 'partner', listen, partnerId: partner.id }, 'ada');
    const process = new Process(null).hello();
    expect((await process.feed()).channels[0]!.settings).not.toHaveProperty('serverName');
    // Another node on the same database.
    const { rows } = await sql<{ file: string }>`pragma database_list`.execute(inventory.store.db);
    const node = await openSqliteStore(rows[0]!.file);
    await joined(inventoryOn(node, { secrets })).partners.update(
      partner.id,
      1,
      { serverName: 'log.contoso.com' },
      'bob',
    );
    expect((await process.feed()).channels[0]!.settings).toHaveProperty('serverName', 'log.contoso.com');
    await node.close();
  });

  test('speaks for its own channels alone', async () => {
    const mine = await channel('mine', { node: 'plant-2' });
    const other = await channel('other');
    const process = new Process('plant-2').hello();
    await process.feed();
    const override = {
      id: 'x',
      overlooks: ['date'],
      fingerprint: 'ab'.repeat(32),
      reason: 'r',
      by: 'root',
      openedAt: 0,
    };
    const hostOverrides = [{ ...override, endsAt: Date.now() + 1e9 }];
    process.socket.send(state(silent(mine), { ...silent(other), hostOverrides }));
    await settled();
    expect(links.ofChannel(mine)?.node).toBe('plant-2');
    expect(links.ofChannel(other)).toBeUndefined();
    expect(await overrides.recent()).toEqual([]);
  });

  test('opened and closed at its own socket, an exception is written down with who it was', async () => {
    const id = await channel('here');
    const process = new Process(null).hello();
    await process.feed();
    const now = Date.now();
    const override = { id: 'h1', overlooks: ['date'], fingerprint: 'ab'.repeat(32), reason: 'why not', by: 'root' };
    process.socket.send(state({ ...silent(id), hostOverrides: [{ ...override, openedAt: now, endsAt: now + 1e6 }] }));
    while ((await overrides.of(id)).length === 0) await settled();
    process.socket.send(state(silent(id)));
    while ((await overrides.of(id))[0]!.closedAt === null) await settled();
    expect((await overrides.of(id))[0]).toMatchObject({
      origin: 'host',
      openedBy: 'host (root)',
      closedBy: 'host (root)',
    });
  });

  test('that closed an exception while nobody listened is believed, and is not told to open it again', async () => {
    const id = await channel('elsewhere');
    const reason = 'renewal comes with change 4711';
    const wish = { overlooks: ['date'], fingerprint: 'ab'.repeat(32), reason, hours: 1 } as const;
    const { id: override } = await overrides.open(id, wish, 'ada');
    const process = new Process(null).hello();
    expect((await process.feed()).channels[0]!.overrides).toMatchObject([{ id: override, closed: false }]);
    process.socket.send(state({ ...silent(id), hostClosed: [override] }));
    expect((await process.feed()).channels[0]!.overrides).toMatchObject([{ id: override, closed: true }]);
    expect((await overrides.of(id))[0]).toMatchObject({ closedBy: 'host' });
  });

  const nonsense: [what: string, bytes: string][] = [
    ['no JSON', 'hello\n'],
    ['an unknown frame', '{"t":"open-sesame"}\n'],
    ['a state that is none', '{"t":"state","channels":[{}]}\n'],
    ['a list', '[]\n'],
    ['null', 'null\n'],
  ];
  test.each(nonsense)('that says nonsense is sent away: %s', async (_what, bytes) => {
    const [mine, theirs] = pair();
    links.accept(theirs, { node: null });
    mine.on('error', () => undefined).resume();
    const ended = new Promise((resolve) => mine.once('close', resolve));
    mine.write(bytes);
    await ended;
    expect(links.links).toEqual([]);
  });

  test('that says too much in one line is sent away before it fills the memory', async () => {
    const [mine, theirs] = pair();
    let over = 0;
    const socket = new FrameSocket(theirs, {
      longest: 1000,
      onFrame: () => expect.unreachable(),
      onClose: () => over++,
    });
    mine.on('error', () => undefined).write('x'.repeat(5000));
    while (over === 0) await settled();
    socket.close();
    expect(over).toBe(1);
  });

  test('that does not answer is not waited for, and one that answers is heard', async () => {
    const id = await channel('here');
    const process = new Process(null).hello();
    await process.feed();
    process.socket.send(state(silent(id)));
    while (links.ofChannel(id) === undefined) await settled();
    const asked = links.ofChannel(id)!.ask({ what: 'connections', channelId: id });
    const { n } = await process.next('ask');
    process.socket.send({ t: 'answer', n, answer: 'this' });
    process.socket.send({ t: 'answer', n: 999, answer: 'to nobody' });
    expect(await asked).toBe('this');
    const unanswered = links.ofChannel(id)!.ask({ what: 'connections', channelId: id });
    process.socket.close();
    await expect(unanswered).rejects.toThrow('gone');
  });
});

test('who is not let in does not keep a connection either, however long he stays', async () => {
  const server = createServer();
  acceptLocalLinks(server, links);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect({ port: (server.address() as AddressInfo).port, allowHalfOpen: true });
  socket.resume().write('GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
  await once(server, 'upgrade');
  // With one of them left this would wait for it.
  await new Promise((resolve) => server.close(resolve));
  socket.destroy();
});

test('what could not be read just then is read again, without another change', async () => {
  await channel('here');
  const process = new Process(null).hello();
  expect((await process.feed()).anchors).toHaveLength(1);
  const { db } = inventory.store;
  await sql`alter table partners rename to partners_away`.execute(db);
  errors.length = 0;
  const [anchor] = await inventory.anchors.list();
  await inventory.anchors.remove(anchor!.id, 'ada');
  while (errors.length === 0) await settled();
  await settled();
  await sql`alter table partners_away rename to partners`.execute(db);
  expect((await process.feed()).anchors).toEqual([]);
  expect(errors).toHaveLength(1);
});

test('a key that cannot be opened stops no other news', async () => {
  const id = await channel('here');
  const appliance = (await channels.byId(id)).applianceId!;
  await inventory.gate.upload(appliance, lab.bundle('here.contoso.com', lab.keys[0]!), 'ada');
  await feed.refresh();
  const process = new Process(null).hello();
  expect((await process.feed()).channels[0]!.identity).not.toBeNull();
  await inventory.gate.upload(appliance, lab.bundle('here.contoso.com', lab.keys[1]!), 'ada');
  const key_sealed = new Uint8Array(200);
  await inventory.store.db.updateTable('identities').set({ key_sealed }).where('state', '=', 'active').execute();
  errors.length = 0;
  const [anchor] = await inventory.anchors.list();
  await inventory.anchors.remove(anchor!.id, 'ada');
  let told = await process.feed();
  while (told.anchors.length > 0) told = await process.feed();
  expect(told.channels[0]!.identity).not.toBeNull();
});
