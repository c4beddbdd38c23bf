import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CrlReply } from '../../src/core/base/ports.ts';
import { judgeCrl } from '../../src/core/revocation/judge-crl.ts';
import type { OpenCrl } from '../../src/core/revocation/open-crl.ts';
import { toPem } from '../../src/making/encode/der.ts';
import { COMMAND_POLICY, SERVICE_POLICY } from '../../src/platform/fetch/address-guard.ts';
import { CrlFetcher, type CrlFetcherOptions } from '../../src/platform/fetch/crl-fetcher.ts';
import { explicitProxy } from '../../src/platform/fetch/proxy.ts';
import { nodeCrypto } from '../../src/platform/crypto/node-crypto.ts';
import { requires } from '../requires.ts';
import { AT, authority, crlDer, type CrlOptions, forged } from '../revocation/lab.ts';
import { freePort, serve, temporaryFolder, tinyproxy } from './servers.ts';

const ca = authority('CA');
const stranger = authority('Other CA');
const SECRET = 'do-not-echo-me';

const QUICK = {
  connect: 1000,
  headers: 600,
  total: 5000,
  slowAfter: 400,
  slowest: 1024,
  bytes: 1024 * 1024,
  redirects: 3,
};

const fetcher = (options: Partial<CrlFetcherOptions> = {}): CrlFetcher =>
  new CrlFetcher({ folder: temporaryFolder(), now: () => AT, policy: COMMAND_POLICY, limits: QUICK, ...options });

interface Asking {
  readonly anchored?: boolean;
  readonly want?: 'held' | 'newest';
  readonly at?: number;
}

const ask = (source: CrlFetcher, url: string, { anchored = true, want = 'newest', at = AT }: Asking = {}) =>
  source.fetch({
    url,
    anchored,
    want,
    judge: (crl) =>
      judgeCrl(crl, {
        issuers: [ca.certificate.subject],
        signers: [ca.certificate, stranger.certificate],
        at,
        crypto: nodeCrypto,
      }),
  });

