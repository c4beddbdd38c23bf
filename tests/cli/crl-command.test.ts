import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toPem } from '../../src/making/encode/der.ts';
import { signingAlgorithm } from '../../src/making/issue/sign.ts';
import { hugeCrl } from '../revocation/huge-crl.ts';
import { authority, crlDer, type Authority, distributionPoints, leaf, nameOf, reason, uri } from '../revocation/lab.ts';
import { certgate, certgateAside, type Ended, scratch } from './program.ts';

const DAY = 86_400_000;
// The lab dates from June 2026; the program asks the clock.
const days = Math.floor((Date.now() - Date.UTC(2026, 5, 15, 12)) / DAY);
const now = { from: days - 1, to: days + 7 };

let folder: string;
let server: Server;
let url: string;
let served: Uint8Array | undefined;
let ca: Authority;

const inFolder = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = scratch();
  server = createServer((_, response) => void response.writeHead(served === undefined ? 404 : 200).end(served));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  ca = authority('Lab CA');
  const point = distributionPoints({ names: [uri(`${url}/lab.crl`)] });
  writeFileSync(inFolder('ca.pem'), toPem('CERTIFICATE', ca.certificate.der));
  writeFileSync(inFolder('good.crt'), leaf(ca, 5n, [point]).der);
  writeFileSync(inFolder('revoked.crt'), leaf(ca, 0x4a001fn, [point]).der);
  const revoked = [
    { serial: 0x4a001fn, extensions: [reason(1)] },
    ...Array.from({ length: 30 }, (_, i) => BigInt(i + 1000)),
  ];
  writeFileSync(inFolder('lab.crl'), crlDer(ca, { ...now, number: 12n, revoked }));
  writeFileSync(inFolder('lab.pem'), toPem('X509 CRL', crlDer(ca, now)));
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const crl = (...args: readonly string[]): Ended => certgate(['crl', ...args], { cwd: folder });
const fetching = (...args: readonly string[]): Promise<Ended> =>
  certgateAside(['crl', 'fetch', ...args], folder, { XDG_CACHE_HOME: inFolder('cache') });

describe('certgate crl show', () => {
  test('prints the head and a page, and says how to go on', () => {
    const { stdout, code } = crl('show', 'lab.crl', '--limit', '2');
    expect(code).toBe(0);
    expect(stdout).toContain('CN=Lab CA');
    expect(stdout).toMatch(/number +12/);
    expect(stdout).toMatch(/4A001F .*keyCompromise/);
    expect(stdout).toContain('--skip 2');
    expect(crl('show', 'lab.crl', '--skip', '30', '--limit', 'all').stdout).not.toContain('--skip');
    expect(crl('show', 'lab.pem').stdout).toContain('Nothing is revoked.');
  });

  test('filters, as JSON too', () => {
    const json = (...args: readonly string[]) =>
      JSON.parse(crl('show', 'lab.crl', '--format', 'json', ...args).stdout) as {
        entries: number;
        revoked: { serial: string }[];
      };
    expect(json('--reason', 'keycompromise').revoked).toEqual([
      expect.objectContaining({ serial: '4A001F', reason: 'keyCompromise' }),
    ]);
    expect(json('--serial', '4a:00').revoked.map(({ serial }) => serial)).toEqual(['4A001F']);
    expect(json('--since', '2099-01-01').revoked).toEqual([]);
    const all = json('--limit', 'all');
    expect(all.revoked).toHaveLength(all.entries);
  });

  test('a hundred thousand lines, to a reader who stops after one', async () => {
    const issuer = nameOf('Lab CA');
    const dates = { thisUpdate: new Date(0), nextUpdate: new Date(DAY) };
    const der = hugeCrl({ issuer, count: 100_000, ...dates, serial: Buffer.alloc(20, 0x55) }, signingAlgorithm(ca.key));
    writeFileSync(inFolder('huge.crl'), der);
    expect(crl('show', 'huge.crl', '--limit', 'all').stdout.split('\n').length).toBeGreaterThan(100_000);
    expect(crl('check', 'huge.crl', '--serial', '55'.repeat(20)).code).toBe(1);
  });

  test('what is no CRL is said to be what it is', () => {
    const { stderr, code } = crl('show', 'ca.pem');
    expect([code, stderr]).toEqual([2, expect.stringContaining('is a certificate in PEM')]);
    expect(crl('show', 'missing.crl').code).toBe(2);
  });
});

describe('certgate crl check', () => {
  test('a certificate, verified with its CA', () => {
    expect(crl('check', 'lab.crl', '--crt', 'good.crt', '--issuer', 'ca.pem')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('not revoked'),
    });
    expect(crl('check', 'lab.crl', '--crt', 'revoked.crt', '--issuer', 'ca.pem')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('REVOKED'),
    });
    const later = crl('check', 'lab.crl', '--crt', 'good.crt', '--issuer', 'ca.pem', '--at', '2099-01-01');
    expect(later).toMatchObject({ code: 1, stdout: expect.stringContaining('ran out') });
  });

  test('a serial number, and that nothing was verified', () => {
    const { stdout, code } = crl('check', 'lab.crl', '--serial', '0x4a:00:1f', '--format', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'listed', reason: 'keyCompromise', verified: false });
    expect(crl('check', 'lab.crl', '--serial', '05').code).toBe(0);
    expect(crl('check', 'lab.crl').code).toBe(2);
    expect(crl('check', 'lab.crl', '--serial', 'xyz').code).toBe(2);
  });
});

describe('certgate crl fetch', () => {
  test('gets what a certificate names, verified, into a folder', async () => {
    served = readFileSync(inFolder('lab.crl'));
    expect(await fetching('good.crt', 'ca.pem', '--out', 'out')).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(inFolder('out'))).toEqual(['lab.crl']);
    expect(readFileSync(inFolder('out/lab.crl'))).toEqual(served);
  });

  test('an older one is refused, until the issuer is reset', async () => {
    served = crlDer(ca, { ...now, number: 3n });
    const { stdout } = await fetching('good.crt', 'ca.pem', '--out', 'out', '--format', 'json');
    expect(JSON.parse(stdout)).toMatchObject([{ from: 'held', crlNumber: '12', failures: [{ code: 'older' }] }]);
    expect((await fetching('good.crt', 'ca.pem', '--out', 'out', '--reset')).code).toBe(0);
    expect(readFileSync(inFolder('out/lab.crl'))).toEqual(Buffer.from(served));
  });

  test('a URL, unverified and saying so; several with one name', async () => {
    served = crlDer(ca, now);
    const { code, stderr } = await fetching(`${url}/a/x.key`, `${url}/b/x.key`, `${url}/`, '--out', 'plain');
    expect([code, stderr]).toEqual([0, expect.stringContaining('not verified')]);
    expect(readdirSync(inFolder('plain')).toSorted()).toEqual(['127.0.0.1.crl', 'x.key-2.crl', 'x.key.crl']);
  });

  test('what cannot be had ends with 1 and a way on', async () => {
    served = undefined;
    const { code, stdout } = await fetching(`${url}/none.crl`, 'https://crl.example/ca.crl', '--out', 'none');
    expect(code).toBe(1);
    expect(stdout).toContain('status 404');
    expect(stdout).toContain('http:// is required');
    expect((await fetching('ca.pem')).code).toBe(2);
    expect((await fetching(`${url}/x`, '--proxy', 'https://proxy')).code).toBe(2);
  });
});

test('an action that does not exist is answered with those that do', () => {
  expect(crl('fetsh').stderr).toContain('Did you mean fetch?');
  expect(crl('--help').stdout).toContain('certgate crl fetch');
});
