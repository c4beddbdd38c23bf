import type { Transaction } from 'kysely';
import type { Schema } from '../../platform/store/schema.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Actor, AuditLog } from '../audit/audit-log.ts';
import { InventoryError } from './inventory-error.ts';

/** What a new appliance is set to where nobody says otherwise. */
export interface ApplianceDefaults {
  readonly validation: 'mandatory' | 'none';
  readonly crl: 'on' | 'off';
  readonly profile: string;
}

const SETTING = 'appliance-defaults';
const SHIPPED: ApplianceDefaults = { validation: 'mandatory', crl: 'off', profile: 'defender-iot' };

/** With the version that a change has to name; 0 until the first one. */
export type VersionedDefaults = ApplianceDefaults & { readonly version: number };

export async function readDefaults(db: Store['db'] | Transaction<Schema>): Promise<VersionedDefaults> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', SETTING).executeTakeFirst();
  return { ...SHIPPED, version: 0, ...(row !== undefined && (JSON.parse(row.value) as VersionedDefaults)) };
}

/** Appliances that are there already keep what they have. @throws {InventoryError} `changed-meanwhile` */
export async function changeDefaults(
  { store, audit }: { store: Store; audit: AuditLog },
  { version, change }: { version: number; change: Partial<ApplianceDefaults> },
  actor: Actor,
): Promise<VersionedDefaults> {
  return store.db.transaction().execute(async (trx) => {
    // The audit log is appended to by one transaction at a time: what is read after this is what is changed.
    const subject = `settings:${SETTING}`;
    await audit.append(trx, { actor, action: 'settings.changed', subject, details: { ...change } });
    const before = await readDefaults(trx);
    if (before.version !== version) {
      throw new InventoryError(
        'changed-meanwhile',
        'Somebody changed the settings meanwhile. Look again, then repeat.',
      );
    }
    const after = { ...before, ...change, version: version + 1 };
    const row = { value: JSON.stringify(after), updated_at: Date.now() };
    await trx
      .insertInto('settings')
      .values({ key: SETTING, ...row })
      .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
      .execute();
    return after;
  });
}
