import { type IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openSystem } from '../../src/app/system.ts';
import type { ServerEvent } from '../../src/http/contract/events.ts';
import { FleetLab } from '../inventory/fleet-lab.ts';
import { headersOf, type InProcess, type Person, signIn, startInProcess } from './running.ts';

let lab: FleetLab;
let running: InProcess;
let admin: Person;
const open: Listening[] = [];

beforeAll(async () => {
  [lab, running] = await Promise.all([
    FleetLab.create({ keys: 3, crlBaseUrl: 'http://crl.lab.example' }),
    startInProcess({ listen: true }),
  ]);
  admin = await signIn(running, 'admin');
  await lab.trust(running.system.services);
  await running.system.services.fleet.fresh(30_000);
}, 30_000);
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});
afterAll(async () => {
  await running.close();
  await lab.close();
});

interface Listening {
  readonly reply: IncomingMessage;
  readonly events: { id: string; event: ServerEvent }[];
  readonly ended: Promise<void>;
  /** The next event that fits, or one that came before. */
  until(fits: (event: ServerEvent) => boolean): Promise<ServerEvent>;
  position(): string;
  close(): void;
}

/** As a browser's EventSource. */
async function listen(headers: Record<string, string>): Promise<Listening> {
  const { port } = running.server.server.address() as AddressInfo;
  const asked = request({
    port,
    host: '127.0.0.1',
    path: '/api/v1/events',
    rejectUnauthorized: false,
    headers: { accept: 'text/event-stream', ...headers },
  });
  asked.on('error', () => {});
  const reply = await new Promise<IncomingMessage>((resolve) => asked.on('response', resolve).end());
  const events: Listening['events'] = [];
  const waiting = new Set<() => void>();
  let [rest, position] = ['', ''];
  reply.setEncoding('utf8').on('data', (chunk: string) => {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop()!;
    for (const block of blocks) {
      position = /^id: (.*)$/m.exec(block)?.[1] ?? position;
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) events.push({ id: position, event: JSON.parse(data) });
    }
    for (const look of waiting) look();
  });
  const ended = new Promise<void>((resolve) => reply.once('close', resolve));
  const listening: Listening = {
    reply,
    events,
    ended,
    position: () => position,
    close: () => asked.destroy(),
    until: (fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = events.find(({ event }) => fits(event));
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found.event);
        };
        waiting.add(look);
        look();
      }),
  };
  open.push(listening);
  return listening;
}

async function upload(name: string, options: { key: number; seconds?: number; crl?: 'on' }) {
  const { services } = running.system;
  const { key, seconds, crl } = options;
  const { id } = await services.appliances.create({ name, hostname: `${name}.contoso.com`, crl: crl ?? 'off' }, 'ada');
  lab.clock.now = Date.now();
  const bundle = lab.bundle(`${name}.contoso.com`, lab.keys[key]!, {
    ...(seconds !== undefined && { days: seconds / 86_400 }),
    ...(crl === 'on' && { crlUrl: 'http://crl.lab.example/issuing.crl' }),
  });
  expect((await services.gate.upload(id, bundle, 'ada')).outcome).toBe('activated');
  return { id, der: Buffer.from(bundle.crt.toString().replaceAll(/-----[^-]+-----|\s/g, ''), 'base64') };
}

const stateOf = async (id: string): Promise<string> => {
  const url = `/api/v1/appliances/${id}/standing`;
  return (await running.server.inject({ url, headers: headersOf(admin) })).json().state;
};

