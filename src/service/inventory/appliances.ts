import { randomUUID } from 'node:crypto';
import { type RawBuilder, type Selectable, sql, type SqlBool, type Transaction } from 'kysely';
import { SHIPPED_PROFILES } from '../../core/requirements/profiles/shipped.data.ts';
import type { Schema } from '../../platform/store/schema.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Actor, AuditLog } from '../audit/audit-log.ts';
import { readDefaults } from './appliance-defaults.ts';
import { endedAt, lockAppliance } from './appliance-lock.ts';
import { InventoryError } from './inventory-error.ts';

/** The appliance that Certgate itself is: the certificate of its own console and API. */
export const CONSOLE_ID = 'console';

export interface Appliance {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly role: 'sensor' | 'ha';
  /** The sensor that an HA server stands in for. */
  readonly sensorId: string | null;
  readonly site: string | null;
  readonly zone: string | null;
  readonly validation: 'mandatory' | 'none';
  readonly crl: 'on' | 'off';
  readonly profile: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Grows with every change. */
  readonly version: number;
  readonly retiredAt: number | null;
}

export interface NewAppliance {
  readonly name: string;
  readonly hostname: string;
  readonly role?: 'sensor' | 'ha';
  readonly sensorId?: string | null;
  readonly site?: string | null;
  readonly zone?: string | null;
  readonly validation?: 'mandatory' | 'none';
  readonly crl?: 'on' | 'off';
  readonly profile?: string;
}

/** What can change without becoming another appliance. */
export type ApplianceChange = Partial<Omit<NewAppliance, 'role'>>;

interface Row extends Selectable<Schema['appliances']> {
  readonly site: string | null;
  readonly zone: string | null;
}

/** The fleet: sites, their zones, and the appliances in them. */
export class Appliances {
  readonly #store: Store;
  readonly #audit: AuditLog;
  readonly #now: () => number;

  constructor(store: Store, audit: AuditLog, now: () => number = Date.now) {
    this.#store = store;
    this.#audit = audit;
    this.#now = now;
  }

  /** By name; `after` is the `name` of the last one of the page before. */
  async page(
    options: { after?: string; limit?: number; search?: string; retired?: boolean } = {},
  ): Promise<Appliance[]> {
    const { after, limit = 100, search, retired = false } = options;
    let query = this.#rows(this.#store.db).orderBy('appliances.name_key').limit(limit);
    if (!retired) query = query.where('appliances.retired_at', 'is', null);
    if (after !== undefined) query = query.where('appliances.name_key', '>', keyOf(after));
    if (search !== undefined) {
      const pattern = `%${keyOf(search).replaceAll(/[\\%_]/g, '\\$&')}%`;
      // SQLite knows no escape character unless it is named.
      const matches = (column: RawBuilder<unknown>): RawBuilder<SqlBool> =>
        sql<SqlBool>`${column} like ${pattern} escape ${sql.lit('\\')}`;
      const hostname = sql`lower(${sql.ref('appliances.hostname')})`;
      const columns = [sql.ref('appliances.name_key'), hostname, sql.ref('sites.name_key')];
      query = query.where(({ or }) => or(columns.map(matches)));
    }
    return (await query.execute()).map(toAppliance);
  }

  /** @throws {InventoryError} `not-found` */
  async byId(id: string, within: Store['db'] | Transaction<Schema> = this.#store.db): Promise<Appliance> {
    const row = await this.#rows(within).where('appliances.id', '=', id).executeTakeFirst();
    if (row === undefined) throw new InventoryError('not-found', 'There is no such appliance.');
    return toAppliance(row);
  }

  /** The same for a transaction that changes what belongs to the appliance: others that do wait until it ends. */
  async lock(trx: Transaction<Schema>, id: string): Promise<Appliance> {
    await lockAppliance(this.#store, trx, id);
    return this.byId(id, trx);
  }

  /** @throws {InventoryError} `name-taken`, `invalid`, `not-found` (the sensor) */
  async create(input: NewAppliance, actor: Actor): Promise<Appliance> {
    return this.#namingConflicts(input.name, () =>
      this.#store.db.transaction().execute((trx) => this.insert(trx, input, actor)),
    );
  }

