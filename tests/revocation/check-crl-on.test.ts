import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/core/base/finding.ts';
import { createBundleChecker } from '../../src/core/check/check-bundle.ts';
import type { CheckOptions } from '../../src/core/check/options.ts';
import { explicit, sequence, toPem } from '../../src/making/encode/der.ts';
import { COMMAND_POLICY } from '../../src/platform/fetch/address-guard.ts';
import { CrlFetcher } from '../../src/platform/fetch/crl-fetcher.ts';
import { explicitProxy, NO_PROXY, type ProxySettings } from '../../src/platform/fetch/proxy.ts';
import { nodeCrypto } from '../../src/platform/crypto/node-crypto.ts';
import { freePort, serve, temporaryFolder, tinyproxy } from '../fetch/servers.ts';
import { requires } from '../requires.ts';
import { AT, authority, crlDer, type CrlOptions, distributionPoints, extension, forged, leaf, uri } from './lab.ts';

const root = authority('Root');
const stranger = authority('Stranger');
const RULES = new Set(['revocation-status', 'crl-reachable', 'crl-current']);
const LIMITS = {
  connect: 1000,
  headers: 500,
  total: 4000,
  patience: 900,
  slowAfter: 400,
  slowest: 1024,
  bytes: 1024 * 1024,
};

const chainPem = toPem('CERTIFICATE', root.certificate.der);

/** A certificate with one distribution point of these URLs. */
const naming = (...urls: readonly string[]): Uint8Array =>
  leaf(root, 5n, [distributionPoints({ names: urls.map(uri) })]).der;

interface Judging extends CheckOptions {
  readonly proxies?: ProxySettings;
  readonly folder?: string;
  readonly chain?: string | null;
}

async function judge(crt: Uint8Array, { proxies = NO_PROXY, folder, chain = chainPem, ...options }: Judging = {}) {
  const crlSource = new CrlFetcher({
    folder: folder ?? temporaryFolder(),
    now: () => AT,
    policy: COMMAND_POLICY,
    proxies,
    limits: LIMITS,
  });
  const check = createBundleChecker({ at: new Date(AT * 1000), crl: 'on', crlSource, ...options }, nodeCrypto);
  return check({ crt, ...(chain !== null && { chain: new TextEncoder().encode(chain) }) });
}

/** freshestCRL has the form of cRLDistributionPoints. */
const freshestCrl = (url: string): Uint8Array =>
  extension('2.5.29.46', false, sequence(sequence(explicit(0, explicit(0, uri(url))))));

/** What the three rules say, `rule: status`; what is in order is left out. */
async function outcomes(crt: Uint8Array, options: Judging = {}): Promise<string[]> {
  const { findings } = await judge(crt, options);
  return findings.filter(isTold).map(({ rule, status }) => `${rule}: ${status}`);
}

const isTold = ({ rule, status }: Finding): boolean => RULES.has(rule) && status !== 'pass';

const sending = (make: () => Uint8Array | string) => serve((_, response) => void response.end(make()));
const list = (options?: CrlOptions): Uint8Array => crlDer(root, options);