const send =
  (body: Uint8Array | string, headers: Record<string, string> = {}) =>
  (_: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(200, headers).end(body);

const der = (options?: CrlOptions): Uint8Array => crlDer(ca, options);

function failed(reply: CrlReply<OpenCrl>): string | undefined {
  const { failure } = reply;
  // Whatever it is: nothing of the body, no stack, a way on.
  if (failure !== undefined) {
    expect(JSON.stringify(failure)).not.toContain(SECRET);
    expect(failure.message.length).toBeGreaterThan(20);
    expect(failure.fix.length).toBeGreaterThan(10);
  }
  return failure?.code;
}

describe('what can be fetched', () => {
  test('DER and PEM, from another port, with the Host of the URL and nothing compressed', async () => {
    const seen: IncomingMessage[] = [];
    const list = der();
    const base = await serve((request, response) => {
      seen.push(request);
      response.end(request.url === '/pem?x=1' ? toPem('X509 CRL', list) : list);
    });
    const source = fetcher();
    expect(await ask(source, `${base}/der`)).toMatchObject({ from: 'network', failure: undefined });
    expect((await ask(source, `${base}/pem?x=1`)).crl?.list.der).toEqual(list);
    expect(seen[0]?.headers).toMatchObject({ host: new URL(base).host, 'accept-encoding': 'identity' });
    expect(readdirSync(source.cache.folder).filter((file) => file.endsWith('.part'))).toEqual([]);
  });

  test('over three redirects, each looked at anew; the fourth is one too many', async () => {
    const base = await serve((request, response) => {
      const hops = Number(request.url!.slice(1));
      if (hops === 0) response.end(der());
      else response.writeHead(302, { location: `/${hops - 1}` }).end(SECRET);
    });
    expect(failed(await ask(fetcher(), `${base}/3`))).toBeUndefined();
    expect(failed(await ask(fetcher(), `${base}/4`))).toBe('redirects');
  });

  test('IPv6 and a name', async () => {
    expect(failed(await ask(fetcher(), await serve(send(der()), '::1')))).toBeUndefined();
    const { port } = new URL(await serve(send(der())));
    expect(failed(await ask(fetcher(), `http://localhost:${port}/`))).toBeUndefined();
  });
});

describe('each failure has its own reason', () => {
  test('DNS', async () => {
    expect(failed(await ask(fetcher(), 'http://no-such-host.invalid/ca.crl'))).toBe('dns');
  });

  test('refused', async () => {
    expect(failed(await ask(fetcher(), `http://127.0.0.1:${await freePort()}/ca.crl`))).toBe('refused');
  });

  test.each([
    ['https', 'https://127.0.0.1/ca.crl', 'https'],
    ['ldap', 'ldap://127.0.0.1/cn=ca', 'scheme'],
    ['file', 'file:///etc/passwd', 'scheme'],
    ['user-info', 'http://user:do-not-echo-me@127.0.0.1/ca.crl', 'user-info'],
    ['no URL', 'http://', 'url-malformed'],
    ['nothing', '', 'url-malformed'],
    ['control characters', '\u001b[31mhttp//x', 'url-malformed'],
  ])('%s', async (_, url, code) => {
    const reply = await ask(fetcher(), url);
    expect(failed(reply)).toBe(code);
    // eslint-disable-next-line no-control-regex -- that is the point
    expect(JSON.stringify(reply.failure)).not.toMatch(/\\u001b/);
  });

  test.each([404, 403, 500, 204, 206, 304])('status %d', async (status) => {
    const base = await serve(
      (_, response) => void response.writeHead(status).end(status === 204 || status === 304 ? undefined : SECRET),
    );
    const reply = await ask(fetcher(), base);
    expect(failed(reply)).toBe('http-status');
    expect(reply.failure?.message).toContain(String(status));
  });

  test.each([
    ['a web page', `<html>${SECRET}</html>`, 'web page'],
    ['nothing', '', 'empty'],
    ['a certificate', ca.certificate.der, 'cannot be used'],
    ['a PEM certificate', toPem('CERTIFICATE', ca.certificate.der), 'certificate'],
    ['a CRL cut short', der().subarray(0, 100), 'cannot be used'],
    ['JSON', `{"a":"${SECRET}"}`, 'JSON'],
  ])('%s instead of a CRL', async (_, body, says) => {
    const reply = await ask(fetcher(), await serve(send(body)));
    expect(failed(reply)).toBe('not-a-crl');
    expect(reply.failure?.message).toContain(says);
  });

  test('compressed', async () => {
    expect(failed(await ask(fetcher(), await serve(send(der(), { 'content-encoding': 'gzip' }))))).toBe('not-a-crl');
  });

  test.each([
    ['of another CA', () => crlDer(stranger), 'wrong-issuer'],
    ['with a damaged signature', () => forged(der()), 'bad-signature'],
    ['signed by another key', () => crlDer(ca, { signer: stranger.key }), 'bad-signature'],
    ['out of date', () => der({ to: -0.1 }), 'stale'],
    ['dated ahead', () => der({ from: 1 }), 'not-yet-valid'],
  ])('a CRL %s', async (_, make, code) => {
    expect(failed(await ask(fetcher(), await serve(send(make()))))).toBe(code);
  });

  test('no answer in time', async () => {
    expect(failed(await ask(fetcher(), await serve(() => {})))).toBe('timeout');
  });

  test('a byte now and then', async () => {
    const base = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100000' });
      const timer = setInterval(() => response.write('x'), 50);
      response.on('close', () => clearInterval(timer));
    });
    const reply = await ask(fetcher(), base);
    expect(failed(reply)).toBe('timeout');
    expect(reply.failure?.message).toContain('bytes a second');
  });

  test('headers that come a byte at a time, or never end', async () => {
    const base = await serve((request) => {
      const { socket, url } = request;
      socket.write('HTTP/1.1 200 OK\r\n');
      const header = url === '/drip' ? 'x' : `x-${'y'.repeat(2000)}: z\r\n`;
      const timer = setInterval(() => socket.write(header), url === '/drip' ? 50 : 5);
      socket.on('error', () => {});
      socket.on('close', () => clearInterval(timer));
    });
    expect(failed(await ask(fetcher(), `${base}/drip`))).toBe('timeout');
    expect(failed(await ask(fetcher(), `${base}/flood`))).toBe('interrupted');
  });

  test('too slow in the whole', async () => {
    const base = await serve((_, response) => {
      const timer = setInterval(() => response.write(Buffer.alloc(2000)), 50);
      response.on('close', () => clearInterval(timer));
    });
    expect(failed(await ask(fetcher({ limits: { ...QUICK, total: 900 } }), base))).toBe('timeout');
  });

  test('too large: said by the length, and found out on the way', async () => {
    const base = await serve((request, response) => {
      if (request.url === '/said') response.writeHead(200, { 'content-length': String(100 * 1024 * 1024) });
      const chunk = Buffer.alloc(64 * 1024);
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      more();
    });
    for (const path of ['/said', '/found']) {
      const source = fetcher();
      expect(failed(await ask(source, base + path))).toBe('too-large');
      expect(readdirSync(source.cache.folder)).toEqual([]);
    }
  });

  test('broken off, and no HTTP at all', async () => {
    const base = await serve((request, response) => {
      if (request.url === '/noise') return void request.socket.end('NOISE\r\n\r\n');
      response.writeHead(200, { 'content-length': '5000' });
      response.write('x', () => request.socket.destroy());
    });
    expect(failed(await ask(fetcher(), `${base}/off`))).toBe('interrupted');
    expect(failed(await ask(fetcher(), `${base}/noise`))).toBe('interrupted');
  });

  test('redirects round in a circle, to https and to nowhere', async () => {
    const base = await serve((request, response) => {
      const location = { '/https': 'https://127.0.0.1/', '/user': 'http://a:b@127.0.0.1/', '/odd': 'http://' }[
        request.url!
      ];
      response.writeHead(301, { location: location ?? '/round' }).end();
    });
    expect(failed(await ask(fetcher(), `${base}/round`))).toBe('redirects');
    expect(failed(await ask(fetcher(), `${base}/https`))).toBe('https');
    expect(failed(await ask(fetcher(), `${base}/user`))).toBe('user-info');
    expect(failed(await ask(fetcher(), `${base}/odd`))).toBe('redirects');
  });

  test('a folder that cannot be written', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(failed(await ask(fetcher({ folder: join(file, 'below') }), await serve(send(der()))))).toBe('storage');
  });
});

