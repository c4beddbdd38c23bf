import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Schema } from '../../platform/store/schema.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Actor, AuditLog } from '../audit/audit-log.ts';
import { keyOf, problemOfHostname, problemOfName } from './appliances.ts';
import { typed } from './fingerprint.ts';
import { InventoryError } from './inventory-error.ts';

/** How a partner's certificate is checked. */
export interface PartnerSettings {
  /** `mandatory`: forwarding halts when its certificate cannot be verified; `none`: that is only shown. */
  readonly validation: 'mandatory' | 'none';
  readonly crl: 'on' | 'off';
  /** The name that its certificate must carry; null: its host. */
  readonly serverName: string | null;
  /** SHA-256 of its certificate, lower-case hex (RFC 5425 §5.2): stand in for path and name. */
  readonly fingerprints: readonly string[];
  /** The appliance whose certificate is shown when the partner asks for one. */
  readonly clientApplianceId: string | null;
}

/** A server that receives forwarded alerts. */
export interface Partner extends PartnerSettings {
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Grows with every change. */
  readonly version: number;
}

export type NewPartner = Pick<Partner, 'name' | 'host' | 'port'> & Partial<PartnerSettings>;
export type PartnerChange = Partial<NewPartner>;

const DEFAULTS: PartnerSettings = {
  validation: 'mandatory',
  crl: 'off',
  serverName: null,
  fingerprints: [],
  clientApplianceId: null,
};

/** The servers at the other end of forwarding rules. */
export class Partners {
  readonly #store: Store;
  readonly #audit: AuditLog;
  readonly #now: () => number;

  constructor(store: Store, audit: AuditLog, now: () => number = Date.now) {
    this.#store = store;
    this.#audit = audit;
    this.#now = now;
  }

  /** By name. */
  async list(): Promise<Partner[]> {
    return (await this.#store.db.selectFrom('partners').selectAll().orderBy('name_key').execute()).map(toPartner);
  }

  /** @throws {InventoryError} `not-found` */
  async byId(id: string): Promise<Partner> {
    const row = await this.#store.db.selectFrom('partners').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw noSuchPartner();
    return toPartner(row);
  }

  /** @throws {InventoryError} `invalid`, `name-taken` */
  async create(input: NewPartner, actor: Actor): Promise<Partner> {
    const now = this.#now();
    const partner: Partner = {
      ...DEFAULTS,
      ...given(input),
      id: randomUUID(),
      createdAt: now,
      updatedAt: now,
      version: 1,
    };
    const row = toRow(checked(partner));
    await this.#namingConflicts(input.name, () =>
      this.#store.db.transaction().execute(async (trx) => {
        await trx.insertInto('partners').values(row).execute();
        const details = { name: row.name, host: row.host, port: row.port };
        await this.#audit.append(trx, { actor, action: 'partner.created', subject: `partner:${row.id}`, details });
      }),
    );
    return toPartner(row);
  }

  /** @throws {InventoryError} `not-found`, `invalid`, `name-taken`, `changed-meanwhile` */
  async update(id: string, version: number, change: PartnerChange, actor: Actor): Promise<Partner> {
    const before = await this.byId(id);
    const after: Partner = { ...before, ...given(change), id, updatedAt: this.#now(), version: version + 1 };
    const row = toRow(checked(after));
    await this.#namingConflicts(after.name, () =>
      this.#store.db.transaction().execute(async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('partners')
          .set(row)
          .where('id', '=', id)
          .where('version', '=', version)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) throw changedMeanwhile();
        const details = { ...change };
        await this.#audit.append(trx, { actor, action: 'partner.changed', subject: `partner:${id}`, details });
      }),
    );
    return toPartner(row);
  }

  /** @throws {InventoryError} `not-found`, `changed-meanwhile`, `in-use` by a channel */
  async remove(id: string, version: number, actor: Actor): Promise<void> {
    const { name, host, port } = await this.byId(id);
    await this.#store.db.transaction().execute(async (trx) => {
      const channel = trx.selectFrom('channels').select('name').where('partner_id', '=', id);
      const user = await channel.executeTakeFirst();
      if (user !== undefined) {
        throw new InventoryError(
          'in-use',
          `The channel ${user.name} leads to this partner. Remove that first.`,
          user.name,
        );
      }
      const { numDeletedRows } = await trx
        .deleteFrom('partners')
        .where('id', '=', id)
        .where('version', '=', version)
        .executeTakeFirst();
      if (numDeletedRows === 0n) throw changedMeanwhile();
      const details = { name, host, port };
      await this.#audit.append(trx, { actor, action: 'partner.removed', subject: `partner:${id}`, details });
    });
  }

  async #namingConflicts<T>(name: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (this.#store.violatedUnique(error) !== 'partners_name') throw error;
      throw new InventoryError('name-taken', `There is a partner named ${name.trim()} already.`);
    }
  }
}

const noSuchPartner = (): InventoryError => new InventoryError('not-found', 'There is no such partner.');
const changedMeanwhile = (): InventoryError =>
  new InventoryError('changed-meanwhile', 'Somebody changed this partner meanwhile. Look at it again, then repeat.');

/** Without what is undefined: that means "as it was". */
const given = <T extends object>(input: T): T =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as T;

const IP_ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f:]*:[0-9a-f:.]*)$/i;

/** @throws {InventoryError} `invalid` */
function checked(partner: Partner): Partner {
  const { name, host, port, serverName } = partner;
  const invalid = (message: string): never => {
    throw new InventoryError('invalid', message);
  };
  if (problemOfName(name) !== undefined) invalid('A partner needs a name of 1 to 200 printable characters.');
  if (!IP_ADDRESS.test(host) && problemOfHostname(host) !== undefined) {
    invalid(`${JSON.stringify(host.slice(0, 80))} is neither a host name nor an IP address.`);
  }
  if (!Number.isInteger(port) || port < 1 || port > 65_535) invalid('The port is a number from 1 to 65535.');
  if (serverName !== null && problemOfHostname(serverName) !== undefined) {
    invalid(`${JSON.stringify(serverName.slice(0, 80))} is no host name that a certificate can carry.`);
  }
  const fingerprints = partner.fingerprints.map((fingerprint) => {
    const hex = typed(fingerprint);
    if (!/^[0-9a-f]{64}$/.test(hex)) {
      invalid(
        'A fingerprint is the SHA-256 of a certificate, 64 hex digits: openssl x509 -in partner.crt -noout -fingerprint -sha256',
      );
    }
    return hex;
  });
  return { ...partner, name: name.trim(), fingerprints };
}

function toRow({
  id,
  name,
  host,
  port,
  createdAt,
  updatedAt,
  version,
  ...settings
}: Partner): Selectable<Schema['partners']> {
  const times = { created_at: createdAt, updated_at: updatedAt, version };
  return { id, name, name_key: keyOf(name), host, port, settings: JSON.stringify(settings), ...times };
}

const toPartner = (row: Selectable<Schema['partners']>): Partner => ({
  ...DEFAULTS,
  ...(JSON.parse(row.settings) as PartnerSettings),
  id: row.id,
  name: row.name,
  host: row.host,
  port: row.port,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  version: row.version,
});