describe('whoever listens', () => {
  test('hears of each change what to read again', async () => {
    const listening = await listen({ cookie: admin.cookie });
    expect(listening.reply.statusCode).toBe(200);
    expect(listening.reply.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    const { statusCode, body } = await running.server.inject({
      method: 'POST',
      url: '/api/v1/appliances',
      headers: headersOf(admin),
      payload: { name: 'heard', hostname: 'heard.contoso.com' },
    });
    expect(statusCode).toBe(201);
    const { id } = JSON.parse(body);
    await listening.until((event) => event.topic === 'appliances' && event.id === id);
    await listening.until((event) => event.topic === 'standing' && event.id === id);
    await listening.until((event) => event.topic === 'audit');
  });

  test('hears when a certificate expires, by time alone', async () => {
    const { id } = await upload('brief', { key: 0, seconds: 4 });
    const listening = await listen({ cookie: admin.cookie });
    expect(['expiring', 'expired']).toContain(await stateOf(id));
    for (let heard = 0; (await stateOf(id)) !== 'expired'; heard++) {
      await listening.until((event) => event.topic === 'standing' && event.id === id);
      listening.events.length = 0;
      expect(heard).toBeLessThan(3);
    }
  });

  test('hears when a CRL comes that revokes one, and that another node did it', async () => {
    const { services } = running.system;
    await upload('seen', { key: 1 });
    lab.ca.newCrls(new Date());
    const crl = (name: string): Buffer => readFileSync(join(lab.folder, 'ca', name));
    await services.crls.add(crl('root.crl'), 'ada');
    await services.crls.add(crl('issuing.crl'), 'ada');
    const { id, der } = await upload('listed', { key: 2, crl: 'on' });
    expect(await stateOf(id)).toBe('ready');
    const listening = await listen({ cookie: admin.cookie });
    lab.ca.record(der, new Date());
    lab.ca.revoke(services.fleet.member(id)!.identity!.serial, 1, new Date());
    lab.ca.newCrls(new Date());
    const otherNode = await openSystem(running.config, pino({ level: 'silent' }));
    try {
      await otherNode.services.crls.add(crl('issuing.crl'), 'grace');
      await listening.until((event) => event.topic === 'standing' && event.id === id);
      expect(listening.events.some(({ event }) => event.topic === 'crls')).toBe(true);
      expect(await stateOf(id)).toBe('revoked');
    } finally {
      await otherNode.store.close();
    }
  });

  test('and was away for a moment hears what he missed; who was away for long is told to read all again', async () => {
    const first = await listen({ cookie: admin.cookie });
    await running.system.services.appliances.create({ name: 'before', hostname: 'before.contoso.com' }, 'ada');
    await first.until((event) => event.topic === 'appliances');
    const position = first.position();
    first.close();
    await running.system.services.partners.create(
      { name: 'siem', host: 'siem.contoso.com', port: 6514 } as never,
      'ada',
    );
    await running.system.services.fleet.fresh();
    const again = await listen({ cookie: admin.cookie, 'last-event-id': position });
    await again.until((event) => event.topic === 'partners');
    const stranger = await listen({ cookie: admin.cookie, 'last-event-id': 'another-7' });
    expect((await stranger.until(() => true)).topic).toBe('all');
  });

  test('hears only what his role may read', async () => {
    const reader = await signIn(running, 'reader');
    const [his, hers] = [await listen({ cookie: reader.cookie }), await listen({ cookie: admin.cookie })];
    await running.system.services.users.create({ name: 'new', password: 'a-long-password', role: 'reader' }, 'ada');
    await running.system.services.appliances.create({ name: 'last', hostname: 'last.contoso.com' }, 'ada');
    await his.until((event) => event.topic === 'appliances');
    await hers.until((event) => event.topic === 'users');
    expect(his.events.filter(({ event }) => event.topic === 'users' || event.topic === 'audit')).toEqual([]);
  });

  test('is let go when his session ends, and when he does not read', async () => {
    const analyst = await signIn(running, 'analyst');
    const listening = await listen({ cookie: analyst.cookie });
    await running.server.inject({ method: 'DELETE', url: '/api/v1/session', headers: headersOf(analyst) });
    await listening.ended;

    const { events } = running.system.services;
    const slow = await listen({ cookie: admin.cookie });
    const before = events.listeners;
    slow.reply.pause();
    for (let i = 0; events.listeners === before; i++) {
      for (let k = 0; k < 500; k++) events.publish([{ topic: 'settings', id: `${i}-${k}`, at: Date.now() }]);
      await new Promise((resolve) => setImmediate(resolve));
      expect(i).toBeLessThan(1000);
    }
  });

  test('must say that he wants a stream, and who he is', async () => {
    const { server } = running;
    expect((await server.inject({ url: '/api/v1/events', headers: headersOf(admin) })).statusCode).toBe(406);
    const accept = { accept: 'text/event-stream' };
    expect((await server.inject({ url: '/api/v1/events', headers: accept })).statusCode).toBe(401);
  });
});
