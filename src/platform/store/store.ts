import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** What services see of the database. Queries are written once, with kysely, for both backends. */
export interface Store {
  readonly kind: 'sqlite' | 'postgres';
  readonly db: Kysely<Schema>;
  /**
   * The name of the unique index or constraint that `error` violated, or undefined for any other error.
   * A transaction in which it happened is to be abandoned.
   */
  violatedUnique(error: unknown): string | undefined;
  /** Writes a consistent copy while the store is in use. SQLite only; PostgreSQL has its own tools. */
  backupTo(path: string): Promise<void>;
  close(): Promise<void>;
}

/** The store cannot be used as it is; the message says what to do. Not a defect of the program. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code:
    | 'newer-schema'
    | 'unreachable'
    | 'migration-failed'
    | 'backup-failed'
    | 'restore-failed'
    | 'unsupported';
  constructor(code: StoreError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