describe('whom a service asks', () => {
  const service = { policy: SERVICE_POLICY };

  test.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://0x7f000001/',
    'http://0/',
    'http://localhost/',
    'http://a.localhost/',
    'http://169.254.169.254/latest/meta-data',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://100.100.100.200/',
    'http://[::1]/',
    'http://[::]/',
    'http://[fe80::1]/',
    'http://[ff02::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[fd00:ec2::254]/',
    'http://metadata.google.internal/',
  ])('not %s', async (url) => {
    expect(failed(await ask(fetcher(service), url))).toBe('forbidden');
  });

  test('not where a name or a redirect leads there; asked once, and what was checked is what is asked', async () => {
    const base = await serve((request, response) => {
      if (request.url === '/go') response.writeHead(302, { location: 'http://inside.example/' }).end();
      else response.end(der());
    });
    const { port } = new URL(base);
    const asked: string[] = [];
    const answers = ['127.0.0.1', '127.0.0.2'];
    // A name server that answers differently the second time: what rebinding attacks use.
    const resolve = async (host: string) => {
      asked.push(host);
      return [{ address: host === 'inside.example' ? '169.254.1.1' : answers.shift()!, family: 4 }];
    };
    expect(failed(await ask(fetcher({ ...service, resolve }), `http://crl.example:${port}/`))).toBe('forbidden');
    answers.unshift('127.0.0.1');
    const source = fetcher({ policy: { ...SERVICE_POLICY, hosts: ['CRL.example.'] }, resolve });
    expect(failed(await ask(source, `http://crl.example:${port}/`))).toBeUndefined();
    expect(asked).toEqual(['crl.example', 'crl.example']);
    answers.unshift('127.0.0.1');
    expect(failed(await ask(source, `http://crl.example:${port}/go`))).toBe('forbidden');
  });

  test('only for certificates that lead to an anchor, or hosts that are listed', async () => {
    const base = await serve(send(der()));
    const listed = fetcher({ policy: { ...SERVICE_POLICY, hosts: ['127.0.0.1'] } });
    expect(failed(await ask(listed, base, { anchored: false }))).toBeUndefined();
    const resolve = async () => [{ address: '192.0.2.1', family: 4 }];
    expect(failed(await ask(fetcher({ ...service, resolve }), 'http://crl.example/', { anchored: false }))).toBe(
      'forbidden',
    );
  });

  test('private addresses are fine', async () => {
    const limits = { ...QUICK, connect: 200, headers: 200, total: 400 };
    const reply = await ask(fetcher({ ...service, limits }), 'http://10.255.255.1/');
    expect(failed(reply)).not.toBe('forbidden');
  });
});

