import { readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:tls';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certgate, certgateAside, scratch, write } from '../cli/program.ts';
import { Administrator, json, PASSWORD } from './administrator.ts';
import { serverEnvironment, Served } from './served.ts';
import { shortLived } from './short-lived.ts';

// What can go wrong with a server: clients, disks, clocks, operators. The tests follow each other.
const folder = scratch();
const home = join(folder, 'server');
let served: Served;
let ada: Administrator;

beforeAll(async () => {
  served = await Served.start(home, { CERTGATE_LIMITS_REQUEST_SECONDS: '1' });
  ada = await Administrator.setUp(served);
});
afterAll(async () => {
  await served?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('clients', () => {
  test('a file too large is refused, and said to be', async () => {
    write(folder, 'large.crt', Buffer.alloc(6 * 1024 * 1024, 'A'));
    const answer = await ada.curl(
      '/api/v1/appliances/console/uploads',
      '-F',
      'name=x',
      '-F',
      `crt=@${folder}/large.crt`,
    );
    expect(answer.status).toBe(413);
    expect(answer.json.type).toBe('urn:certgate:problem:too-large');
  });

  test('a body that never ends is cut off', async () => {
    const started = Date.now();
    const socket = connect({ port: served.port, host: '127.0.0.1', rejectUnauthorized: false });
    socket.on('error', () => undefined);
    socket.write(
      'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
    );
    const drip = setInterval(() => socket.write(' '), 200);
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    await new Promise((resolve) => socket.once('close', resolve));
    clearInterval(drip);
    expect(answer).toMatch(/^(HTTP\/1\.1 408 .*)?/);
    expect(Date.now() - started).toBeLessThan(15_000);
  });

  test('a handshake that never ends is cut off', async () => {
    const { connect: connectPlain } = await import('node:net');
    const socket = connectPlain({ port: served.port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('close', resolve));
  });

  test('who guesses passwords is locked out, and told for how long', async () => {
    await ada.curl('/api/v1/users', ...json('POST', { name: 'eve', password: PASSWORD, role: 'reader' }));
    const guess = () => served.curl('/api/v1/session', ...json('POST', { name: 'eve', password: 'wrong' }));
    for (let attempt = 0; attempt < 5; attempt++) expect((await guess()).status).toBe(401);
    const locked = await guess();
    expect(locked.status).toBe(429);
    expect(locked.json.detail).toMatch(/Try again in \d+ seconds/);
  });

  test('a weak password, a wrong field and an address that leads nowhere are explained', async () => {
    const user = { name: 'max', password: 'short', role: 'reader' };
    expect((await ada.curl('/api/v1/users', ...json('POST', user))).json.detail).toContain('at least 12 characters');
    const wrong = await ada.curl('/api/v1/appliances', ...json('POST', { name: 'x', hostnam: 'y' }));
    expect(wrong.status).toBe(422);
    expect(wrong.json.detail).toContain('hostname');
    expect((await ada.curl('/api/v1/nowhere')).json.type).toBe('urn:certgate:problem:not-found');
  });
});

describe('operators', () => {
  const environment = { ...serverEnvironment(join(folder, 'other')), CERTGATE_HOSTNAME: 'other.contoso.com' };

  test('a key of the configuration that does not exist is named, with the nearest that does', () => {
    write(folder, 'certgate.yaml', 'listen:\n  prot: 9000\n');
    const inFile = certgate(['serve', '--config', join(folder, 'certgate.yaml')], { env: environment });
    expect(inFile.code).toBe(2);
    expect(inFile.stderr).toContain('there is no key listen.prot. Did you mean listen.port?');
    const inEnvironment = certgate(['serve'], { env: { ...environment, CERTGATE_LISTEN_PROT: '1' } });
    expect(inEnvironment.code).toBe(2);
    expect(inEnvironment.stderr).toContain('Did you mean CERTGATE_LISTEN_PORT?');
  });

  test('a second server on the same data folder is refused', () => {
    const second = certgate(['serve'], { env: serverEnvironment(home) });
    expect(second.code).toBe(2);
    expect(second.stderr).toContain('Another certgate serve runs');
  });

  test('a backup is restored with its master key, and with no other', async () => {
    const backup = join(folder, 'backup.db');
    const made = await certgateAside(['db', 'backup', backup], folder, serverEnvironment(home));
    expect(made.code, made.stderr).toBe(0);
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    const elsewhere = { ...environment, CERTGATE_DATA: join(folder, 'restored') };
    const refused = certgate(['db', 'restore', backup], { env: elsewhere });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('master key');
    const right = { ...elsewhere, CERTGATE_MASTER_KEY_FILE: join(home, 'master.key') };
    const restored = certgate(['db', 'restore', backup], { env: right });
    expect(restored.code, restored.stderr).toBe(0);
    expect(certgate(['audit', 'verify'], { env: right }).stdout).toContain('intact');
  });
});

test('after kill -9 everything that was acknowledged is there', async () => {
  const before = await served.presented();
  const made = await ada.curl('/api/v1/appliances', ...json('POST', { name: 'Line 7', hostname: 'line7.contoso.com' }));
  expect(made.status).toBe(201);
  await served.stop('SIGKILL');
  served = await Served.start(home);
  ada.served = served;
  expect(await served.presented()).toBe(before);
  expect((await ada.curl(`/api/v1/appliances/${made.json.id}`)).json.name).toBe('Line 7');
});

describe('everything expires at once', () => {
  let until: Date;

  test('certificate, root and CRL are in use while they are valid', async () => {
    const made = await shortLived(folder, { name: 'short', hostname: 'gate.contoso.com', validForMs: 5000 });
    const { fingerprint } = made;
    until = made.until;
    const certificate = readFileSync(join(folder, 'short-root.pem'), 'utf8');
    const anchor = await ada.curl('/api/v1/anchors', ...json('POST', { certificate, fingerprint }));
    expect(anchor.status, anchor.text).toBe(201);
    const crl = ['-H', 'Content-Type: application/pkix-crl', '--data-binary', `@${folder}/short.crl`];
    const kept = await ada.curl('/api/v1/crls', ...crl);
    expect(kept.json, kept.text).toMatchObject({ outcome: 'added' });
    const taken = await ada.upload('console', folder, {
      base: 'short',
      chain: 'short-root.pem',
      fields: ['crl=on'],
    });
    expect(taken.status, taken.text).toBe(201);
  });

  test('the console stays open, and says what is wrong', async () => {
    await sleep(until.getTime() - Date.now() + 1100);
    const shown = await served.curl('/api/v1/console');
    expect(shown.json.banner).toContain('expired');
    expect((await served.curl('/')).status).toBe(200);
    const { console } = (await ada.curl('/api/v1/overview')).json;
    expect([console.state, console.message]).toEqual(['expired', shown.json.banner]);
    expect((await ada.curl('/api/v1/crls')).json[0].freshness).toBe('expired');
  });

  test('an administrator replaces it by the API', async () => {
    const wanted = { name: 'long', hostname: 'gate.contoso.com', validForMs: 3_600_000 };
    const { fingerprint } = await shortLived(folder, wanted);
    const certificate = readFileSync(join(folder, 'long-root.pem'), 'utf8');
    expect((await ada.curl('/api/v1/anchors', ...json('POST', { certificate, fingerprint }))).status).toBe(201);
    await ada.curl('/api/v1/crls', '-H', 'Content-Type: application/pkix-crl', '--data-binary', `@${folder}/long.crl`);
    const taken = await ada.upload('console', folder, { base: 'long', chain: 'long-root.pem', fields: ['crl=on'] });
    expect(taken.status, taken.text).toBe(201);
    expect((await served.curl('/api/v1/console')).json.banner).toBeUndefined();
  });

  test('the host recovers it, and an administrator, while the server runs and while it does not', async () => {
    const environment = serverEnvironment(home);
    const out = join(folder, 'new-password');
    const online = await certgateAside(
      ['recover', '--certificate', '--administrator', 'ada', '--password-out', out],
      folder,
      environment,
    );
    expect(online.code, online.stderr).toBe(0);
    const selfSigned = await served.presented();
    expect(online.stdout).toContain(selfSigned);
    const password = readFileSync(out, 'utf8').trim();
    await Administrator.signIn(served, 'ada', password);
    await served.stop();
    const offline = certgate(['recover', '--certificate'], { env: environment });
    expect(offline.code, offline.stderr).toBe(0);
    served = await Served.start(home);
    expect(await served.presented()).not.toBe(selfSigned);
    expect((await served.curl('/api/v1/console')).json.origin).toBe('self-signed');
  });
});

test('what left the server held no secret', () => {
  expect(served.output).not.toContain(PASSWORD);
});
