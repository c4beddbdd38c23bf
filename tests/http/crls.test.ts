import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CrlSource } from '../../src/core/base/ports.ts';
import { createBundleChecker } from '../../src/core/check/check-bundle.ts';
import { type OpenCrl, openCrl } from '../../src/core/revocation/open-crl.ts';
import { nodeCrypto } from '../../src/platform/crypto/node-crypto.ts';
import { CrlAttempts } from '../../src/service/inventory/crl-attempts.ts';
import { CrlRefresher } from '../../src/service/inventory/crl-refresh.ts';
import { FleetLab } from '../inventory/fleet-lab.ts';
import { headersOf, type InProcess, signIn, startInProcess } from './running.ts';

let web: Server;
let base: string;
let down = false;
let lab: FleetLab;
let running: InProcess;
let headers: Record<string, string>;
let id: string;
let bundle: ReturnType<FleetLab['bundle']>;

beforeAll(async () => {
  web = createServer((request, response) => {
    if (down) return void response.writeHead(503).end();
    response.setHeader('content-type', 'application/pkix-crl');
    response.end(readFileSync(join(lab.folder, 'ca', request.url!.slice(1))));
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  [lab, running] = await Promise.all([
    FleetLab.create({ keys: 1, crlBaseUrl: base }),
    startInProcess({ environment: { CERTGATE_CRL_HOSTS: '127.0.0.1', CERTGATE_CRL_REFRESH_MINUTES: '60' } }),
  ]);
  headers = headersOf(await signIn(running, 'admin'));
  const { services } = running.system;
  await lab.trust(services);
  id = (await services.appliances.create({ name: 'one', hostname: 'one.contoso.com', crl: 'on' }, 'ada')).id;
  bundle = lab.bundle('one.contoso.com', lab.keys[0]!, { crlUrl: `${base}/issuing.crl` });
}, 30_000);
afterAll(async () => {
  await running.close();
  web.close();
  await lab.close();
});

const get = async (url: string) => (await running.server.inject({ url: `/api/v1${url}`, headers })).json();
const post = async (url: string, payload: object = {}) =>
  (await running.server.inject({ method: 'POST', url: `/api/v1${url}`, headers, payload })).json();

test('the page gets the CRLs that the server would ask, and comes to the same report with them', async () => {
  const certificates = [bundle.crt.toString(), bundle.chain!.toString()];
  const answer = await post('/crls/for', { certificates });
  expect(answer.replies.map(({ url, from }: { url: string; from: string }) => [url, from])).toEqual([
    [`${base}/issuing.crl`, 'network'],
    [`${base}/root.crl`, 'network'],
  ]);
  const { report } = await running.system.services.gate.upload(id, bundle, 'ada');
  const trusted = await running.server.inject({ url: '/api/v1/trust-bundle', headers });
  expect(trusted.headers['content-type']).toBe('application/x-pem-file');
  expect(trusted.body).toBe(rootPem());

  const replies = new Map<string, { url: string; crl?: string; from?: string; failure?: object }>(
    answer.replies.map((reply: { url: string }) => [reply.url, reply]),
  );
  const fromBase64 = (text: string): OpenCrl => openCrl(new Uint8Array(Buffer.from(text, 'base64')));
  const crlSource: CrlSource<OpenCrl> = {
    async fetch({ url }) {
      const { from, crl, failure } = replies.get(url)!;
      return { url, from, crl: crl === undefined ? undefined : fromBase64(crl), failure } as never;
    },
  };
  const check = createBundleChecker(
    {
      at: report.at,
      hostname: 'one.contoso.com',
      role: 'sensor',
      trust: [new Uint8Array(lab.ca.root.certificate)],
      crl: 'on',
      heldCrls: answer.held.map(fromBase64),
      crlSource,
      upload: true,
    },
    nodeCrypto,
  );
  const own = await check({ crt: bundle.crt, key: bundle.key, chain: bundle.chain! });
  const compared = ({ findings }: { findings: readonly { rule: string; status: string; message: string }[] }) =>
    findings
      .filter(({ rule }) => !rule.startsWith('fleet-'))
      .map(({ rule, status, message }) => [rule, status, message]);
  expect(compared(own)).toEqual(compared(report));
  expect(report.findings.some(({ rule, status }) => rule === 'revocation-status' && status === 'pass')).toBe(true);
});

const rootPem = (): string => {
  const lines = Buffer.from(lab.ca.root.certificate)
    .toString('base64')
    .replaceAll(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
};

test('where CRLs come from is listed with the last attempt, and why it failed', async () => {
  const points = await get('/crls/points');
  expect(points).toMatchObject([
    { url: `${base}/issuing.crl`, identities: 1, freshness: 'current', lastAttempt: { ok: true, reason: null } },
    { url: `${base}/root.crl`, identities: 1, freshness: 'current', lastAttempt: { ok: true } },
  ]);
  expect(Date.parse(points[0].nextAttempt)).toBe(Date.parse(points[0].lastAttempt.at) + 3_600_000);
  const content = await running.server.inject({ url: `/api/v1/crls/${points[0].crlId}/content`, headers });
  expect(content.headers['content-type']).toBe('application/pkix-crl');
  expect(content.rawPayload.equals(readFileSync(join(lab.folder, 'ca/issuing.crl')))).toBe(true);

  down = true;
  const { results } = await post('/crls/fetch-all');
  expect(results).toMatchObject([
    { url: `${base}/issuing.crl`, ok: false, code: 'http-status', outcome: null },
    { url: `${base}/root.crl`, ok: false, code: 'http-status', outcome: null },
  ]);
  expect(results[0].reason).toContain('503');
  const [failed] = await get('/crls/points');
  expect(failed).toMatchObject({ lastAttempt: { ok: false, reason: results[0].reason }, freshness: 'current' });
  expect(Date.parse(failed.nextAttempt)).toBe(Date.parse(failed.lastAttempt.at) + 60_000);
  const { problems } = await get('/overview');
  const ofCrls = (problems.items as { what: string; name: string }[]).filter(({ what }) => what === 'crl');
  expect(ofCrls.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toMatchObject([
    { state: 'unreachable', severity: 'warning', name: `${base}/issuing.crl`, appliances: 1 },
    { state: 'unreachable', name: `${base}/root.crl` },
  ]);

  down = false;
  const again = await post('/crls/fetch-all');
  expect(again.results).toMatchObject([{ ok: true, outcome: 'unchanged' }, { ok: true }]);
});

test('a revocation is found by itself, without anybody asking', async () => {
  const { services } = running.system;
  const der = Buffer.from(bundle.crt.toString().replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  await services.fleet.fresh(30_000);
  lab.ca.record(der, new Date());
  lab.ca.revoke(services.fleet.member(id)!.identity!.serial, 1, new Date());
  lab.ca.newCrls(new Date());
  expect(services.fleet.member(id)!.standing.state).toBe('ready');
  const changed = new Promise((resolve) => services.fleet.onStanding(resolve));
  // As an hour later.
  const parts = { crls: services.crls, fleet: services.fleet, attempts: new CrlAttempts(), everyMs: 3_600_000 };
  await new CrlRefresher(parts).refreshDue();
  await changed;
  expect(services.fleet.member(id)!.standing).toMatchObject({ state: 'revoked', blocks: true });
});

test('an upload is found with its report by its own id, and an anchor with what hangs on it', async () => {
  const { items } = await get(`/appliances/${id}/uploads`);
  const upload = await get(`/uploads/${items[0].id}`);
  expect(upload).toMatchObject({
    id: items[0].id,
    applianceId: id,
    outcome: 'activated',
    report: { verdict: 'accepted' },
  });
  expect((await running.server.inject({ url: '/api/v1/uploads/none', headers })).statusCode).toBe(404);
  // Revoked: no path leads there any more.
  expect(await get('/anchors')).toMatchObject([{ name: 'Lab Root CA', identities: 0 }]);
});

test('the page is told who else has what the certificate says, for the rules on uniqueness', async () => {
  const { services } = running.system;
  const other = await services.appliances.create({ name: 'other', hostname: 'other.contoso.com' }, 'ada');
  const ask = (appliance: string) =>
    post(`/appliances/${appliance}/claims-for`, { certificates: [bundle.crt.toString()] });
  expect(await ask(other.id)).toEqual({
    commonName: [{ appliance: 'one', active: true, same: false }],
    certificate: [{ appliance: 'one', active: false, same: false }],
    key: [{ appliance: 'one', active: false, same: false }],
  });
  expect((await ask(id)).key).toEqual([{ appliance: 'one', active: false, same: true }]);
  const nothing = await post(`/appliances/${id}/claims-for`, { certificates: ['no certificate'] });
  expect(nothing).toMatchObject({ status: 422, type: 'urn:certgate:problem:invalid' });
});