describe('through a proxy', () => {
  test.skipIf(!requires('tinyproxy'))('a real one', async () => {
    const base = await serve(send(der()));
    const source = fetcher({ proxies: explicitProxy(await tinyproxy()) });
    expect(await ask(source, `${base}/ca.crl`)).toMatchObject({ from: 'network', failure: undefined });
    expect(failed(await ask(source, 'http://no-such-host.invalid/'))).toBe('http-status');
  });

  test.skipIf(!requires('tinyproxy'))('one that wants a password', async () => {
    const base = await serve(send(der()));
    const url = await tinyproxy(['BasicAuth certgate s3cret']);
    expect(failed(await ask(fetcher({ proxies: explicitProxy(url) }), base))).toBe('proxy');
    const withPassword = explicitProxy(url.replace('http://', 'http://certgate:s3cret@'));
    expect(failed(await ask(fetcher({ proxies: withPassword }), base))).toBeUndefined();
  });

  test('one that is not there', async () => {
    const source = fetcher({ proxies: explicitProxy(`http://127.0.0.1:${await freePort()}`) });
    expect(failed(await ask(source, 'http://crl.example/'))).toBe('proxy');
  });

  test('the guard goes by names', async () => {
    const source = fetcher({ policy: SERVICE_POLICY, proxies: explicitProxy(`http://127.0.0.1:${await freePort()}`) });
    for (const host of ['localhost', '127.0.0.1', '[::1]', 'metadata.google.internal']) {
      expect(failed(await ask(source, `http://${host}/`))).toBe('forbidden');
    }
  });
});

