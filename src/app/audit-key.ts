import { randomBytes } from 'node:crypto';
import type { Store } from '../platform/store/store.ts';
import type { Place, Vault } from '../platform/vault/vault.ts';

export const AUDIT_KEY = 'audit-key';
export const auditKeyPlace: Place = { table: 'settings', record: AUDIT_KEY, field: 'value' };

/** The key of the audit log's chain, made on first use. It lies in the database, sealed like every other secret. */
export async function loadAuditKey(store: Store, vault: Vault): Promise<Uint8Array> {
  const sealed = Buffer.from(vault.seal(auditKeyPlace, randomBytes(32))).toString('base64');
  await store.db
    .insertInto('settings')
    .values({ key: AUDIT_KEY, value: sealed, updated_at: Date.now() })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
  const row = await store.db
    .selectFrom('settings')
    .select('value')
    .where('key', '=', AUDIT_KEY)
    .executeTakeFirstOrThrow();
  return vault.open(auditKeyPlace, Buffer.from(row.value, 'base64'));
}
