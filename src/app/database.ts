import { mkdirSync } from 'node:fs';
import { migrate, migrationState } from '../platform/store/migrate.ts';
import { restoreSqlite } from '../platform/store/sqlite/restore.ts';
import { rotateMasterKey } from '../platform/vault/rotation.ts';
import type { Config } from './config/config.ts';
import { answers } from './listen.ts';
import { databasePath, openStore, openVault } from './system.ts';
import { createLogger } from './logger.ts';

/** The database cannot be used so; the message says what to do. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
}

/** A consistent copy while the server runs; without the master key. Returns the fingerprint of the key it needs. */
export async function backupDatabase(config: Config, path: string): Promise<{ masterKey: string }> {
  const vault = openVault(config);
  const store = await openStore(config, createLogger(config.logLevel ?? 'error'));
  try {
    await store.backupTo(path);
    return { masterKey: vault.fingerprint };
  } finally {
    await store.close();
  }
}

/** @throws {DatabaseError | StoreError} and nothing was changed */
export async function restoreDatabase(
  config: Config,
  backup: string,
): Promise<{ appliances: number; auditEntries: number; movedAside: string | undefined }> {
  if (config.database !== 'sqlite') {
    throw new DatabaseError(
      "PostgreSQL is restored with its own tools: pg_restore. Certgate's backups are SQLite files.",
    );
  }
  if (await answers(config.socket)) {
    throw new DatabaseError('certgate serve runs on this data folder: stop it first, then restore.');
  }
  mkdirSync(config.dataFolder, { recursive: true, mode: 0o700 });
  const vault = openVault(config);
  const { facts, keptAside } = restoreSqlite({
    backup,
    database: databasePath(config),
    knowsMasterKey: (fingerprint) => vault.knows(fingerprint),
    now: new Date(),
  });
  return { appliances: facts.appliances, auditEntries: facts.auditEntries, movedAside: keptAside };
}

/** Brings the schema up to date, as every start does. Returns what it is made of. */
export async function migrateDatabase(config: Config): Promise<{ done: readonly string[] }> {
  const store = await openStore(config, createLogger(config.logLevel ?? 'error'));
  try {
    await migrate(store.db);
    return { done: (await migrationState(store.db)).done };
  } finally {
    await store.close();
  }
}

/** Seals everything under the configured master key; `previous` is the one before. */
export async function rotateKey(config: Config): Promise<{ rotated: number; fingerprint: string }> {
  const vault = openVault(config);
  const store = await openStore(config, createLogger(config.logLevel ?? 'error'));
  try {
    const { rotated } = await rotateMasterKey(store, vault);
    return { rotated, fingerprint: vault.fingerprint };
  } finally {
    await store.close();
  }
}
