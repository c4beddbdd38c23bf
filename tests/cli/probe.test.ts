import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresBinaries, startPostgres } from '../peers/postgres.ts';
import { Bench } from '../channels/bench.ts';
import type { ChannelIdentity } from '../../src/service/channels/channel-context.ts';
import { certgateAside } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'certgate-probe-'));
const cleanUp: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
let bench: Bench;
let sensor: ChannelIdentity;
/** Beside this process, which serves what the program asks. */
const certgate = (args: readonly string[]) => certgateAside(args, folder, {});

beforeAll(async () => {
  bench = await Bench.make();
  sensor = await bench.identity('sensor.contoso.com');
});
afterAll(async () => {
  for (const stop of cleanUp.toReversed()) await stop();
});

const listening = async (server: ReturnType<typeof createServer>): Promise<number> => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  cleanUp.push(() => server.close());
  return (server.address() as AddressInfo).port;
};

describe('certgate probe', () => {
  test('judges what a server shows, name and anchors included', async () => {
    const { certificates, key } = sensor.tls;
    const pem = execFileSync('openssl', ['pkey', '-inform', 'DER'], { input: key });
    const port = await listening(createTlsServer({ cert: certificates, key: pem }));
    const trust = ['--trust', join(bench.folder, 'root.crt')];
    const good = await certgate([
      'probe',
      `127.0.0.1:${port}`,
      '--hostname',
      'sensor.contoso.com',
      '--format',
      'json',
      ...trust,
    ]);
    const { tls, reports } = JSON.parse(good.stdout);
    expect(tls).toMatchObject({ protocol: 'TLSv1.3', keyExchange: 'X25519' });
    expect(reports[0]).toMatchObject({ verdict: 'accepted', trust: 'anchors' });
    expect(good.code).toBe(0);
    const other = await certgate(['probe', `127.0.0.1:${port}`, '--hostname', 'other.contoso.com', ...trust]);
    expect(other.code).toBe(1);
    expect(other.stdout.replaceAll(/\s+/g, ' ')).toContain('but the appliance is called "other.contoso.com"');
  });

  test('shows an old TLS version as it is', async () => {
    const { certificates: cert, key } = sensor.tls;
    const pem = execFileSync('openssl', ['pkey', '-inform', 'DER'], { input: key });
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' } as const;
    const port = await listening(createTlsServer({ cert, key: pem, ...old }));
    const { stdout, stderr } = await certgate(['probe', `127.0.0.1:${port}`, '--hostname', 'sensor.contoso.com']);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^TLSv1 · /);
  });

  test('tells apart what does not answer, what speaks no TLS, and what hangs', async () => {
    const plain = await listening(createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    const silent = await listening(createServer((socket) => socket.on('error', () => undefined)));
    const closed = createServer();
    const free = await listening(closed);
    closed.close();
    const outcomes = await Promise.all([
      certgate(['probe', `127.0.0.1:${free}`]),
      certgate(['probe', `127.0.0.1:${plain}`]),
      certgate(['probe', `127.0.0.1:${silent}`, '--timeout', '0.3']),
      certgate(['probe', 'not an address']),
    ]);
    expect(outcomes.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
    expect(outcomes.map(({ stderr }) => stderr)).toEqual([
      expect.stringContaining('Nothing listens'),
      expect.stringContaining('but not with TLS'),
      expect.stringContaining('did not finish within 0.3 s'),
      expect.stringContaining('is no address'),
    ]);
  });

  test.skipIf(postgresBinaries() === undefined)('asks PostgreSQL for TLS first', async () => {
    const ssl = { certificate: sensor.tls.certificates, key: sensor.tls.key };
    const postgres = await startPostgres(postgresBinaries()!, { ssl });
    cleanUp.push(() => postgres.stop());
    const { host } = new URL(postgres.url.replace('postgres:', 'http:'));
    const secured = await certgate([
      'probe',
      host,
      '--starttls',
      'postgres',
      '--hostname',
      'sensor.contoso.com',
      '--format',
      'json',
    ]);
    expect(JSON.parse(secured.stdout).reports[0].findings[0].rule).toBeDefined();
    expect(JSON.parse(secured.stdout).tls.protocol).toBe('TLSv1.3');
    const without = await certgate(['probe', host, '--timeout', '2']);
    expect(without.code).toBe(2);
  });
});
