import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('channels')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('name_key', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('appliance_id', 'text', (c) => c.references('appliances.id'))
    .addColumn('partner_id', 'text', (c) => c.references('partners.id'))
    .addColumn('node', 'text')
    .addColumn('settings', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('disabled_at', 'bigint')
    .addColumn('version', 'bigint', (c) => c.notNull())
    .execute();
  await sql.raw('create unique index channels_name on channels (name_key)').execute(db);
  await db.schema.createIndex('channels_appliance').on('channels').column('appliance_id').execute();
  await db.schema.createIndex('channels_partner').on('channels').column('partner_id').execute();
  await db.schema
    .createTable('channel_overrides')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('channel_id', 'text', (c) => c.notNull().references('channels.id').onDelete('cascade'))
    .addColumn('origin', 'text', (c) => c.notNull())
    .addColumn('overlooks', 'text', (c) => c.notNull())
    .addColumn('fingerprint', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('opened_by', 'text', (c) => c.notNull())
    .addColumn('opened_at', 'bigint', (c) => c.notNull())
    .addColumn('ends_at', 'bigint', (c) => c.notNull())
    .addColumn('closed_at', 'bigint')
    .addColumn('closed_by', 'text')
    .execute();
  await db.schema.createIndex('channel_overrides_channel').on('channel_overrides').column('channel_id').execute();
  await sql`create index channel_overrides_open on channel_overrides (ends_at) where closed_at is null`.execute(db);
}