  /** For many at once: an import is whole or not at all. */
  async insert(
    trx: Transaction<Schema>,
    input: NewAppliance,
    actor: Actor,
    id: string = randomUUID(),
  ): Promise<Appliance> {
    const now = this.#now();
    const role = input.role ?? 'sensor';
    const defaults = await readDefaults(trx);
    demandName(input.name);
    demandHostname(input.hostname);
    demandProfile(input.profile);
    await this.#demandSensor(trx, role, input.sensorId ?? null);
    const siteId = await siteNamed(trx, input.site ?? null);
    const row = {
      id,
      name: input.name.trim(),
      name_key: keyOf(input.name),
      hostname: input.hostname,
      role,
      sensor_id: input.sensorId ?? null,
      site_id: siteId,
      zone_id: await zoneNamed(trx, siteId, input.zone ?? null),
      validation: input.validation ?? defaults.validation,
      crl: input.crl ?? defaults.crl,
      profile: input.profile ?? defaults.profile,
      created_at: now,
      updated_at: now,
      version: 1,
      retired_at: null,
    };
    await trx.insertInto('appliances').values(row).execute();
    const details = { name: row.name, hostname: row.hostname, role };
    await this.#audit.append(trx, { actor, action: 'appliance.created', subject: `appliance:${row.id}`, details });
    return toAppliance({ ...row, site: input.site ?? null, zone: input.zone ?? null });
  }

  /** @throws {InventoryError} `changed-meanwhile` where `version` is no longer the appliance's; `name-taken`, `retired` … */
  async update(id: string, version: number, change: ApplianceChange, actor: Actor): Promise<Appliance> {
    return this.#namingConflicts(change.name ?? '', () =>
      this.#store.db.transaction().execute(async (trx) => {
        const before = await this.byId(id, trx);
        demandInService(before);
        if (change.name !== undefined) demandName(change.name);
        demandProfile(change.profile);
        if (change.hostname !== undefined) demandHostname(change.hostname);
        if (change.sensorId !== undefined) await this.#demandSensor(trx, before.role, change.sensorId);
        const siteId = await siteNamed(trx, change.site === undefined ? before.site : change.site);
        const zoneId = await zoneNamed(trx, siteId, change.zone === undefined ? before.zone : change.zone);
        const { numUpdatedRows } = await trx
          .updateTable('appliances')
          .set((eb) => ({
            ...(change.name !== undefined && { name: change.name.trim(), name_key: keyOf(change.name) }),
            ...(change.hostname !== undefined && { hostname: change.hostname }),
            ...(change.sensorId !== undefined && { sensor_id: change.sensorId }),
            ...(change.validation !== undefined && { validation: change.validation }),
            ...(change.crl !== undefined && { crl: change.crl }),
            ...(change.profile !== undefined && { profile: change.profile }),
            site_id: siteId,
            zone_id: zoneId,
            updated_at: this.#now(),
            version: eb('version', '+', 1),
          }))
          .where('id', '=', id)
          .where('version', '=', version)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) throw changedMeanwhile();
        const subject = `appliance:${id}`;
        await this.#audit.append(trx, { actor, action: 'appliance.changed', subject, details: { ...change } });
        return this.byId(id, trx);
      }),
    );
  }

  /**
   * Takes it out of service: its name, host name and CN are free for its successor; its certificate and key never are.
   * The keys that Certgate kept for it are destroyed.
   * @throws {InventoryError} `changed-meanwhile`, `not-found`, `built-in`
   */
  async retire(id: string, version: number, actor: Actor): Promise<Appliance> {
    if (id === CONSOLE_ID) {
      throw new InventoryError('built-in', "This is Certgate's own console: it cannot be retired.");
    }
    return this.#store.db.transaction().execute(async (trx) => {
      demandInService(await this.lock(trx, id));
      const now = this.#now();
      const { numUpdatedRows } = await trx
        .updateTable('appliances')
        .set((eb) => ({ retired_at: now, updated_at: now, version: eb('version', '+', 1) }))
        .where('id', '=', id)
        .where('version', '=', version)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) throw changedMeanwhile();
      await trx
        .updateTable('identities')
        .set(endedAt(now))
        .where('appliance_id', '=', id)
        .where('state', '!=', 'ended')
        .execute();
      await trx.deleteFrom('common_name_claims').where('appliance_id', '=', id).execute();
      await trx.deleteFrom('pending_keys').where('appliance_id', '=', id).execute();
      await this.#audit.append(trx, { actor, action: 'appliance.retired', subject: `appliance:${id}` });
      return this.byId(id, trx);
    });
  }

  async #demandSensor(trx: Transaction<Schema>, role: 'sensor' | 'ha', sensorId: string | null): Promise<void> {
    if (role === 'sensor' && sensorId !== null) {
      throw new InventoryError('invalid', 'Only an HA server names a sensor.');
    }
    if (sensorId === null) return;
    const sensor = await this.byId(sensorId, trx);
    if (sensor.role !== 'sensor') throw new InventoryError('invalid', `${sensor.name} is an HA server, not a sensor.`);
  }

  async #namingConflicts<T>(name: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (this.#store.violatedUnique(error) !== 'appliances_name') throw error;
      throw new InventoryError('name-taken', `There is an appliance named ${name.trim()} already.`);
    }
  }

  #rows(db: Store['db'] | Transaction<Schema>) {
    return db
      .selectFrom('appliances')
      .leftJoin('sites', 'sites.id', 'appliances.site_id')
      .leftJoin('zones', 'zones.id', 'appliances.zone_id')
      .selectAll('appliances')
      .select(['sites.name as site', 'zones.name as zone']);
  }
}

