import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { restoreSqlite } from '../../src/platform/store/sqlite/restore.ts';
import { openSqliteStore } from '../../src/platform/store/sqlite/sqlite-store.ts';
import { demandMasterKey, rotateMasterKey, SEALED_COLUMNS } from '../../src/platform/vault/rotation.ts';
import { Vault } from '../../src/platform/vault/vault.ts';
import { FleetLab, type Inventory, inventoryOn, newSecrets, sensor } from '../inventory/fleet-lab.ts';

let lab: FleetLab;
beforeAll(async () => {
  lab = await FleetLab.create({ keys: 2 });
});
afterAll(() => lab.close());
afterEach(() => lab.closeStores());

const SUBJECT = { country: 'US', organization: 'Contoso', organizationalUnit: 'Plant' };
const auditKeyPlace = { table: 'settings', record: 'audit-key', field: 'value' };

/** Two appliances with keys and passphrases, a CSR that waits, a sealed setting. */
async function filled(secrets = newSecrets()): Promise<Inventory> {
  const fleet = await lab.inventory({ secrets });
  await demandMasterKey(fleet.store, fleet.vault);
  const value = Buffer.from(fleet.vault.seal(auditKeyPlace, Buffer.from('audit'))).toString('base64');
  await fleet.store.db.insertInto('settings').values({ key: 'audit-key', value, updated_at: 1 }).execute();
  for (const [i, key] of lab.keys.entries()) {
    const { id } = await sensor(fleet, `s${i}`);
    await fleet.gate.upload(id, lab.bundle(`s${i}.contoso.com`, key, { passphrase: 'Pass-1' }), 'ada');
    await fleet.pendingKeys.create(id, { subject: SUBJECT }, 'ada');
  }
  return fleet;
}

async function secretsOf({
  store,
  vault,
  identities,
}: Pick<Inventory, 'store' | 'vault' | 'identities'>): Promise<string[]> {
  const found: string[] = [];
  for (const { id, appliance_id } of await store.db
    .selectFrom('identities')
    .select(['id', 'appliance_id'])
    .orderBy('cn')
    .execute()) {
    found.push(Buffer.from((await identities.material(appliance_id))!.key).toString('hex'), id);
    found.push(Buffer.from((await identities.keptPassphrase(appliance_id))!).toString());
  }
  for (const row of await store.db.selectFrom('pending_keys').selectAll().orderBy('id').execute()) {
    const place = { table: 'pending_keys', record: row.id, field: 'key_sealed' };
    found.push(Buffer.from(vault.open(place, row.key_sealed)).toString('hex'));
  }
  const setting = await store.db
    .selectFrom('settings')
    .select('value')
    .where('key', '=', 'audit-key')
    .executeTakeFirstOrThrow();
  return [...found, Buffer.from(vault.open(auditKeyPlace, Buffer.from(setting.value, 'base64'))).toString()];
}

describe('a new master key', () => {
  test('takes over every sealed value there is', async () => {
    const secrets = newSecrets();
    const fleet = await filled(secrets);
    const before = await secretsOf(fleet);
    const next = randomBytes(32);
    expect(await rotateMasterKey(fleet.store, new Vault(next, [secrets.masterKey]))).toEqual({ rotated: 7 });
    const rotated = inventoryOn(fleet.store, { secrets: { ...secrets, masterKey: next } });
    expect(await secretsOf(rotated)).toEqual(before);
    await demandMasterKey(fleet.store, new Vault(next));
    await expect(demandMasterKey(fleet.store, fleet.vault)).rejects.toMatchObject({ code: 'other-master-key' });
    expect(await rotateMasterKey(fleet.store, new Vault(next))).toEqual({ rotated: 0 });
  });

  test('goes on where it was interrupted, and until then asks for both keys', async () => {
    const secrets = newSecrets();
    const fleet = await filled(secrets);
    const before = await secretsOf(fleet);
    const next = randomBytes(32);
    // The last value cannot be opened: as if it had been killed there.
    const setting = fleet.store.db.updateTable('settings').where('key', '=', 'audit-key');
    const { value } = await fleet.store.db
      .selectFrom('settings')
      .select('value')
      .where('key', '=', 'audit-key')
      .executeTakeFirstOrThrow();
    await setting.set({ value: 'AAAA' }).execute();
    const both = new Vault(next, [secrets.masterKey]);
    await expect(rotateMasterKey(fleet.store, both)).rejects.toMatchObject({ code: 'malformed' });
    for (const one of [new Vault(next), fleet.vault]) {
      await expect(demandMasterKey(fleet.store, one)).rejects.toMatchObject({
        message: expect.stringMatching(/give both/),
      });
    }
    await demandMasterKey(fleet.store, both);
    await setting.set({ value }).execute();
    expect(await rotateMasterKey(fleet.store, both)).toEqual({ rotated: 1 });
    expect(await secretsOf(inventoryOn(fleet.store, { secrets: { ...secrets, masterKey: next } }))).toEqual(before);
  });

  test('knows every sealed column of the schema', async () => {
    const { store } = await lab.inventory({ trusting: false });
    const tables = await store.db.introspection.getTables();
    const sealed = tables.flatMap(({ name, columns }) =>
      columns.flatMap((column) => (column.name.endsWith('_sealed') ? [{ table: name, field: column.name }] : [])),
    );
    expect(SEALED_COLUMNS.toSorted(byName)).toEqual(sealed.toSorted(byName));
  });
});

