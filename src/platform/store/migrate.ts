import { type Kysely, type Migration, Migrator } from 'kysely';
import * as inventory from './migrations/0001-inventory.ts';
import * as access from './migrations/0002-access.ts';
import * as channels from './migrations/0003-channels.ts';
import type { Schema } from './schema.ts';
import { StoreError } from './store.ts';

/** In the order in which they run; released ones are never changed, only followed. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-inventory': inventory,
  '0002-access': access,
  '0003-channels': channels,
};

export interface MigrationState {
  readonly done: readonly string[];
  readonly pending: readonly string[];
}

/** Which migrations ran and which are to come. @throws {StoreError} `newer-schema` when the database is ahead of us. */
export async function migrationState(db: Kysely<Schema>): Promise<MigrationState> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  const ran = tables.some(({ name }) => name === 'kysely_migration')
    ? await (db as unknown as Kysely<{ kysely_migration: { name: string } }>)
        .selectFrom('kysely_migration')
        .select('name')
        .orderBy('name')
        .execute()
    : [];
  const done = ran.map(({ name }) => name);
  demandKnown(done);
  return { done, pending: Object.keys(MIGRATIONS).filter((name) => !done.includes(name)) };
}

/** @throws {StoreError} `newer-schema` */
export function demandKnown(done: readonly string[]): void {
  const unknown = done.filter((name) => !(name in MIGRATIONS));
  if (unknown.length > 0) {
    throw new StoreError(
      'newer-schema',
      `The database was written by a newer Certgate (it has ${unknown.join(', ')}). Start that version, or restore the backup made before the upgrade.`,
    );
  }
}

/** Brings the schema up to date, all or nothing; several nodes may call it at once. Returns what ran. */
export async function migrate(db: Kysely<Schema>): Promise<readonly string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } });
  const { error, results = [] } = await migrator.migrateToLatest();
  const failed = results.find(({ status }) => status === 'Error');
  if (error !== undefined) {
    const where = failed === undefined ? '' : ` in ${failed.migrationName}`;
    throw new StoreError(
      'migration-failed',
      `The database could not be brought up to date${where}: ${error instanceof Error ? error.message : 'unknown reason'}. Nothing of it was changed.`,
      error,
    );
  }
  return results.map(({ migrationName }) => migrationName);
}