/** Found or made: sites are names that people type, not things they manage. */
async function siteNamed(trx: Transaction<Schema>, name: string | null): Promise<string | null> {
  if (name === null || name.trim() === '') return null;
  demandPlace(name);
  const key = keyOf(name);
  await trx
    .insertInto('sites')
    .values({ id: randomUUID(), name: name.trim(), name_key: key })
    .onConflict((conflict) => conflict.column('name_key').doNothing())
    .execute();
  return (await trx.selectFrom('sites').select('id').where('name_key', '=', key).executeTakeFirstOrThrow()).id;
}

async function zoneNamed(trx: Transaction<Schema>, siteId: string | null, name: string | null): Promise<string | null> {
  if (name === null || name.trim() === '') return null;
  demandPlace(name);
  if (siteId === null) throw new InventoryError('invalid', 'A zone belongs to a site: name the site, too.');
  const key = keyOf(name);
  await trx
    .insertInto('zones')
    .values({ id: randomUUID(), name: name.trim(), name_key: key, site_id: siteId })
    .onConflict((conflict) => conflict.columns(['site_id', 'name_key']).doNothing())
    .execute();
  const query = trx.selectFrom('zones').select('id').where('site_id', '=', siteId).where('name_key', '=', key);
  return (await query.executeTakeFirstOrThrow()).id;
}

function demandName(name: string): void {
  const problem = problemOfName(name);
  if (problem !== undefined) throw new InventoryError('invalid', problem);
}

function demandPlace(name: string): void {
  if (problemOfName(name) !== undefined) {
    throw new InventoryError('invalid', 'The name of a site or zone has 1 to 200 printable characters.');
  }
}

function demandProfile(profile: string | undefined): void {
  const ids = SHIPPED_PROFILES.map(({ id }) => id);
  if (profile === undefined || ids.includes(profile)) return;
  throw new InventoryError(
    'invalid',
    `There is no profile ${JSON.stringify(profile.slice(0, 60))}: choose one of ${ids.join(', ')}.`,
  );
}

/** Why it cannot be an appliance's name. */
export function problemOfName(name: string): string | undefined {
  // eslint-disable-next-line no-control-regex -- what must not reach a terminal or a log
  const unprintable = /[\u0000-\u001f\u007f-\u009f]/.test(name);
  if (!unprintable && name.trim() !== '' && name.length <= 200) return undefined;
  return 'An appliance needs a name of 1 to 200 printable characters.';
}

const HOSTNAME =
  /^(?=.{1,253}\.?$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.?$/i;

function demandHostname(hostname: string): void {
  const problem = problemOfHostname(hostname);
  if (problem !== undefined) throw new InventoryError('invalid', problem);
}

/** Why it cannot be a host name. */
export function problemOfHostname(hostname: string): string | undefined {
  if (HOSTNAME.test(hostname)) return undefined;
  return `${JSON.stringify(hostname.slice(0, 80))} is no host name: give the appliance's full domain name, e.g. sensor.contoso.com.`;
}

export function demandInService(appliance: Appliance): void {
  if (appliance.retiredAt !== null) throw new InventoryError('retired', `${appliance.name} is retired.`);
}

const changedMeanwhile = (): InventoryError =>
  new InventoryError('changed-meanwhile', 'Somebody changed this appliance meanwhile. Look at it again, then repeat.');

/** Names that people take for the same are the same. */
export const keyOf = (name: string): string => name.trim().normalize('NFKC').toLowerCase();

const toAppliance = (row: Row): Appliance => ({
  id: row.id,
  name: row.name,
  hostname: row.hostname,
  role: row.role,
  sensorId: row.sensor_id,
  site: row.site,
  zone: row.zone,
  validation: row.validation,
  crl: row.crl,
  profile: row.profile,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  version: row.version,
  retiredAt: row.retired_at,
});