const byName = (a: { table: string; field: string }, b: typeof a): number =>
  `${a.table}.${a.field}` < `${b.table}.${b.field}` ? -1 : 1;

test('nothing secret lies in the clear, neither in the database nor in its journal nor in a backup', async () => {
  const fleet = await filled();
  const secrets = lab.keys.flatMap(({ privateKey }) => {
    const der = privateKey.export({ type: 'pkcs8', format: 'der' });
    return [der.subarray(-64), Buffer.from(der.subarray(-66).toString('base64').slice(4, 40))];
  });
  const copy = join(lab.folder, 'clear.db');
  await fleet.store.backupTo(copy);
  const files = readdirSync(lab.folder).filter((name) => /\.db(-wal)?$/.test(name));
  expect(files.some((name) => name.endsWith('-wal'))).toBe(true);
  for (const name of files) {
    const bytes = readFileSync(join(lab.folder, name));
    for (const secret of [...secrets, 'Pass-1', 'PRIVATE KEY'])
      expect([name, bytes.includes(secret)]).toEqual([name, false]);
  }
});

describe('a backup', () => {
  const folder = (name: string): string => {
    mkdirSync(join(lab.folder, name));
    return join(lab.folder, name);
  };

  test('is restored whole, and what was there stays beside it', async () => {
    const secrets = newSecrets();
    const fleet = await filled(secrets);
    const before = await secretsOf(fleet);
    const place = folder('restored');
    await fleet.store.backupTo(join(place, 'backup.db'));
    const database = join(place, 'certgate.db');
    await fleet.store.db.insertInto('sites').values({ id: 'later', name: 'Later', name_key: 'later' }).execute();
    await fleet.store.backupTo(database);
    const wish = {
      backup: join(place, 'backup.db'),
      database,
      knowsMasterKey: (fingerprint: string) => fleet.vault.knows(fingerprint),
      now: new Date('2026-05-01T00:00:00Z'),
    };
    const { facts, keptAside } = restoreSqlite(wish);
    expect(facts).toMatchObject({ appliances: 2, masterKey: { fingerprint: fleet.vault.fingerprint } });
    const restored = await openSqliteStore(database);
    expect(await secretsOf(inventoryOn(restored, { secrets }))).toEqual(before);
    await restored.close();
    const aside = await openSqliteStore(keptAside!);
    expect(await aside.db.selectFrom('sites').select('id').execute()).toEqual([{ id: 'later' }]);
    await aside.close();
  });

  test('does not take the place of a database that is in use', async () => {
    const fleet = await lab.inventory();
    const place = folder('in-use');
    await fleet.store.backupTo(join(place, 'backup.db'));
    const current = await openSqliteStore(join(place, 'certgate.db'));
    const wish = {
      backup: join(place, 'backup.db'),
      database: join(place, 'certgate.db'),
      knowsMasterKey: () => true,
      now: new Date(),
    };
    expect(() => restoreSqlite(wish)).toThrow(/in use .*stop Certgate first/);
    expect(await current.db.selectFrom('sites').selectAll().execute()).toEqual([]);
    await current.close();
  });

  test('with another master key, damaged or of something else changes nothing', async () => {
    const fleet = await filled();
    const place = folder('refused');
    const good = join(place, 'backup.db');
    await fleet.store.backupTo(good);
    const bytes = readFileSync(good);
    bytes.fill(0xff, bytes.length - 8000, bytes.length - 2000);
    writeFileSync(join(place, 'damaged.db'), bytes);
    writeFileSync(join(place, 'text.db'), 'this is no database at all'.repeat(100));
    const restore = async (name: string, known = true): Promise<unknown> =>
      restoreSqlite({
        backup: join(place, name),
        database: join(place, 'certgate.db'),
        knowsMasterKey: () => known,
        now: new Date(),
      });
    const needed = expect.stringContaining(fleet.vault.fingerprint.slice(0, 16));
    await expect(restore('backup.db', false)).rejects.toMatchObject({ message: needed });
    for (const name of ['damaged.db', 'text.db', 'missing.db']) {
      await expect(restore(name)).rejects.toMatchObject({ code: 'restore-failed' });
    }
    expect(existsSync(join(place, 'certgate.db'))).toBe(false);
    expect(existsSync(join(place, 'certgate.db.restoring'))).toBe(false);
  });
});
