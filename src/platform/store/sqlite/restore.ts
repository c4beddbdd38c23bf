import {
  copyFileSync,
  existsSync,
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { demandKnown } from '../migrate.ts';
import { MASTER_KEY_SETTING, type MasterKeyNote } from '../schema.ts';
import { StoreError } from '../store.ts';

/** What a backup is, looked at before it takes the place of anything. */
export interface BackupFacts {
  /** SHA-256 that names the master key without which its secrets are lost; undefined: it never had any. */
  readonly masterKey: MasterKeyNote | undefined;
  readonly appliances: number;
  /** The end of its audit log. */
  readonly auditEntries: number;
}

export interface RestoreWish {
  readonly backup: string;
  /** The database that it becomes. */
  readonly database: string;
  /** Whether the master key at hand is the one of that fingerprint. */
  readonly knowsMasterKey: (fingerprint: string) => boolean;
  readonly now: Date;
}

/**
 * Puts a backup in the place of the database, whole or not at all; the database that was there is kept beside it.
 * Certgate must not run on it. A backup of an older version is brought up to date when Certgate starts.
 * @throws {StoreError} `restore-failed`, `newer-schema`; nothing was changed then
 */
export function restoreSqlite(wish: RestoreWish): { facts: BackupFacts; keptAside: string | undefined } {
  const { backup, database, now } = wish;
  if (!existsSync(backup)) throw failed(`There is no file ${backup}.`);
  const candidate = `${database}.restoring`;
  try {
    rmSync(candidate, { force: true });
    copyFileSync(backup, candidate, constants.COPYFILE_EXCL);
    chmodSync(candidate, 0o600);
    demandWhole(candidate, backup);
    const facts = factsOf(candidate);
    demandKey(facts, wish);
    synchronise(candidate);
    const keptAside = keepAside(database, now);
    renameSync(candidate, database);
    synchronise(dirname(database));
    return { facts, keptAside };
  } finally {
    for (const suffix of ['', '-wal', '-shm']) rmSync(candidate + suffix, { force: true });
  }
}

function demandWhole(candidate: string, backup: string): void {
  const problem = ((): string | undefined => {
    try {
      return using(candidate, (database) => {
        const { integrity_check: result } = database.prepare('pragma integrity_check').get() as {
          integrity_check: string;
        };
        const migrated = database.prepare("select 1 from sqlite_master where name = 'kysely_migration'").get();
        if (result !== 'ok') return `it is damaged (${result.split('\n')[0]})`;
        return migrated === undefined ? 'it is no database of Certgate' : undefined;
      });
    } catch (error) {
      return (error as Error).message;
    }
  })();
  if (problem !== undefined) throw failed(`${backup} cannot be restored: ${problem}. Take another backup.`);
}

function factsOf(path: string): BackupFacts {
  return using(path, (database) => {
    const one = (query: string): number => (database.prepare(query).get() as { n: number }).n;
    const ran = database.prepare('select name from kysely_migration order by name').all() as { name: string }[];
    demandKnown(ran.map(({ name }) => name));
    const row = database.prepare('select value from settings where key = ?').get(MASTER_KEY_SETTING);
    return {
      masterKey: row === undefined ? undefined : (JSON.parse((row as { value: string }).value) as MasterKeyNote),
      appliances: one('select count(*) as n from appliances where retired_at is null'),
      auditEntries: one('select coalesce(max(seq), 0) as n from audit'),
    };
  });
}

function demandKey({ masterKey }: BackupFacts, { backup, knowsMasterKey }: RestoreWish): void {
  const needed = [masterKey?.fingerprint, masterKey?.rotatingTo].flatMap((fingerprint) => fingerprint ?? []);
  const missing = needed.find((fingerprint) => !knowsMasterKey(fingerprint));
  if (missing === undefined) return;
  throw failed(
    `${backup} was sealed with the master key ${missing.slice(0, 16)}…, which is not the one given: its private keys could never be opened. Give the master key that belongs to it; nothing was changed.`,
  );
}

/** The database as it is, folded into one file; undefined where there is none. */
function keepAside(path: string, now: Date): string | undefined {
  if (!existsSync(path)) return undefined;
  try {
    // Leaving WAL takes that nobody else has it open.
    using(path, (database) => database.prepare('pragma journal_mode = delete').get());
  } catch (error) {
    throw failed(`${path} is in use (${(error as Error).message}): stop Certgate first.`);
  }
  const aside = `${path}.before-restore-${now.toISOString().replaceAll(/[:.]/g, '-')}`;
  // A second name, no move: at no instant is there none.
  linkSync(path, aside);
  return aside;
}

function using<T>(path: string, work: (database: InstanceType<typeof DatabaseSync>) => T): T {
  const database = new DatabaseSync(path);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

function synchronise(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const failed = (message: string): StoreError => new StoreError('restore-failed', message);
