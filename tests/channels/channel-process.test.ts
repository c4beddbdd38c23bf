import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { certgateAside, PROGRAM } from '../cli/program.ts';
import type { ChannelIdentity } from '../../src/service/channels/channel-context.ts';
import { Bench, fingerprintOf } from './bench.ts';

const run = promisify(execFile);
let bench: Bench;
let sensor: ChannelIdentity;
let folder: string;
let console_: Server;
let behind: number;
const children: ChildProcess[] = [];
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  bench = await Bench.make();
  sensor = await bench.identity('sensor.contoso.com');
  console_ = createServer((_request: IncomingMessage, response) => response.end('the appliance'));
  await once(console_.listen(0, '127.0.0.1'), 'listening');
  behind = (console_.address() as AddressInfo).port;
});
afterAll(() => console_.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'certgate-channel-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill();
      await once(child, 'exit');
    }
  }
  rmSync(folder, { recursive: true, force: true });
});

function writeIdentity({ tls }: ChannelIdentity): void {
  writeFileSync(at('sensor.crt'), tls.certificates);
  writeFileSync(at('sensor.key'), execFileSync('openssl', ['pkey', '-inform', 'DER'], { input: tls.key }), {
    mode: 0o600,
  });
}

function writeConfig(more = ''): string {
  copyFileSync(join(bench.folder, 'root.crt'), at('root.crt'));
  copyFileSync(join(bench.folder, 'root.crl'), at('root.crl'));
  copyFileSync(join(bench.folder, 'issuing.crl'), at('issuing.crl'));
  const config = `channels:
  - id: console
    kind: console
    listen: 127.0.0.1:0
    target: 127.0.0.1:${behind}
    certificate: sensor.crt
    key: sensor.key
    anchors: [root.crt]
    crl: on
    crls: [root.crl, issuing.crl]
${more}`;
  writeFileSync(at('channels.yaml'), config);
  return at('channels.yaml');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Running {
  readonly port: number;
  readonly child: ChildProcess;
  /** The next event of that kind. */
  event(kind: string): Promise<Record<string, unknown>>;
}

async function start(config: string): Promise<Running> {
  const child = spawn(process.execPath, [PROGRAM, 'channel', 'run', config], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const events: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();
  createInterface(child.stdout).on('line', (line) => {
    events.push(JSON.parse(line));
    for (const wake of waiting) wake();
  });
  const event = async (kind: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const index = events.findIndex((held) => held['event'] === kind);
      if (index !== -1) return events.splice(index, 1)[0]!;
      await new Promise<void>((resolve) => waiting.add(resolve));
    }
  };
  const { at: address } = await event('listening');
  return { child, event, port: (address as { port: number }).port };
}

const curl = async (port: number): Promise<string> => {
  const resolve = `sensor.contoso.com:${port}:127.0.0.1`;
  const args = [
    '-sS',
    '--max-time',
    '5',
    '--cacert',
    at('root.crt'),
    '--resolve',
    resolve,
    `https://sensor.contoso.com:${port}/`,
  ];
  return run('curl', args).then(
    ({ stdout }) => stdout,
    ({ stderr }: { stderr: string }) => stderr,
  );
};

describe('certgate channel run', () => {
  test('serves curl; a CRL that revokes its certificate halts it, a new certificate resumes it', async () => {
    const doomed = await bench.identity('sensor.contoso.com');
    writeIdentity(doomed);
    const config = writeConfig();
    const running = await start(config);
    expect(await curl(running.port)).toBe('the appliance');
    bench.revoke(doomed);
    copyFileSync(join(bench.folder, 'issuing.crl'), at('issuing.crl'));
    const halted = await running.event('halted');
    expect(JSON.stringify(halted)).toContain('revoked');
    expect(await curl(running.port)).not.toBe('the appliance');
    const status = await certgateAside(['channel', 'status', config], folder, {});
    expect(status.code).toBe(1);
    expect(status.stdout).toMatch(/HALTED {2}console/);
    expect(status.stdout.replaceAll(/\s+/g, ' ')).toContain('is revoked');
    writeIdentity(sensor);
    await running.event('resumed');
    expect(await curl(running.port)).toBe('the appliance');
  });

  test('keeps what was in force when a file is half written', async () => {
    writeIdentity(sensor);
    const running = await start(writeConfig());
    writeFileSync(at('sensor.key'), '-----BEGIN PRIVATE KEY-----\nMII');
    expect(await running.event('reload-failed')).toMatchObject({
      channel: 'console',
      problem: expect.stringContaining('sensor.key'),
    });
    expect(await curl(running.port)).toBe('the appliance');
  });

  test('takes in a revocation although a key file is half written', async () => {
    const doomed = await bench.identity('sensor.contoso.com');
    writeIdentity(doomed);
    const running = await start(writeConfig());
    bench.revoke(doomed);
    writeFileSync(at('sensor.key'), '-----BEGIN PRIVATE KEY-----\nMII');
    copyFileSync(join(bench.folder, 'issuing.crl'), at('issuing.crl'));
    expect(JSON.stringify(await running.event('halted'))).toContain('revoked');
    expect(await curl(running.port)).not.toBe('the appliance');
  });

  test('opens an exception for its expired certificate, keeps it over a restart, and ends it', async () => {
    const expired = await bench.identity('sensor.contoso.com', { from: -7_200_000, to: -3_600_000 });
    writeIdentity(expired);
    const config = writeConfig();
    const first = await start(config);
    const override = (...args: string[]) =>
      certgateAside(['channel', 'override', config, 'console', ...args], folder, {});
    const asked = ['--fingerprint', fingerprintOf(expired.chain[0]!), '--overlook', 'date'];
    const short = await override(...asked, '--reason', 'why');
    expect([short.code, short.stderr]).toEqual([2, expect.stringContaining('reason of at least')]);
    const opened = await override(...asked, '--reason', 'renewal comes with change 4711');
    expect([opened.stderr, opened.stdout]).toEqual(['', expect.stringContaining('console overlooks date')]);
    const { id } = (await first.event('override-opened')) as { id: string };
    await first.event('resumed');
    // curl goes by the date, too: it is the channel that is asked about here.
    const insecure = async (port: number): Promise<string> =>
      run('curl', ['-sSk', '--max-time', '5', `https://127.0.0.1:${port}/`]).then(({ stdout }) => stdout, String);
    expect(await insecure(first.port)).toBe('the appliance');
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    const second = await start(config);
    expect(await insecure(second.port)).toBe('the appliance');
    const status = await certgateAside(['channel', 'status', config], folder, {});
    expect(status.stdout).toMatch(new RegExp(`EXCEPTION ${id} until .*: date of`));
    expect((await override('--end', id)).code).toBe(0);
    await second.event('override-closed');
    await second.event('halted');
    expect(await insecure(second.port)).not.toBe('the appliance');
  });

  test('fetches CRLs by itself; a server that is down blocks nothing while they are current', async () => {
    writeIdentity(sensor);
    let up = true;
    const crls = createServer((asked: IncomingMessage, answer) => {
      if (up) answer.end(readFileSync(join(bench.folder, (asked.url ?? '').slice(1))));
      else asked.socket.destroy();
    });
    await once(crls.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(crls.address() as AddressInfo).port}`;
    const config = writeConfig('    crlRefreshMinutes: 0.02\n');
    const text = readFileSync(config, 'utf8');
    writeFileSync(config, text.replace('[root.crl, issuing.crl]', `["${url}/root.crl", "${url}/issuing.crl"]`));
    const first = await start(config);
    expect(await curl(first.port)).toBe('the appliance');
    up = false;
    const { problems } = (await first.event('crl-unreachable')) as { problems: string[] };
    expect(problems.join()).toContain('127.0.0.1');
    expect(await curl(first.port)).toBe('the appliance');
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    // What was fetched is kept: it starts again without the server.
    const second = await start(config);
    expect(await curl(second.port)).toBe('the appliance');
    const doomed = await bench.identity('sensor.contoso.com');
    writeIdentity(doomed);
    while ((await second.event('reloaded'))['what'] !== 'certificate');
    bench.revoke(doomed);
    up = true;
    expect(JSON.stringify(await second.event('halted'))).toContain('revoked');
    crls.close();
  });

  test('says that the clock went back, and believes it when told to', async () => {
    writeIdentity(sensor);
    const config = writeConfig();
    mkdirSync(at('channel-state'));
    writeFileSync(at('channel-state/highest-time'), `${Date.now() + 3_600_000 * 5}\n`);
    const running = await start(config);
    expect(await running.event('clock-untrusted')).toMatchObject({ fix: expect.stringContaining('trust-clock') });
    const status = await certgateAside(['channel', 'status', config], folder, {});
    expect(status.stdout).toContain('CLOCK UNTRUSTED');
    expect((await certgateAside(['channel', 'trust-clock', config], folder, {})).code).toBe(0);
    await running.event('clock-trusted');
  });

  test('tells Prometheus what it did', async () => {
    writeIdentity(sensor);
    const metrics = await freePort();
    const running = await start(writeConfig(`metrics: 127.0.0.1:${metrics}\n`));
    await curl(running.port);
    await running.event('closed');
    const text = await fetch(`http://127.0.0.1:${metrics}/metrics`).then((response) => response.text());
    expect(text).toContain('certgate_channel_handshakes_total{channel="console",result="accepted",reason=""} 1');
    expect(text).toMatch(/certgate_channel_bytes_total\{channel="console",direction="out"\} [1-9]/);
    expect(text).toMatch(/certgate_channel_certificate_expiry_days\{channel="console"\} 0\.9/);
    expect(text).toMatch(/certgate_channel_crl_age_seconds\{channel="console",issuer=".*Issuing CA.*"\} \d/);
    expect(text).toContain('certgate_channel_halted{channel="console"} 0');
  });

  test('says what would be blocked at another time', async () => {
    writeIdentity(sensor);
    const config = writeConfig();
    await start(config);
    const now = await certgateAside(['channel', 'status', config], folder, {});
    expect([now.code, now.stdout]).toEqual([0, expect.stringMatching(/FLOWS {2}console/)]);
    const later = await certgateAside(['channel', 'status', config, '--at', '2050-01-01'], folder, {});
    expect([later.code, later.stdout]).toEqual([1, expect.stringMatching(/WOULD HALT {2}console/)]);
    expect(later.stdout).toContain('expired');
  });

  test('starts again after kill -9, and ends at once when told to', async () => {
    writeIdentity(sensor);
    const config = writeConfig();
    const first = await start(config);
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    const second = await start(config);
    expect(await curl(second.port)).toBe('the appliance');
    second.child.kill('SIGTERM');
    expect((await once(second.child, 'exit'))[0]).toBe(0);
  });

  test.each([
    ['a misspelt key', '    validaton: none\n', 'there is no key validaton. Did you mean validation?'],
    ['a wrong value', '    validation: maybe\n', 'channels.0.validation'],
    ['a missing file', '    chain: nowhere.pem\n', 'nowhere.pem cannot be read: ENOENT'],
  ])('refuses to start on %s, and says which', async (_what, more, message) => {
    writeIdentity(sensor);
    const { code, stderr } = await certgateAside(['channel', 'run', writeConfig(more)], folder, {});
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});
