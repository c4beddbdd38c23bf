import { sql } from 'kysely';
import { MASTER_KEY_SETTING, type MasterKeyNote } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { type Vault, VaultError } from './vault.ts';

/** Every column that holds sealed values; the records are named by the column `id`. */
export const SEALED_COLUMNS = [
  { table: 'identities', field: 'key_sealed' },
  { table: 'identities', field: 'passphrase_sealed' },
  { table: 'pending_keys', field: 'key_sealed' },
] as const;

/** Rows of `settings` whose value is sealed, in Base64. */
export const SEALED_SETTINGS = ['audit-key'] as const;

const BATCH = 200;
const SHOWN = 16;

/**
 * Holds the master key against the one that the database was sealed with, and notes it in a new database. Call it
 * before anything is sealed.
 * @throws {VaultError} `other-master-key`
 */
export async function demandMasterKey(store: Store, vault: Vault): Promise<void> {
  const value = JSON.stringify({ fingerprint: vault.fingerprint } satisfies MasterKeyNote);
  await store.db
    .insertInto('settings')
    .values({ key: MASTER_KEY_SETTING, value, updated_at: Date.now() })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
  const { fingerprint, rotatingTo } = await readNote(store);
  const missing = [fingerprint, rotatingTo].find((needed) => needed !== undefined && !vault.knows(needed));
  if (missing === undefined) return;
  const unfinished =
    rotatingTo === undefined
      ? ''
      : ` A change of the master key from ${short(fingerprint)} to ${short(rotatingTo)} was begun and has not ended: give both, and repeat it.`;
  throw new VaultError(
    'other-master-key',
    `This database needs the master key ${short(missing)}, and the one given is ${short(vault.fingerprint)}.${unfinished} It lies where it lay when the database was last in use; a backup of the data never holds it.`,
  );
}

export interface RotationResult {
  /** How many values were sealed under another key before. */
  readonly rotated: number;
}

/**
 * Seals everything under the vault's current master key; what was sealed under a previous one is only wrapped anew.
 * Interrupted at any point it goes on when called again. While it runs, whoever else uses the database needs both keys.
 * @param vault holds the new key as current and the old one as previous
 * @throws {VaultError} `other-master-key` where neither opens a value
 */
export async function rotateMasterKey(store: Store, vault: Vault): Promise<RotationResult> {
  const { fingerprint } = await readNote(store);
  await writeNote(store, { fingerprint, rotatingTo: vault.fingerprint });
  let rotated = 0;
  for (const column of SEALED_COLUMNS) rotated += await rotateColumn(store, vault, column);
  for (const key of SEALED_SETTINGS) rotated += await rotateSetting(store, vault, key);
  await writeNote(store, { fingerprint: vault.fingerprint });
  return { rotated };
}

async function rotateColumn(
  { db }: Store,
  vault: Vault,
  { table, field }: (typeof SEALED_COLUMNS)[number],
): Promise<number> {
  let rotated = 0;
  for (let last = ''; ;) {
    const rows = await db.transaction().execute(async (trx) => {
      const { rows: batch } = await sql<{ id: string; sealed: Uint8Array }>`
        select id, ${sql.ref(field)} as sealed from ${sql.table(table)}
        where id > ${last} and ${sql.ref(field)} is not null and length(${sql.ref(field)}) > 0
        order by id limit ${BATCH}`.execute(trx);
      for (const { id, sealed } of batch) {
        if (!vault.needsRotation(sealed)) continue;
        const anew = vault.rotate({ table, record: id, field }, sealed);
        // Destroyed meanwhile, it stays destroyed.
        await sql`update ${sql.table(table)} set ${sql.ref(field)} = ${anew}
          where id = ${id} and ${sql.ref(field)} = ${sealed}`.execute(trx);
        rotated++;
      }
      return batch;
    });
    if (rows.length < BATCH) return rotated;
    last = rows.at(-1)!.id;
  }
}

async function rotateSetting({ db }: Store, vault: Vault, key: string): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const row = await trx.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst();
    const sealed = row && Buffer.from(row.value, 'base64');
    if (sealed === undefined || !vault.needsRotation(sealed)) return 0;
    const anew = vault.rotate({ table: 'settings', record: key, field: 'value' }, sealed);
    const value = Buffer.from(anew).toString('base64');
    await trx.updateTable('settings').set({ value, updated_at: Date.now() }).where('key', '=', key).execute();
    return 1;
  });
}

async function readNote({ db }: Store): Promise<MasterKeyNote> {
  const query = db.selectFrom('settings').select('value').where('key', '=', MASTER_KEY_SETTING);
  const row = await query.executeTakeFirst();
  if (row === undefined) {
    throw new VaultError('no-master-key', 'The database does not name its master key yet: start Certgate on it once.');
  }
  return JSON.parse(row.value) as MasterKeyNote;
}

async function writeNote({ db }: Store, note: MasterKeyNote): Promise<void> {
  await db
    .updateTable('settings')
    .set({ value: JSON.stringify(note), updated_at: Date.now() })
    .where('key', '=', MASTER_KEY_SETTING)
    .execute();
}

const short = (fingerprint: string): string => `${fingerprint.slice(0, SHOWN)}…`;