describe('check --crl on against a real server', () => {
  test('all in order', async () => {
    expect(await outcomes(naming(await sending(list)))).toEqual([]);
  });

  test('a certificate judged for next year: the CRL is today’s all the same', async () => {
    const url = await sending(list);
    expect(await outcomes(naming(url), { at: new Date((AT + 200 * 86_400) * 1000) })).toEqual([]);
  });

  test('revoked', async () => {
    const url = await sending(() => list({ revoked: [5n] }));
    expect(await outcomes(naming(url))).toEqual(['revocation-status: refused']);
  });

  test.each([
    ['refused', async () => `http://127.0.0.1:${await freePort()}/ca.crl`],
    ['DNS', async () => 'http://no-such-host.invalid/ca.crl'],
    ['timeout', async () => serve(() => {})],
    ['HTTP status', async () => serve((_, response) => void response.writeHead(404).end())],
    ['not a CRL', async () => sending(() => '<html>log in</html>')],
    ['too large', async () => sending(() => new Uint8Array(2 * 1024 * 1024))],
    ['https', async () => 'https://127.0.0.1/ca.crl'],
    ['redirects', async () => serve((_, response) => void response.writeHead(302, { location: '/' }).end())],
  ])('%s: not reachable, and nothing else is lost', async (_, makeUrl) => {
    const url = await makeUrl();
    const { findings, notChecked } = await judge(naming(url));
    const told = findings.filter(isTold).map(({ rule, status }) => `${rule}: ${status}`);
    expect(told).toEqual(['crl-reachable: refused', 'revocation-status: not-checked', 'crl-current: not-checked']);
    expect(notChecked).toContain('revocation-status');
    // Every other rule has judged.
    expect(new Set(findings.map(({ rule }) => rule)).size).toBeGreaterThan(25);
    const finding = findings.find(({ rule }) => rule === 'crl-reachable');
    expect(finding?.location?.file).toBe(url);
    expect(finding?.applianceSays).toContain('not reachable');
  });

  test.each([
    ['stale', () => list({ to: -0.5 })],
    ['forged', () => forged(list())],
    ['of the wrong issuer', () => crlDer(stranger)],
    ['dated ahead', () => list({ from: 1 })],
  ])('%s: the server answers, its CRL does not do', async (_, make) => {
    const told = await outcomes(naming(await sending(make)));
    expect(told).toEqual(['crl-current: refused', 'revocation-status: not-checked']);
  });

  test('of two URLs one answers', async () => {
    const dead = `http://127.0.0.1:${await freePort()}/`;
    expect(await outcomes(naming(dead, await sending(list)))).toEqual(['crl-reachable: warning']);
    expect(await outcomes(naming('ldap:///cn=ca', await sending(list)))).toEqual([]);
  });

  test('the CRL fetched earlier serves while it is current', async () => {
    const folder = temporaryFolder();
    let up = true;
    const url = await serve((_, response) => void (up ? response.end(list()) : response.writeHead(503).end()));
    const crt = naming(url);
    expect(await outcomes(crt, { folder })).toEqual([]);
    up = false;
    expect(await outcomes(crt, { folder })).toEqual(['crl-reachable: warning']);
  });

  test('the delta CRL that a CRL names is fetched, too', async () => {
    let delta: Uint8Array | undefined = list({ number: 2n, base: 1n, revoked: [5n] });
    const url: string = await serve((request, response) => {
      if (request.url !== '/delta') response.end(list({ extensions: [freshestCrl(`${url}/delta`)] }));
      else if (delta === undefined) response.writeHead(404).end();
      else response.end(delta);
    });
    expect(await outcomes(naming(url))).toEqual(['revocation-status: refused']);
    delta = undefined;
    expect(await outcomes(naming(url))).toEqual(['crl-reachable: warning']);
  });

  test('at most four URLs of a certificate are asked', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked++;
      response.writeHead(404).end();
    });
    await judge(naming(...Array.from({ length: 40 }, (_, i) => `${url}/${i}`)));
    expect(asked).toBe(4);
  });

  test('without the issuer, nobody knows whose CRL to trust', async () => {
    const folder = temporaryFolder();
    // Nor may what nobody could verify bar what comes later.
    let current = forged(list({ number: 99n }));
    const crt = naming(await sending(() => current));
    for (const chain of [null, toPem('CERTIFICATE', stranger.certificate.der)]) {
      const told = await outcomes(crt, { chain, folder });
      expect(told).toEqual(['revocation-status: not-checked', 'crl-current: not-checked']);
    }
    current = list({ number: 2n });
    expect(await outcomes(crt, { folder })).toEqual([]);
  });

  test('CRLs given as files: nothing is asked of anybody', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked++;
      response.end(list());
    });
    expect(await outcomes(naming(url), { crls: [list()] })).toEqual(['crl-reachable: not-checked']);
    expect(await outcomes(naming(url), { crl: 'off' })).toEqual(
      expect.arrayContaining(['revocation-status: not-applicable', 'crl-reachable: not-applicable']),
    );
    expect(asked).toBe(0);
  });

  test.skipIf(!requires('tinyproxy'))('through a real proxy', async () => {
    const url = await sending(list);
    expect(await outcomes(naming(url), { proxies: explicitProxy(await tinyproxy()) })).toEqual([]);
    const noProxy = explicitProxy(`http://127.0.0.1:${await freePort()}`);
    expect(await outcomes(naming(url), { proxies: noProxy })).toContain('crl-reachable: refused');
  });
});

test('four servers that never answer are not waited for one after the other', async () => {
  let asked = 0;
  const silent = await serve(() => void asked++);
  const { findings } = await judge(naming(...[1, 2, 3, 4].map((i) => `${silent}/${i}`)));
  // Each is given up after 500 ms, and the patience for all is 900 ms.
  expect(asked).toBeLessThan(4);
  const told = findings.find(({ rule }) => rule === 'crl-reachable');
  expect(told?.status).toBe('refused');
  expect(told?.message).toContain('Not asked any more');
});
