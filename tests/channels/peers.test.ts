import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ChannelIdentity } from '../../src/service/channels/channel-context.ts';
import { DiallingChannel } from '../../src/service/channels/dialling-channel.ts';
import { ListeningChannel } from '../../src/service/channels/listening-channel.ts';
import { postgresBinaries, startPostgres } from '../peers/postgres.ts';
import { startRsyslog } from '../peers/rsyslog.ts';
import { requires } from '../requires.ts';
import { Bench, dialPlain, EchoTarget, gone, pemKey } from './bench.ts';

/** Programs of other people at the ends of our channels. */

const run = promisify(execFile);
const HERE = { host: '127.0.0.1', port: 0 };
const COMMON = { id: 'link', listen: HERE, validation: 'mandatory', crl: 'on' } as const;
let bench: Bench;
let sensor: ChannelIdentity;
let server: ChannelIdentity;
const cleanUp: (() => unknown)[] = [];

beforeAll(async () => {
  bench = await Bench.make();
  [sensor, server] = await Promise.all([bench.identity('sensor.contoso.com'), bench.identity('ha.contoso.com')]);
});
afterEach(async () => {
  for (const stop of cleanUp.splice(0).toReversed()) await stop();
});

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
};

async function ha(target: { host: string; port: number }, client: ChannelIdentity) {
  const context = bench.context(server);
  const listener = new ListeningChannel({ ...COMMON, kind: 'ha-listener', target }, context);
  // Another address of this host stands for the other machine.
  const at = await listener.start();
  const settings = { ...COMMON, kind: 'ha-connector', target: at, serverName: 'ha.contoso.com' } as const;
  const connector = new DiallingChannel(settings, bench.context(client));
  const local = await connector.start();
  cleanUp.push(
    () => listener.stop(),
    () => connector.stop(),
  );
  return { local, listener, connector, context };
}

describe.skipIf(postgresBinaries() === undefined)('PostgreSQL through an HA link', () => {
  test('a base backup and then its log stream through, until the certificate is revoked', async () => {
    const bin = postgresBinaries()!;
    const postgres = await startPostgres(bin);
    cleanUp.push(() => postgres.stop());
    const folder = mkdtempSync(join(tmpdir(), 'certgate-replica-'));
    cleanUp.push(() => rmSync(folder, { recursive: true, force: true }));
    const port = Number(new URL(postgres.url.replace('postgres:', 'http:')).port);
    const doomed = await bench.identity('replica.contoso.com');
    const { local, listener, context } = await ha({ host: '127.0.0.1', port }, doomed);
    const through = ['-h', local.host, '-p', `${local.port}`, '-U', 'certgate'];
    await run(join(bin, 'pg_basebackup'), [...through, '-D', join(folder, 'data'), '-X', 'stream', '-c', 'fast', '-N']);
    expect(readFileSync(join(folder, 'data/PG_VERSION'), 'utf8')).toMatch(/^\d+/);

    const receiver = spawn(join(bin, 'pg_receivewal'), [...through, '-D', folder, '--no-loop', '-n']);
    cleanUp.push(() => receiver.kill());
    const ended = once(receiver, 'exit');
    await until(() => listener.core.connections.size > 0);
    const carried = (): number => listener.core.connections.list()[0]?.traffic().bytesOut ?? 0;
    await run(join(bin, 'psql'), [postgres.url, '-c', 'create table t as select generate_series(1, 20000)']);
    await until(() => carried() > 1_000_000);
    bench.revoke(doomed);
    context.held.trust = bench.trust();
    await listener.renew();
    expect((await ended)[0]).not.toBe(0);
    const closed = context.events.findLast(({ event }) => event === 'closed');
    expect(closed).toMatchObject({ reason: expect.stringContaining('revoked') });
    const refused = await run(join(bin, 'pg_receivewal'), [...through, '-D', folder, '--no-loop', '-n']).catch(String);
    expect(refused).toContain('server closed the connection');
    expect(listener.core.connections.size).toBe(0);
  });
});