describe('what is kept', () => {
  test('a current one serves without asking, and while the server is away; a stale one does not', async () => {
    let up = true;
    let asked = 0;
    const base = await serve((_, response) => {
      asked++;
      if (up) response.end(der());
      else response.writeHead(503).end();
    });
    let now = AT;
    const source = fetcher({ now: () => now });
    await ask(source, base);
    expect(await ask(source, base, { want: 'held' })).toMatchObject({ from: 'held', failure: undefined });
    expect(asked).toBe(1);
    up = false;
    const reply = await ask(source, base);
    expect(reply).toMatchObject({ from: 'held', failure: { code: 'http-status' } });
    expect(reply.crl).toBeDefined();
    now = AT + 8 * 86_400;
    expect(await ask(source, base, { at: now })).toMatchObject({ crl: undefined, from: undefined });
  });

  test('asks whether there is a newer one', async () => {
    const seen: (string | undefined)[] = [];
    const base = await serve((request, response) => {
      seen.push(request.headers['if-none-match'], request.headers['if-modified-since']);
      if (request.headers['if-none-match'] === '"v1"') response.writeHead(304).end();
      else response.writeHead(200, { etag: '"v1"', 'last-modified': 'Mon, 15 Jun 2026 10:00:00 GMT' }).end(der());
    });
    const source = fetcher();
    expect((await ask(source, base)).from).toBe('network');
    expect((await ask(source, base)).from).toBe('unchanged');
    expect(seen).toEqual([undefined, undefined, '"v1"', 'Mon, 15 Jun 2026 10:00:00 GMT']);
  });

  test('an older one never takes the place of a newer, from whatever URL, until the issuer is reset', async () => {
    let current = der({ number: 9n });
    const base = await serve((_, response) => void response.end(current));
    const source = fetcher();
    expect(failed(await ask(source, `${base}/a`))).toBeUndefined();
    current = der({ number: 8n, revoked: [] });
    expect(await ask(source, `${base}/a`)).toMatchObject({ from: 'held', failure: { code: 'older' } });
    expect(failed(await ask(source, `${base}/b`))).toBe('older');
    current = der({ number: 9n, from: -2 });
    expect(failed(await ask(source, `${base}/b`))).toBe('older');
    expect(await source.cache.reset(ca.certificate.subject)).toBe(1);
    expect(await ask(source, `${base}/a`)).toMatchObject({ from: 'network', failure: undefined });
  });

  test('a forged one with a high number bars nothing', async () => {
    let current = forged(der({ number: 999n }));
    const base = await serve((_, response) => void response.end(current));
    const source = fetcher();
    expect(failed(await ask(source, base))).toBe('bad-signature');
    current = der({ number: 2n });
    expect(failed(await ask(source, base))).toBeUndefined();
  });

  test('for a fleet, what a URL answered a moment ago is not asked again, a failure neither', async () => {
    let asked = 0;
    const base = await serve((request, response) => {
      asked++;
      if (request.url === '/there') response.end(der());
      else response.writeHead(404).end();
    });
    let now = AT;
    const source = fetcher({ now: () => now, freshFor: 60 });
    for (let i = 0; i < 3; i++) {
      expect((await ask(source, `${base}/there`)).crl).toBeDefined();
      expect(failed(await ask(source, `${base}/gone`))).toBe('http-status');
    }
    expect(asked).toBe(2);
    now += 61;
    await Promise.all([ask(source, `${base}/there`), ask(source, `${base}/there`)]);
    expect(asked).toBe(3);
  });

  test('what ran out, and what a killed run left, is cleared away; how new the newest was is not', async () => {
    const base = await serve(send(der({ number: 9n })));
    const folder = temporaryFolder();
    await ask(fetcher({ folder }), base);
    writeFileSync(join(folder, 'killed.part'), 'x');
    expect(readdirSync(folder)).toHaveLength(4);
    const later = Math.floor(Date.now() / 1000) + 400 * 86_400;
    await ask(fetcher({ folder, now: () => later }), `http://127.0.0.1:${await freePort()}/`);
    expect(readdirSync(folder).map((file) => extname(file))).toEqual(['.floor']);
  });

  test('a file that was touched is not used', async () => {
    const base = await serve(send(der()));
    const source = fetcher();
    await ask(source, base);
    const file = readdirSync(source.cache.folder).find((name) => name.endsWith('.crl'))!;
    writeFileSync(join(source.cache.folder, file), der({ revoked: [1n] }));
    expect(existsSync(join(source.cache.folder, file))).toBe(true);
    expect((await ask(source, base, { want: 'held' })).from).toBe('network');
  });
});
