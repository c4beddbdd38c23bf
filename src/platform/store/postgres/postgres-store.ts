import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { migrate, migrationState } from '../migrate.ts';
import type { Schema } from '../schema.ts';
import { type Store, StoreError } from '../store.ts';

const UNIQUE_VIOLATION = '23505';

/** Connects to PostgreSQL and brings its schema up to date; several nodes may start at once. */
export async function openPostgresStore(url: string, onError: (error: Error) => void = () => {}): Promise<Store> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 10_000,
    types: { getTypeParser },
  });
  // Without a listener, a connection lost while idle would end the process.
  pool.on('error', onError);
  try {
    await pool.query('select 1');
  } catch (error) {
    await pool.end();
    throw new StoreError(
      'unreachable',
      `The database at ${withoutPassword(url)} does not answer: ${(error as Error).message}.`,
      error,
    );
  }
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  try {
    if ((await migrationState(db)).pending.length > 0) await migrate(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return {
    kind: 'postgres',
    db,
    violatedUnique(error) {
      const { code, constraint } = error as { code?: unknown; constraint?: string };
      return code === UNIQUE_VIOLATION ? constraint : undefined;
    },
    backupTo() {
      return Promise.reject(
        new StoreError('unsupported', 'Back PostgreSQL up with its own tools: pg_dump --format=custom.'),
      );
    },
    close: () => db.destroy(),
  };
}

/** bigint arrives as text, since not every one is a safe number; ours all are (milliseconds, counters). */
const getTypeParser: pg.CustomTypesConfig['getTypeParser'] = (type: number, format?: 'text' | 'binary') =>
  type === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(type, format as 'text');

function withoutPassword(url: string): string {
  try {
    const parsed = new URL(url);
    parsed.password = '';
    return parsed.href;
  } catch {
    return 'the configured address';
  }
}
