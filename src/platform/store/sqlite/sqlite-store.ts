import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';
import { migrate, migrationState } from '../migrate.ts';
import type { Schema } from '../schema.ts';
import { type Store, StoreError } from '../store.ts';

type Database = InstanceType<typeof DatabaseSync>;
type Statement = ReturnType<Database['prepare']>;

/**
 * Opens (and makes, 0600) the embedded database, and brings its schema up to date, after a backup beside it when there
 * was something to lose. WAL with synchronous=FULL: what was acknowledged survives a power cut.
 */
export async function openSqliteStore(
  path: string,
  options: { now: () => Date } = { now: () => new Date() },
): Promise<Store> {
  const existed = existsSync(path);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // SQLite would make it with the process's umask; its journal files inherit the mode.
  if (!existed) closeSync(openSync(path, 'a', 0o600));
  const database = openDatabase(path);
  const store = new SqliteStore(database);
  try {
    const { done, pending } = await migrationState(store.db);
    if (done.length > 0 && pending.length > 0) await store.backupTo(backupPath(path, options.now()));
    if (pending.length > 0) await migrate(store.db);
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

function openDatabase(path: string): Database {
  try {
    const database = new DatabaseSync(path);
    database.exec(`
      pragma journal_mode = wal;
      pragma synchronous = full;
      pragma foreign_keys = on;
      pragma busy_timeout = 10000;
      pragma secure_delete = on;
      pragma trusted_schema = off;
    `);
    return database;
  } catch (error) {
    throw new StoreError('unreachable', `The database ${path} cannot be opened: ${(error as Error).message}.`, error);
  }
}

const backupPath = (path: string, now: Date): string =>
  join(dirname(path), `${basename(path)}.before-upgrade-${now.toISOString().replaceAll(/[:.]/g, '-')}`);

class SqliteStore implements Store {
  readonly kind = 'sqlite';
  readonly db: Kysely<Schema>;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    this.db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: forKysely(database) }) });
  }

  violatedUnique(error: unknown): string | undefined {
    // `UNIQUE constraint failed: table.column[, table.column]`
    const match = /UNIQUE constraint failed: (.+)$/.exec(error instanceof Error ? error.message : '');
    if (match === null) return undefined;
    const named = /^index '(.+)'$/.exec(match[1]!);
    if (named !== null) return named[1];
    const columns = match[1]!.split(', ').map((column) => column.split('.')[1]!);
    const table = match[1]!.split('.')[0]!;
    return this.#uniqueIndex(table, columns) ?? `${table}_pkey`;
  }

  #uniqueIndex(table: string, columns: readonly string[]): string | undefined {
    const wanted = columns.join();
    const indexes = this.#database
      .prepare('select name, origin from pragma_index_list(?) where "unique" = 1')
      .all(table);
    for (const { name, origin } of indexes as { name: string; origin: string }[]) {
      const parts = this.#database.prepare('select name from pragma_index_info(?)').all(name) as { name: string }[];
      if (parts.map((part) => part.name).join() !== wanted) continue;
      if (origin === 'pk') return `${table}_pkey`;
      // PostgreSQL's name for a constraint that was given none.
      return name.startsWith('sqlite_autoindex') ? `${table}_${columns.join('_')}_key` : name;
    }
    return undefined;
  }

  async backupTo(path: string): Promise<void> {
    if (existsSync(path)) throw new StoreError('backup-failed', `${path} exists already; name a new file.`);
    try {
      closeSync(openSync(path, 'wx', 0o600));
      this.#database.prepare('vacuum into ?').run(path);
      chmodSync(path, 0o600);
    } catch (error) {
      throw new StoreError('backup-failed', `The backup to ${path} failed: ${(error as Error).message}.`, error);
    }
  }

  async close(): Promise<void> {
    await this.db.destroy();
    if (this.#database.isOpen) this.#database.close();
  }
}

/** kysely speaks to SQLite through better-sqlite3's shape. */
function forKysely(database: Database): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(text) {
      // Two deferred transactions that both turn to writing cannot both go on; one that starts as a writer waits its turn.
      const sql = text === 'begin' ? 'begin immediate' : text;
      let statement = statements.get(sql);
      if (statement === undefined) {
        statement = wrap(database.prepare(sql));
        if (statements.size < 500) statements.set(sql, statement);
      }
      return statement;
    },
  };
}

function wrap(statement: Statement): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as never[])),
    run: (parameters) => {
      const { changes, lastInsertRowid } = statement.run(...(parameters as never[]));
      return { changes: BigInt(changes), lastInsertRowid: BigInt(lastInsertRowid) };
    },
    iterate: (parameters) => statement.iterate(...(parameters as never[])) as IterableIterator<unknown>,
  };
}
