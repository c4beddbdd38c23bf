/**
 * Uploads, activates and rolls back without end on the database of argv[2], and says on stdout what is done once it is.
 * The test that starts it kills it.
 */
import { readFileSync, writeSync } from 'node:fs';
import { openSqliteStore } from '../../src/platform/store/sqlite/sqlite-store.ts';
import type { Upload } from '../../src/service/inventory/gate.ts';
import { inventoryOn } from './fleet-lab.ts';

const [, , database, settings] = process.argv as string[];
const { masterKey, auditKey, applianceId, uploads } = JSON.parse(readFileSync(settings!, 'utf8')) as {
  masterKey: string;
  auditKey: string;
  applianceId: string;
  uploads: { name: string; crt: string; key: string; chain: string }[];
};
const secrets = { masterKey: Buffer.from(masterKey, 'base64'), auditKey: Buffer.from(auditKey, 'base64') };
const { gate, identities, audit } = inventoryOn(await openSqliteStore(database!), { secrets });
const bundles = uploads.map(({ name, crt, key, chain }): Upload => {
  const bytes = (text: string): Uint8Array => Buffer.from(text, 'base64');
  return { name, crt: bytes(crt), key: bytes(key), chain: bytes(chain), reason: 'a lab' };
});

for (let i = 0; ; i++) {
  const bundle = bundles[i % bundles.length]!;
  if (i % 3 === 0) {
    await gate.upload(applianceId, { ...bundle, activateAt: Date.now() + 3_600_000 }, 'ada');
    await gate.activate(applianceId, 'ada');
  } else if (i % 3 === 1) await gate.upload(applianceId, bundle, 'ada');
  else await gate.rollBack(applianceId, 'ada', { reason: 'a lab' });
  const active = await identities.active(applianceId);
  // At once, past every buffer of this process: what is said is done.
  writeSync(1, `${JSON.stringify({ active: active!.id, head: await audit.head() })}\n`);
}
