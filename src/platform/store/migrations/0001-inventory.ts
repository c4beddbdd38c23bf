import { type CreateTableBuilder, type Kysely, PostgresAdapter, sql } from 'kysely';

/** Migrations are frozen once released: they spell their tables out and import nothing that can change. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const binary = isPostgres(db) ? sql`bytea` : sql`blob`;
  const named = (table: string): CreateTableBuilder<string, string> =>
    db.schema
      .createTable(table)
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('name_key', 'text', (c) => c.notNull());
  // Indexes and not constraints: SQLite forgets a constraint's name, and the name is how a violation is told.
  const unique = (name: string, table: string, columns: string): Promise<unknown> =>
    sql.raw(`create unique index ${name} on ${table} (${columns})`).execute(db);
  const uniqueWhere = (name: string, table: string, columns: string, where: string): Promise<unknown> =>
    sql.raw(`create unique index ${name} on ${table} (${columns}) where ${where}`).execute(db);

  await named('sites').execute();
  await unique('sites_name', 'sites', 'name_key');
  await named('zones')
    .addColumn('site_id', 'text', (c) => c.notNull().references('sites.id'))
    .execute();
  await unique('zones_name', 'zones', 'site_id, name_key');
  await named('appliances')
    .addColumn('hostname', 'text', (c) => c.notNull())
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('sensor_id', 'text', (c) => c.references('appliances.id'))
    .addColumn('site_id', 'text', (c) => c.references('sites.id'))
    .addColumn('zone_id', 'text', (c) => c.references('zones.id'))
    .addColumn('validation', 'text', (c) => c.notNull())
    .addColumn('crl', 'text', (c) => c.notNull())
    .addColumn('profile', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('version', 'bigint', (c) => c.notNull())
    .addColumn('retired_at', 'bigint')
    .execute();
  await uniqueWhere('appliances_name', 'appliances', 'name_key', 'retired_at is null');
  await named('partners')
    .addColumn('host', 'text', (c) => c.notNull())
    .addColumn('port', 'bigint', (c) => c.notNull())
    .addColumn('settings', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('version', 'bigint', (c) => c.notNull())
    .execute();
  await unique('partners_name', 'partners', 'name_key');

  await db.schema
    .createTable('anchors')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('der', binary, (c) => c.notNull())
    .addColumn('fingerprint', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('not_after', 'bigint', (c) => c.notNull())
    .addColumn('added_by', 'text', (c) => c.notNull())
    .addColumn('added_at', 'bigint', (c) => c.notNull())
    .addColumn('removed_at', 'bigint')
    .execute();
  await uniqueWhere('anchors_fingerprint', 'anchors', 'fingerprint', 'removed_at is null');
  await db.schema
    .createTable('crls')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('scope_key', 'text', (c) => c.notNull().unique())
    .addColumn('issuer_key', 'text', (c) => c.notNull())
    .addColumn('issuer', 'text', (c) => c.notNull())
    .addColumn('url', 'text')
    .addColumn('der', binary, (c) => c.notNull())
    .addColumn('fingerprint', 'text', (c) => c.notNull())
    .addColumn('crl_number', 'text')
    .addColumn('this_update', 'bigint', (c) => c.notNull())
    .addColumn('next_update', 'bigint')
    .addColumn('obtained_at', 'bigint', (c) => c.notNull())
    .addColumn('older_allowed_at', 'bigint')
    .execute();
  await db.schema.createIndex('crls_issuer').on('crls').column('issuer_key').execute();

  await db.schema
    .createTable('uploads')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('appliance_id', 'text', (c) => c.notNull().references('appliances.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('verdict', 'text', (c) => c.notNull())
    .addColumn('outcome', 'text', (c) => c.notNull())
    .addColumn('report', 'text', (c) => c.notNull())
    .addColumn('crt', binary, (c) => c.notNull())
    .addColumn('identity_id', 'text')
    .execute();
  await db.schema.createIndex('uploads_appliance').on('uploads').columns(['appliance_id', 'at']).execute();
  await db.schema
    .createTable('identities')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('appliance_id', 'text', (c) => c.notNull().references('appliances.id'))
    .addColumn('upload_id', 'text')
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('origin', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('crt_pem', 'text', (c) => c.notNull())
    .addColumn('chain_pem', 'text')
    .addColumn('key_sealed', binary, (c) => c.notNull())
    .addColumn('passphrase_sealed', binary)
    .addColumn('fingerprint', 'text', (c) => c.notNull())
    .addColumn('spki_fingerprint', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('cn', 'text', (c) => c.notNull())
    .addColumn('cn_key', 'text', (c) => c.notNull())
    .addColumn('not_before', 'bigint', (c) => c.notNull())
    .addColumn('not_after', 'bigint', (c) => c.notNull())
    .addColumn('crl', 'text', (c) => c.notNull())
    .addColumn('verdict', 'text', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('staged_at', 'bigint', (c) => c.notNull())
    .addColumn('activate_at', 'bigint')
    .addColumn('activated_at', 'bigint')
    .addColumn('activation_refused_at', 'bigint')
    .addColumn('activation_report', 'text')
    .addColumn('confirm_within_ms', 'bigint')
    .addColumn('confirm_by', 'bigint')
    .addColumn('confirmed_at', 'bigint')
    .addColumn('ended_at', 'bigint')
    .addColumn('previous_id', 'text')
    .execute();
  await db.schema.createIndex('identities_appliance').on('identities').columns(['appliance_id', 'state']).execute();
  await uniqueWhere('identities_one_active', 'identities', 'appliance_id', "state = 'active'");
  await uniqueWhere('identities_one_staged', 'identities', 'appliance_id', "state = 'staged'");
  await uniqueWhere('identities_active_cn', 'identities', 'cn_key', "state = 'active'");
  await sql`create index identities_to_activate on identities (activate_at) where state = 'staged'`.execute(db);
  await sql`create index identities_to_confirm on identities (confirm_by) where confirm_by is not null`.execute(db);
  await claims('common_name_claims', 'cn_key');
  await claims('certificate_claims', 'fingerprint');
  await claims('key_claims', 'spki_fingerprint');
  await db.schema
    .createTable('pending_keys')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('appliance_id', 'text', (c) => c.notNull().references('appliances.id'))
    .addColumn('spki_fingerprint', 'text', (c) => c.notNull().unique())
    .addColumn('key_sealed', binary, (c) => c.notNull())
    .addColumn('csr_pem', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .execute();

  async function claims(table: string, key: string): Promise<void> {
    await db.schema
      .createTable(table)
      .addColumn(key, 'text', (c) => c.primaryKey())
      .addColumn('appliance_id', 'text', (c) => c.notNull().references('appliances.id'))
      .addColumn('claimed_at', 'bigint', (c) => c.notNull())
      .execute();
  }
}

const isPostgres = (db: Kysely<unknown>): boolean => db.getExecutor().adapter instanceof PostgresAdapter;
