import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { headersOf, type InProcess, signIn, startInProcess } from './running.ts';

const SCRIPT = 'console.log("certgate");'.repeat(20);
const PAGE = '<!doctype html><meta nonce="__CSP_NONCE__"><script type="module" src="/assets/index-abc.js"></script>';
const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

let folder: string;
let running: InProcess;

function build(name: string): void {
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'assets', name), SCRIPT);
  writeFileSync(join(folder, 'assets', `${name}.br`), brotliCompressSync(SCRIPT));
  writeFileSync(join(folder, 'assets', `${name}.gz`), gzipSync(SCRIPT));
  writeFileSync(join(folder, 'index.html'), PAGE);
  writeFileSync(join(folder, 'preflight.html'), '<!doctype html>offline');
  writeFileSync(join(folder, '.stamp'), 'x');
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'certgate-web-'));
  build('index-abc.js');
  running = await startInProcess({ webFolder: folder });
});
afterAll(async () => {
  await running.close();
  rmSync(folder, { recursive: true, force: true });
});

const get = (url: string, headers: Record<string, string> = {}) => running.server.inject({ url, headers });

describe('the console', () => {
  test.each(['/', '/setup', '/sign-in', '/appliances/4711/report?tab=chain', '/preflight'])(
    'is sent for %s, also before there is an administrator, under a policy without exceptions',
    async (url) => {
      const first = await get(url, BROWSER);
      expect(first.statusCode).toBe(200);
      expect(first.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(first.headers['cache-control']).toBe('no-store');
      const policy = String(first.headers['content-security-policy']);
      expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[\w+/=]{24}';/);
      expect(policy).toContain("frame-ancestors 'none'; base-uri 'none'; form-action 'self'");
      expect(policy).not.toContain('unsafe');
      const nonce = /'nonce-([^']+)'/.exec(policy)![1]!;
      expect(first.body).toContain(`nonce="${nonce}"`);
      expect(String((await get(url, BROWSER)).headers['content-security-policy'])).not.toContain(nonce);
    },
  );

  test('is not what a program gets that asks for something that does not exist', async () => {
    for (const [url, headers] of [
      ['/nothing', { accept: 'application/json' }],
      ['/nothing', {}],
      ['/api/v1/nothing', BROWSER],
      ['/assets/nothing.js', BROWSER],
      ['/assets/.stamp', BROWSER],
      ['/assets/..%2F.stamp', BROWSER],
      ['/.stamp', {}],
      ['/..%2f..%2fpackage.json', {}],
    ] as const) {
      const reply = await get(url, headers);
      expect(reply.statusCode, url).toBe(404);
      expect(reply.headers['content-type'], url).toMatch(/^application\/problem\+json/);
    }
  });

  test('has files that browsers keep for ever, as small as the browser can take them', async () => {
    const plain = await get('/assets/index-abc.js');
    expect(plain.body).toBe(SCRIPT);
    expect(plain.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      vary: 'Accept-Encoding',
    });
    const br = await get('/assets/index-abc.js', { 'accept-encoding': 'gzip, deflate, br' });
    expect(br.headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(br.rawPayload).toString()).toBe(SCRIPT);
    const gz = await get('/assets/index-abc.js', { 'accept-encoding': 'gzip, br;q=0' });
    expect(gz.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(gz.rawPayload).toString()).toBe(SCRIPT);
  });

  test('gives away the page that works offline', async () => {
    const reply = await get('/preflight.html', BROWSER);
    expect(reply.headers['content-disposition']).toBe('attachment; filename="preflight.html"');
    expect(reply.body).toBe('<!doctype html>offline');
  });

  test('that was built anew is found, and pages still open get their old files', async () => {
    expect((await get('/assets/index-new.js')).statusCode).toBe(404);
    rmSync(folder, { recursive: true });
    // While the new one is put in place there is none.
    expect((await get('/', BROWSER)).statusCode).toBe(200);
    build('index-new.js');
    utimesSync(join(folder, 'index.html'), new Date(), new Date(Date.now() + 1000));
    expect((await get('/assets/index-new.js')).body).toBe(SCRIPT);
    expect((await get('/assets/index-abc.js')).body).toBe(SCRIPT);
  });
});

test('answers are compressed where that pays and no secret is in them', async () => {
  const { headers, rawPayload } = await get('/api/v1/openapi.json', { 'accept-encoding': 'br' });
  expect(headers['content-encoding']).toBe('br');
  expect(headers.vary).toContain('Accept-Encoding');
  expect(JSON.parse(brotliDecompressSync(rawPayload).toString()).openapi).toBe('3.1.0');
  const admin = await signIn(running, 'admin');
  const session = await get('/api/v1/session', { ...headersOf(admin), 'accept-encoding': 'br' });
  expect(session.headers['content-encoding']).toBeUndefined();
});