describe.skipIf(!requires('rsyslogd'))('rsyslog as a partner', () => {
  async function partner(identity: ChannelIdentity, more: object = {}, demandsClientCertificate = false) {
    const rsyslog = await startRsyslog({
      certificates: identity.tls.certificates,
      key: pemKey(identity),
      authorities: readFileSync(join(bench.folder, 'root.crt'), 'utf8'),
      demandsClientCertificate,
    });
    cleanUp.push(() => rsyslog.stop());
    const context = bench.context(sensor);
    const settings = { ...COMMON, target: { host: '127.0.0.1', port: rsyslog.port }, serverName: 'siem.contoso.com' };
    const channel = new DiallingChannel({ ...settings, kind: 'partner', ...more }, context);
    const local = await channel.start();
    cleanUp.push(() => channel.stop());
    const send = async (text: string) => {
      const socket = await dialPlain(local);
      cleanUp.push(() => socket.destroy());
      socket.resume().write(`<13>1 2026-01-01T00:00:00Z sensor certgate - - - ${text}\n`);
      return socket;
    };
    return { rsyslog, send, context, channel };
  }

  test('gets the alerts, until its certificate expires', async () => {
    const brief = await bench.identity('siem.contoso.com', { from: -1000, to: 4000 });
    const { rsyslog, send } = await partner(brief);
    const socket = await send('first alert');
    await until(() => rsyslog.received().includes('first alert'));
    await gone(socket);
    await gone(await send('second alert'));
    expect(rsyslog.received()).not.toContain('second alert');
  });

  test('of another name gets nothing', async () => {
    const { rsyslog, send, context } = await partner(await bench.identity('other.contoso.com'));
    await gone(await send('an alert'));
    expect(rsyslog.received()).not.toContain('an alert');
    expect(context.events).toMatchObject([{ event: 'refused', reason: 'peer-certificate' }]);
  });

  test('that asks for a certificate is shown ours', async () => {
    const siem = await bench.identity('siem.contoso.com');
    const with_ = await partner(siem, { clientCertificate: true }, true);
    await with_.send('signed alert');
    await until(() => with_.rsyslog.received().includes('signed alert'));
    const without = await partner(siem, {}, true);
    await gone(await without.send('unsigned alert'));
    expect(without.rsyslog.received()).not.toContain('unsigned alert');
  });
});

describe.skipIf(!requires('openssl', 'curl'))('openssl and curl at a console', () => {
  async function console_() {
    const target = new EchoTarget();
    const behind = await target.start();
    const context = bench.context(sensor);
    const channel = new ListeningChannel({ ...COMMON, kind: 'console', target: behind }, context);
    const { port } = await channel.start();
    cleanUp.push(
      () => target.stop(),
      () => channel.stop(),
    );
    return { port, target, context };
  }
  const s_client = (port: number, ...args: string[]) =>
    new Promise<string>((resolve) => {
      const root = join(bench.folder, 'root.crt');
      const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-CAfile', root, ...args]);
      let text = '';
      for (const stream of [client.stdout, client.stderr])
        stream.on('data', (part: Buffer) => (text += part.toString()));
      client.once('close', () => resolve(text));
      client.stdin.end('Q\n');
    });

  test('openssl verifies its chain by the root alone, in both versions', async () => {
    const { port } = await console_();
    for (const version of ['-tls1_2', '-tls1_3']) {
      const text = await s_client(port, version, '-verify_hostname', 'sensor.contoso.com');
      expect(text).toContain('Verification: OK');
      expect(text).toMatch(/Cipher is (TLS_AES|TLS_CHACHA20|ECDHE)/);
    }
  });

  test('neither TLS 1.1, nor CBC, nor static RSA, nor renegotiation', async () => {
    const { port, target, context } = await console_();
    const tries = [
      ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'],
      ['-tls1_2', '-cipher', 'ECDHE-RSA-AES128-SHA256'],
      ['-tls1_2', '-cipher', 'AES128-GCM-SHA256'],
    ];
    for (const args of tries) expect(await s_client(port, ...args)).toContain('Cipher is (NONE)');
    expect(await s_client(port, '-tls1_2')).toContain('Secure Renegotiation IS supported');
    const refused = context.events.flatMap((event) => (event.event === 'refused' ? [event] : []));
    expect(refused.map(({ reason }) => reason)).toEqual(['handshake', 'handshake', 'handshake']);
    for (const { problem } of refused) expect(problem).toMatch(/unsupported protocol|no shared cipher/);
    expect(target.received).toBe(0);
  });
});
