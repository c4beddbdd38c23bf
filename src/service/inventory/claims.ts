import { sql, type Transaction } from 'kysely';
import type { Schema } from '../../platform/store/schema.ts';
import type { Store } from '../../platform/store/store.ts';
import { InventoryError, type InventoryErrorCode } from './inventory-error.ts';

/** What only one appliance may have: a name as long as it uses it, a certificate and a key for ever. */
const CLAIMS = {
  commonName: {
    table: 'common_name_claims',
    column: 'cn_key',
    code: 'common-name-in-use',
    taken: 'The name is in use by',
  },
  certificate: {
    table: 'certificate_claims',
    column: 'fingerprint',
    code: 'certificate-in-use',
    taken: 'The certificate was used by',
  },
  key: { table: 'key_claims', column: 'spki_fingerprint', code: 'key-in-use', taken: 'The key was used by' },
} as const satisfies Record<string, { table: string; column: string; code: InventoryErrorCode; taken: string }>;

export type ClaimKind = keyof typeof CLAIMS;

export interface Holder {
  readonly id: string;
  readonly name: string;
}

/**
 * Claims `value` for an appliance. The primary key of the table decides, not a look before: of two at the same instant
 * one waits for the other and then loses.
 * @throws {InventoryError} naming who has it
 */
export async function claim(
  trx: Transaction<Schema>,
  kind: ClaimKind,
  { value, applianceId, now }: { value: string; applianceId: string; now: number },
): Promise<void> {
  const { table, column, code, taken } = CLAIMS[kind];
  let holder: Holder | undefined;
  // A holder that let go between the two statements leaves nobody: then it is ours to take.
  while (holder === undefined) {
    await sql`
      insert into ${sql.table(table)} (${sql.ref(column)}, appliance_id, claimed_at) values (${value}, ${applianceId}, ${now})
      on conflict (${sql.ref(column)}) do nothing`.execute(trx);
    holder = await holderOf(trx, kind, value);
  }
  if (holder.id !== applianceId) throw new InventoryError(code, `${taken} ${holder.name}.`, holder.name);
}

async function holderOf(
  db: Store['db'] | Transaction<Schema>,
  kind: ClaimKind,
  value: string,
): Promise<Holder | undefined> {
  const { table, column } = CLAIMS[kind];
  const { rows } = await sql<Holder>`
    select appliances.id, appliances.name from ${sql.table(table)} as held
    join appliances on appliances.id = held.appliance_id
    where held.${sql.ref(column)} = ${value}`.execute(db);
  return rows[0];
}

export interface Holding extends Holder {
  readonly kind: ClaimKind;
  readonly value: string;
}

/** Who has any of these, all seen at one instant: a report must not say half of what another appliance's upload changed. */
export async function holdersOf(
  db: Store['db'],
  wanted: readonly { readonly kind: ClaimKind; readonly value: string }[],
): Promise<readonly Holding[]> {
  if (wanted.length === 0) return [];
  const questions = wanted.map(({ kind, value }) => {
    const { table, column } = CLAIMS[kind];
    return sql`
      select appliances.id, appliances.name, ${sql.lit(kind)} as kind, held.${sql.ref(column)} as value
      from ${sql.table(table)} as held join appliances on appliances.id = held.appliance_id
      where held.${sql.ref(column)} = ${value}`;
  });
  return (await sql<Holding>`${sql.join(questions, sql` union all `)}`.execute(db)).rows;
}
