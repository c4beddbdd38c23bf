import { mkdtempSync, rmSync, statSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPostgresStore } from '../../src/platform/store/postgres/postgres-store.ts';
import { openSqliteStore } from '../../src/platform/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/platform/store/store.ts';
import { type Postgres, postgresBinaries, startPostgres } from '../peers/postgres.ts';

const folder = mkdtempSync(join(tmpdir(), 'certgate-store-'));
const bin = postgresBinaries();
let postgres: Postgres | undefined;
afterAll(async () => {
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const site = (id: string, name = id) => ({ id, name, name_key: name.toLowerCase() });
const appliance = (id: string) => ({
  ...site(id),
  hostname: `${id}.contoso.com`,
  role: 'sensor' as const,
  sensor_id: null,
  site_id: null,
  zone_id: null,
  validation: 'mandatory' as const,
  crl: 'on' as const,
  profile: 'defender-iot',
  created_at: 1_800_000_000_123,
  updated_at: 1_800_000_000_123,
  version: 1,
  retired_at: null as number | null,
});

const backends: [string, () => Promise<Store>][] = [
  ['sqlite', () => openSqliteStore(join(folder, 'contract.db'))],
  ['postgres', () => openPostgresStore(postgres!.url)],
];

describe.each(backends)('%s', (kind, open) => {
  const missing = kind === 'postgres' && bin === undefined;
  if (missing && process.env['CI'] === 'true') {
    test('PostgreSQL is installed (apt-get install postgresql)', () => expect.unreachable());
    return;
  }
  let store: Store;
  beforeAll(async () => {
    if (missing) return;
    if (kind === 'postgres') postgres = await startPostgres(bin!);
    store = await open();
  }, 60_000);
  afterAll(() => store?.close());
  const it = test.skipIf(missing);

  it('opens again on what it wrote, and has nothing left to migrate', async () => {
    await store.db.insertInto('sites').values(site('first')).execute();
    await store.close();
    store = await open();
    expect(await store.db.selectFrom('sites').selectAll().execute()).toEqual([site('first')]);
  });

  it('gives back numbers as numbers, bytes as bytes, absence as null', async () => {
    const der = Uint8Array.from({ length: 256 }, (_, i) => i);
    const anchor = {
      id: 'a',
      name: 'Root',
      der,
      fingerprint: 'f1',
      subject: 'CN=Root',
      not_after: 4_102_444_800_000,
      added_by: 'ada',
      added_at: 1,
      removed_at: null,
    };
    await store.db.insertInto('anchors').values(anchor).execute();
    const found = await store.db.selectFrom('anchors').selectAll().executeTakeFirstOrThrow();
    expect({ ...found, der: Uint8Array.from(found.der) }).toEqual(anchor);
    expect(typeof found.not_after).toBe('number');
  });

  it('names the unique index that was violated', async () => {
    const violation = (work: Promise<unknown>): Promise<string | undefined> =>
      work.then(
        () => 'nothing',
        (error: unknown) => store.violatedUnique(error),
      );
    await store.db.insertInto('sites').values(site('s1', 'Plant')).execute();
    expect(await violation(store.db.insertInto('sites').values(site('s2', 'plant')).execute())).toBe('sites_name');
    expect(await violation(store.db.insertInto('sites').values(site('s1', 'Other')).execute())).toBe('sites_pkey');
    await store.db.insertInto('appliances').values(appliance('one')).execute();
    expect(
      await violation(
        store.db
          .insertInto('appliances')
          .values({ ...appliance('one'), id: 'two' })
          .execute(),
      ),
    ).toBe('appliances_name');
    const claim = { cn_key: 'one.contoso.com', appliance_id: 'one', claimed_at: 1 };
    await store.db.insertInto('common_name_claims').values(claim).execute();
    expect(await violation(store.db.insertInto('common_name_claims').values(claim).execute())).toBe(
      'common_name_claims_pkey',
    );
    expect(await violation(sql`select * from no_such_table`.execute(store.db))).toBeUndefined();
  });

  it('lets a retired appliance give its name to another', async () => {
    await store.db
      .insertInto('appliances')
      .values({ ...appliance('old'), retired_at: 5 })
      .execute();
    await store.db
      .insertInto('appliances')
      .values({ ...appliance('old'), id: 'new' })
      .execute();
  });

  it('refuses rows that refer to nothing', async () => {
    const claim = { cn_key: 'ghost', appliance_id: 'nobody', claimed_at: 1 };
    await expect(store.db.insertInto('common_name_claims').values(claim).execute()).rejects.toThrow();
  });

  it('keeps channels, one of each name, and forgets the exceptions of one that is removed', async () => {
    await store.db.insertInto('appliances').values(appliance('gated')).execute();
    const channel = (id: string, name: string) => ({
      ...site(id, name),
      kind: 'console' as const,
      appliance_id: 'gated',
      partner_id: null,
      node: null,
      settings: '{}',
      created_at: 1,
      updated_at: 1,
      disabled_at: null,
      version: 1,
    });
    const override = {
      id: 'o1',
      channel_id: 'c1',
      origin: 'server' as const,
      overlooks: '["date"]',
      fingerprint: 'ab',
      reason: 'why',
      opened_by: 'ada',
      opened_at: 1_800_000_000_123,
      ends_at: 1_800_000_000_124,
      closed_at: null,
      closed_by: null,
    };
    await store.db.insertInto('channels').values(channel('c1', 'Console')).execute();
    const twice = await store.db
      .insertInto('channels')
      .values(channel('c2', 'console'))
      .execute()
      .catch((error: unknown) => store.violatedUnique(error));
    expect(twice).toBe('channels_name');
    const ghost = { ...channel('c3', 'Other'), appliance_id: 'nobody' };
    await expect(store.db.insertInto('channels').values(ghost).execute()).rejects.toThrow();
    await store.db.insertInto('channel_overrides').values(override).execute();
    expect(await store.db.selectFrom('channel_overrides').selectAll().execute()).toEqual([override]);
    await store.db.deleteFrom('channels').where('id', '=', 'c1').execute();
    expect(await store.db.selectFrom('channel_overrides').selectAll().execute()).toEqual([]);
  });

  it('undoes a transaction that throws, whole', async () => {
    const failing = store.db.transaction().execute(async (trx) => {
      await trx.insertInto('sites').values(site('undone')).execute();
      throw new Error('half way');
    });
    await expect(failing).rejects.toThrow('half way');
    expect(await store.db.selectFrom('sites').select('id').where('id', '=', 'undone').execute()).toEqual([]);
  });

  it('lets exactly one of many claims at the same instant win', async () => {
    await store.db
      .insertInto('appliances')
      .values(Array.from({ length: 20 }, (_, i) => appliance(`racer-${i}`)))
      .execute();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) =>
        store.db.transaction().execute((trx) =>
          trx
            .insertInto('key_claims')
            .values({ spki_fingerprint: 'k', appliance_id: `racer-${i}`, claimed_at: 1 })
            .execute(),
        ),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(store.violatedUnique(outcome.reason)).toBe('key_claims_pkey');
    }
  });

  it('refuses a database that a newer version wrote, and says so', async () => {
    const add = sql`insert into kysely_migration (name, timestamp) values ('9999-future', '2100-01-01')`;
    await add.execute(store.db);
    await expect(open()).rejects.toMatchObject({ code: 'newer-schema' });
    await sql`delete from kysely_migration where name = '9999-future'`.execute(store.db);
  });
});

