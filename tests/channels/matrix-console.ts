import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { Bench } from './bench.ts';
import { ChannelRun, Tap } from './field.ts';
import { comesUninvited, ended, expiringSoon, IMPATIENT, s_client, TLS_1_0, whyOf } from './matrix-peers.ts';
import type { MatrixCrls } from './matrix-crls.ts';

const HOST = 'sensor.contoso.com';
const IDS = [
  'good',
  'expired',
  'revoked',
  'crl-held',
  'crl-none',
  'anchor',
  'name',
  'tls10',
  'garbage',
  'halfOpen',
  'slow',
];

/** Consoles: curl and Chromium outside, an appliance's web server inside. */
export class ConsoleField {
  readonly #bench: Bench;
  readonly #crls: MatrixCrls;
  readonly #run: ChannelRun;
  readonly #inside = new Map<string, Tap>();
  readonly #appliance = createServer((asked, answer) => {
    if (asked.url !== '/stream') return void answer.end('<title>the appliance</title>');
    answer.write('<title>a stream</title>');
    stream(answer);
  });
  #chromium!: Browser;

  constructor(bench: Bench, crls: MatrixCrls) {
    this.#bench = bench;
    this.#crls = crls;
    this.#run = new ChannelRun(bench);
  }

  async start(): Promise<void> {
    await once(this.#appliance.listen(0, '127.0.0.1'), 'listening');
    const behind = { host: '127.0.0.1', port: (this.#appliance.address() as AddressInfo).port };
    const sensor = await this.#bench.identity(HOST);
    const doomed = await this.#bench.identity(HOST);
    this.#doomed = doomed;
    for (const id of IDS) {
      const tap = await Tap.start(behind);
      this.#inside.set(id, tap);
      const urls = id === 'crl-held' ? this.#crls.urls('console') : id === 'crl-none' ? this.#crls.dead : undefined;
      this.#run.add({
        id,
        kind: 'console',
        target: tap.at,
        identity: id === 'revoked' ? doomed : sensor,
        ...(urls !== undefined && { crls: urls }),
        more: ['http: true', ...(urls === undefined ? [] : ['crlRefreshMinutes: 0.02']), ...IMPATIENT],
      });
    }
    const browser = chromium.launch({
      executablePath: '/usr/bin/chromium',
      // As root, in a container, there is no sandbox to be had.
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', `--host-resolver-rules=MAP ${HOST} 127.0.0.1`],
    });
    [this.#chromium] = await Promise.all([browser, this.#run.start()]);
  }
  #doomed!: Awaited<ReturnType<Bench['identity']>>;

  async stop(): Promise<void> {
    await this.#chromium?.close();
    await this.#run.stop();
    for (const tap of this.#inside.values()) tap.stop();
    this.#appliance.closeAllConnections();
    this.#appliance.close();
  }

  #url = (id: string, path = '/', host = HOST): string => `https://${host}:${this.#run.at(id).port}${path}`;

  #curlArgs(id: string, path?: string, host?: string): string[] {
    const resolve = ['--resolve', `${host ?? HOST}:${this.#run.at(id).port}:127.0.0.1`];
    return ['-sSN', '--cacert', join(this.#bench.folder, 'root.crt'), ...resolve, this.#url(id, path, host)];
  }

  curl = (id: string) => ended('curl', this.#curlArgs(id));

  /** A window in which the CA of this test is as good as any; its own store is not ours to change. */
  async page(trusting = true): Promise<Page> {
    const context = await this.#chromium.newContext({ ignoreHTTPSErrors: trusting });
    return context.newPage();
  }

  /** What the page's title is, or why there is none. */
  async browse(page: Page, id: string): Promise<string> {
    return page.goto(this.#url(id)).then(
      () => page.title(),
      (error: Error) => error.message.split('\n')[0]!,
    );
  }

  async #flows(id: string): Promise<void> {
    expect(await this.curl(id)).toEqual({ code: 0, said: '<title>the appliance</title>' });
    const page = await this.page();
    expect(await this.browse(page, id)).toBe('the appliance');
    await page.context().close();
  }

  /** Nobody gets in: neither curl nor Chromium, and nothing of them reaches the appliance. */
  async #blocked(id: string): Promise<void> {
    const tap = this.#inside.get(id)!;
    const [connections, bytes] = [tap.connections, tap.forth];
    const { code, said } = await this.curl(id);
    // 35: no handshake; 56: reset in it.
    expect([35, 56], said).toContain(code);
    const page = await this.page();
    expect(await this.browse(page, id)).toMatch(/net::ERR_(CONNECTION|SOCKET|EMPTY)/);
    await page.context().close();
    expect([tap.connections, tap.forth]).toEqual([connections, bytes]);
    await this.#run.line(id, 'refused', ({ reason }) => reason === 'own-certificate');
  }

  /** Downloads of both that go on until `strike`, and then no longer. @returns why; undefined: they never went on */
  async #cutOff(id: string, strike: () => Promise<void> | void): Promise<string | undefined> {
    const page = await this.page();
    await this.browse(page, id);
    const curl = spawn('curl', this.#curlArgs(id, '/stream'), { stdio: ['ignore', 'pipe', 'ignore'] });
    const over = once(curl, 'close');
    // By curl's own judgement it may be over a second earlier.
    const begun = await Promise.race([once(curl.stdout, 'data').then(() => true), over.then(() => false)]);
    if (!begun) return undefined;
    curl.stdout.resume();
    const reading = page.evaluate(async () => {
      const { body } = await fetch('/stream');
      const reader = body!.getReader();
      await reader.read();
      document.title = 'it flows';
      const read = (): Promise<string> =>
        reader.read().then(
          ({ done }) => (done ? 'ended' : read()),
          (error: Error) => `cut off: ${error.message}`,
        );
      return read();
    });
    const flowing = page.waitForFunction(() => document.title === 'it flows').then(() => true);
    const failed = reading.then(
      () => false,
      () => false,
    );
    if (!(await Promise.race([flowing, failed]))) return undefined;
    await strike();
    const closed = await this.#run.line(id, 'closed', ({ verdict }) => verdict !== undefined);
    // 18: less than was announced; 56: reset.
    expect([18, 56]).toContain((await over)[0]);
    expect(await reading).toContain('cut off');
    await page.context().close();
    await this.#blocked(id);
    return closed.reason;
  }

  good = () => this.#flows('good');

  expired = async (): Promise<void> => {
    let shown = 0;
    await expiringSoon(this.#bench, HOST, async (brief) => {
      this.#run.show('expired', brief);
      await this.#run.line('expired', 'reloaded', ({ what }) => what === 'certificate', ++shown);
      // Its end is the strike.
      const why = await this.#cutOff('expired', () => undefined);
      if (why !== undefined) expect(why).toContain('expired');
      return why !== undefined;
    });
  };

  revoked = async (): Promise<void> => {
    const why = await this.#cutOff('revoked', () => {
      this.#bench.revoke(this.#doomed);
      this.#run.put('revoked', 'issuing.crl');
    });
    expect(why).toContain('revoked');
  };

  crlServerDown = async (): Promise<void> => {
    await this.#flows('crl-held');
    this.#crls.down('console');
    expect((await this.#run.line('crl-held', 'crl-unreachable'))['problems'].join()).toContain('127.0.0.1');
    await this.#flows('crl-held');
    // And where none was ever held:
    expect(whyOf(await this.#run.line('crl-none', 'halted'))).toContain('revoked cannot be told');
    await this.#blocked('crl-none');
  };

  anchorRemoved = async (other: Bench): Promise<void> => {
    const why = await this.#cutOff('anchor', () => this.#run.put('anchor', 'root.crt', other));
    expect(why).toContain('"Channel Lab Root CA", which issued "Channel Lab Issuing CA", is missing');
  };

  wrongName = async (): Promise<void> => {
    const { code } = await ended('curl', this.#curlArgs('name', '/', 'other.contoso.com'));
    expect(code).toBe(60);
    const page = await this.page(false);
    expect(await this.browse(page, 'name')).toContain('net::ERR_CERT_');
    await page.context().close();
    expect(this.#inside.get('name')!.forth).toBe(0);
  };

  tls10 = async (): Promise<void> => {
    const { code, said } = await s_client(this.#run.at('tls10'), ...TLS_1_0);
    expect([code, said]).toEqual([1, expect.stringContaining('Cipher is (NONE)')]);
    const refused = await this.#run.line('tls10', 'refused');
    expect([refused.reason, refused['problem']]).toEqual(['handshake', 'unsupported protocol']);
    expect(this.#inside.get('tls10')!.connections).toBe(0);
  };

  stranger = (who: 'garbage' | 'halfOpen' | 'slow'): Promise<void> =>
    comesUninvited(who, { run: this.#run, id: who, inside: this.#inside.get(who)! }, () => this.#flows('good'));
}

/** Bytes without end; not as fast as can be, for ten others are at work beside it. */
function stream(answer: ServerResponse): void {
  const more = setInterval(() => answer.write(Buffer.alloc(4096, 'x')), 10);
  answer.once('close', () => clearInterval(more));
}
