import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Lab, scratch, write } from '../cli/program.ts';
import { Served } from './served.ts';

// What the user of a real console does, with curl and openssl, against a real server. The tests follow each other.
const folder = scratch();
const PASSWORD = 'correct-horse-battery';
let lab: Lab;
let served: Served;
let cookie = '';
let csrf = '';

beforeAll(async () => {
  lab = new Lab(folder);
  served = await Served.start(join(folder, 'server'));
});
afterAll(async () => {
  await served?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const json = (method: string, body: unknown): string[] => [
  '-X',
  method,
  '-H',
  'Content-Type: application/json',
  '-d',
  JSON.stringify(body),
];
const signedIn = (): string[] => ['-H', `Cookie: ${cookie}`, '-H', `X-CSRF-Token: ${csrf}`];
const bundle = (name: string, base = name): string[] => [
  '-F',
  `name=${name}`,
  '-F',
  `crt=@${folder}/${base}.crt`,
  '-F',
  `key=@${folder}/${base}.key`,
  '-F',
  `chain=@${folder}/chain.pem`,
];

describe('first start', () => {
  test('only set-up and health answer', async () => {
    expect((await served.curl('/healthz')).status).toBe(200);
    expect((await served.curl('/readyz')).json).toEqual({ status: 'ok', setupDone: false });
    const refused = await served.curl('/api/v1/appliances');
    expect(refused.status).toBe(503);
    expect(refused.headers['content-type']).toContain('application/problem+json');
    expect(refused.json.detail).toContain('certgate setup-link');
  });

  test('the set-up link is in a file of its owner, in no output', () => {
    const token = served.setupToken();
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(statSync(join(served.folder, 'data/setup-link')).mode & 0o777).toBe(0o600);
    expect(served.output).not.toContain(token);
  });

  test('the certificate is self-signed, and its fingerprint is the one that was shown', async () => {
    const fingerprint = await served.presented();
    expect(served.output).toContain(fingerprint);
    expect(readFileSync(join(served.folder, 'data/setup-link'), 'utf8')).toContain(fingerprint);
    expect((await served.curl('/api/v1/console')).json).toMatchObject({ fingerprint, origin: 'self-signed' });
  });

  test('a wrong token makes no administrator, the right one does, and only once', async () => {
    const body = (token: string) => json('POST', { token, name: 'ada', password: PASSWORD });
    expect((await served.curl('/api/v1/setup', ...body('x'.repeat(43)))).status).toBe(403);
    const token = served.setupToken();
    const made = await served.curl('/api/v1/setup', ...body(token));
    expect(made.status, made.text).toBe(201);
    expect(made.json.user).toMatchObject({ name: 'ada', role: 'admin' });
    const set = made.headers['set-cookie']!;
    for (const part of ['__Host-certgate=', 'HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/'])
      expect(set).toContain(part);
    cookie = set.split(';')[0]!;
    csrf = made.json.csrfToken;
    expect((await served.curl('/api/v1/setup', ...body(token))).status).toBe(409);
  });
});

describe('an appliance', () => {
  let id = '';
  let first = '';

  test('its CA is added as trust anchor by the fingerprint that was compared', async () => {
    const certificate = readFileSync(join(folder, 'root.pem'), 'utf8');
    write(folder, 'chain.pem', readFileSync(join(folder, 'ca.pem'), 'utf8') + certificate);
    const asked = await served.curl('/api/v1/anchors', ...signedIn(), ...json('POST', { certificate }));
    expect(asked.status, asked.text).toBe(422);
    const fingerprint = /([0-9A-F]{2}:){31}[0-9A-F]{2}/.exec(asked.json.detail)![0];
    const added = await served.curl('/api/v1/anchors', ...signedIn(), ...json('POST', { certificate, fingerprint }));
    expect(added.status, added.text).toBe(201);
  });

  test('takes no bad bundle: the reason is said, and what the appliance would have said', async () => {
    const made = await served.curl(
      '/api/v1/appliances',
      ...signedIn(),
      ...json('POST', { name: 'Line 1', hostname: 'line1.contoso.com' }),
    );
    expect(made.status, made.text).toBe(201);
    id = made.json.id;
    lab.issue('small', { cn: 'line1.contoso.com', bits: 1024 });
    const refused = await served.curl(`/api/v1/appliances/${id}/uploads`, ...signedIn(), ...bundle('small'));
    expect(refused.status, refused.text).toBe(422);
    expect(refused.json.type).toBe('urn:certgate:problem:certificate-refused');
    const finding = refused.json.findings.find(({ rule }: { rule: string }) => rule === 'crt-public-key');
    expect(finding).toMatchObject({ status: 'refused', applianceSays: 'Certificate validation failed' });
    expect(refused.text).not.toContain('PRIVATE KEY');
    expect((await served.curl(`/api/v1/appliances/${id}/identities`, ...signedIn())).json).toEqual([]);
  });

  test('takes a repeated upload once, by its Idempotency-Key', async () => {
    lab.issue('once', { cn: 'line1.contoso.com' });
    const key = ['-H', 'Idempotency-Key: 5d1c8a7e'];
    const upload = (base: string) =>
      served.curl(`/api/v1/appliances/${id}/uploads`, ...signedIn(), ...key, ...bundle(base));
    const [one, two] = [await upload('once'), await upload('once')];
    expect(one.status, one.text).toBe(201);
    expect(two.json).toEqual(one.json);
    expect(two.headers['idempotent-replayed']).toBe('true');
    expect((await upload('small')).json.type).toBe('urn:certgate:problem:idempotency-key-reused');
    expect((await served.curl(`/api/v1/appliances/${id}/identities`, ...signedIn())).json).toHaveLength(1);
  });

  test('takes a good one, and another, and rolls back', async () => {
    for (const name of ['good1', 'good2']) {
      lab.issue(name, { cn: 'line1.contoso.com' });
      const taken = await served.curl(`/api/v1/appliances/${id}/uploads`, ...signedIn(), ...bundle(name));
      expect(taken.status, taken.text).toBe(201);
      expect(taken.json.outcome).toBe('activated');
      first ||= taken.json.identity.fingerprint;
    }
    const back = await served.curl(`/api/v1/appliances/${id}/rollback`, ...signedIn(), '-X', 'POST');
    expect(back.status, back.text).toBe(200);
    expect(back.json.fingerprint).toBe(first);
  });
});

describe("the console's own certificate", () => {
  let selfSigned = '';

  test('is refused where it is bad, and the old one goes on being served', async () => {
    selfSigned = await served.presented();
    lab.issue('other', { cn: 'other.contoso.com' });
    const refused = await served.curl('/api/v1/appliances/console/uploads', ...signedIn(), ...bundle('other'));
    expect(refused.status, refused.text).toBe(422);
    expect(refused.json.findings[0].rule).toBe('crt-subject-cn');
    expect(await served.presented()).toBe(selfSigned);
  });

  test('is served as soon as the upload is answered, and with it HSTS', async () => {
    lab.issue('gate', { cn: 'gate.contoso.com' });
    expect((await served.curl('/healthz')).headers['strict-transport-security']).toBeUndefined();
    const taken = await served.curl('/api/v1/appliances/console/uploads', ...signedIn(), ...bundle('gate'));
    expect(taken.status, taken.text).toBe(201);
    const now = (await served.presented()).replaceAll(':', '').toLowerCase();
    expect(now).toBe(taken.json.identity.fingerprint);
    expect((await served.curl('/healthz')).headers['strict-transport-security']).toBe('max-age=86400');
  });

  test('is the old one after a roll-back, and the new one after another', async () => {
    const path = '/api/v1/appliances/console/rollback';
    const rollback = () =>
      served.curl(path, ...signedIn(), ...json('POST', { reason: 'the new CA is not on the PCs' }));
    const uploaded = await served.presented();
    const unconfirmed = await served.curl(path, ...signedIn(), '-X', 'POST');
    expect(unconfirmed.json.type).toBe('urn:certgate:problem:confirmation-needed');
    expect((await rollback()).status).toBe(200);
    expect(await served.presented()).toBe(selfSigned);
    expect((await rollback()).status).toBe(200);
    expect(await served.presented()).toBe(uploaded);
  });
});
