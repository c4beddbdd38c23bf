import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CONSOLE_ID } from '../../service/inventory/appliances.ts';
import { loadConfig } from '../config/config.ts';
import { openSystem, type System } from '../system.ts';
import { ConsoleCertificate } from './console-certificate.ts';
import { installSelfSigned } from './install.ts';
import { servedFingerprint } from './read-back.ts';

let folder: string;
let system: System;
let certificate: ConsoleCertificate;
const hostname = 'gate.contoso.com';
const log = pino({ level: 'silent' });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'certgate-console-'));
  const environment = { CERTGATE_DATA: folder, CERTGATE_MASTER_KEY: 'cd'.repeat(32), CERTGATE_HOSTNAME: hostname };
  system = await openSystem(loadConfig({ environment }), log);
  certificate = new ConsoleCertificate({ ...system, ...system.services }, { hostname, log });
});
afterEach(async () => {
  await certificate.stop();
  await system.store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As if the disk had gone bad, or somebody had swapped sealed values. */
const damageKey = (id: string): Promise<unknown> =>
  system.store.db
    .updateTable('identities')
    .set({ key_sealed: Buffer.alloc(200) })
    .where('id', '=', id)
    .execute();

test('a certificate that cannot be loaded does not close the console: a self-signed one stands in', async () => {
  const before = (await system.services.identities.active(CONSOLE_ID))!;
  await damageKey(before.id);
  const options = await certificate.load();
  expect(certificate.presented).toMatchObject({ origin: 'emergency', fromCa: false });
  expect(new X509Certificate(options.cert as string).checkHost(hostname)).toBe(hostname);
});

test('a certificate that cannot be served is taken back, in the listener and in the inventory', async () => {
  const server = createServer(await certificate.load());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  certificate.follow(server);
  const { identities, audit } = system.services;
  const good = (await identities.active(CONSOLE_ID))!;
  const { fingerprint } = certificate.presented;
  // Another process put it there; this one hears of it only after it was damaged.
  const elsewhere = await otherProcess();
  await installSelfSigned(elsewhere, { hostname, actor: 'host' });
  const bad = (await identities.active(CONSOLE_ID))!;
  expect(bad.id).not.toBe(good.id);
  await damageKey(bad.id);
  identities.announce(CONSOLE_ID);
  await expect(certificate.settled(bad.id)).rejects.toThrow('the one before is back');
  expect(await servedFingerprint(server)).toBe(fingerprint);
  expect((await identities.active(CONSOLE_ID))!.id).toBe(good.id);
  expect((await audit.page()).map(({ action }) => action)).toContain('console.not-served');
  server.close();
});

test('two certificates that both cannot be served do not take turns for ever', async () => {
  const server = createServer(await certificate.load());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  certificate.follow(server);
  const { identities, audit } = system.services;
  const { fingerprint } = certificate.presented;
  const elsewhere = await otherProcess();
  for (let n = 0; n < 2; n++) {
    await installSelfSigned(elsewhere, { hostname, actor: 'host' });
    await damageKey((await identities.active(CONSOLE_ID))!.id);
  }
  identities.announce(CONSOLE_ID);
  for (let n = 0; n < 5; n++) await certificate.settled('');
  const actions = (await audit.page()).map(({ action }) => action);
  expect(actions.filter((action) => action === 'console.not-served')).toHaveLength(2);
  expect(await servedFingerprint(server)).toBe(fingerprint);
  server.close();
});

const otherProcess = async () => {
  const { store, vault, services } = system;
  const { Identities } = await import('../../service/inventory/identities.ts');
  return { ...services, store, vault, identities: new Identities({ store, vault, audit: services.audit }) };
};