describe('sqlite alone', () => {
  test('is readable by its owner only, journal included, and so is a backup', async () => {
    const path = join(folder, 'private', 'certgate.db');
    const store = await openSqliteStore(path);
    await store.db.insertInto('sites').values(site('x')).execute();
    const backup = join(folder, 'private', 'copy.db');
    await store.backupTo(backup);
    for (const name of readdirSync(join(folder, 'private'))) {
      expect([name, statSync(join(folder, 'private', name)).mode & 0o077]).toEqual([name, 0]);
    }
    await store.close();
    const copy = await openSqliteStore(backup);
    expect(await copy.db.selectFrom('sites').select('id').execute()).toEqual([{ id: 'x' }]);
    await copy.close();
  });

  test('is copied before an upgrade changes it', async () => {
    const path = join(folder, 'upgrade', 'certgate.db');
    const first = await openSqliteStore(path);
    await first.db.insertInto('sites').values(site('kept')).execute();
    await sql`delete from kysely_migration where name > '0001-inventory'`.execute(first.db);
    for (const table of [
      'channel_overrides',
      'channels',
      'sessions',
      'tokens',
      'users',
      'setup_links',
      'settings',
      'audit',
      'idempotency_keys',
    ]) {
      await sql.raw(`drop table ${table}`).execute(first.db);
    }
    await first.close();
    const second = await openSqliteStore(path);
    await second.close();
    expect(readdirSync(join(folder, 'upgrade')).filter((name) => name.includes('before-upgrade'))).toHaveLength(1);
  });
});
