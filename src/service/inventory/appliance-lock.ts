import type { Transaction } from 'kysely';
import type { Schema } from '../../platform/store/schema.ts';
import type { Store } from '../../platform/store/store.ts';

/** Whoever changes what belongs to an appliance begins with this: of two at one time, the other waits until the first is done. */
export async function lockAppliance(store: Store, trx: Transaction<Schema>, id: string): Promise<void> {
  // SQLite has one writer at a time.
  if (store.kind !== 'postgres') return;
  await trx.selectFrom('appliances').select('id').where('id', '=', id).forUpdate().execute();
}

/** An identity that nobody comes back to: its certificate stays for the record, its secrets do not. */
export const endedAt = (now: number) =>
  ({ state: 'ended', ended_at: now, key_sealed: new Uint8Array(), passphrase_sealed: null }) as const;
