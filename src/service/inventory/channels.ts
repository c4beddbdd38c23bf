import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Schema } from '../../platform/store/schema.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Actor, AuditLog } from '../audit/audit-log.ts';
import {
  checkedChannel,
  type ChannelEntry,
  type ChannelEntrySettings,
  DEFAULT_CHANNEL,
  toChannelEntry,
  toChannelRow,
} from './channel-entry.ts';
import { type Appliances, demandInService } from './appliances.ts';
import { InventoryError } from './inventory-error.ts';
import type { Partners } from './partners.ts';

export type { ChannelEntry, ChannelKind } from './channel-entry.ts';

type Changeable = Omit<ChannelEntrySettings, 'allow' | 'limits'> &
  Pick<ChannelEntry, 'name' | 'applianceId' | 'partnerId' | 'node' | 'enabled'>;

export type ChannelChange = Partial<Changeable> & {
  readonly allow?: Partial<ChannelEntrySettings['allow']>;
  readonly limits?: Partial<ChannelEntrySettings['limits']>;
};
export type NewChannel = ChannelChange & Pick<ChannelEntry, 'name' | 'kind' | 'listen'>;

export interface ChannelParts {
  readonly store: Store;
  readonly audit: AuditLog;
  readonly appliances: Appliances;
  readonly partners: Partners;
}

/** The channels that there are to be: between whom, where, and how strict. */
export class Channels {
  readonly #parts: ChannelParts;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();

  constructor(parts: ChannelParts, now: () => number = Date.now) {
    this.#parts = parts;
    this.#now = now;
  }

  /** Called after each committed change. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** By name. */
  async list(): Promise<ChannelEntry[]> {
    const query = this.#parts.store.db.selectFrom('channels').selectAll().orderBy('name_key');
    return (await query.execute()).map(toChannelEntry);
  }

  /** @throws {InventoryError} `not-found` */
  async byId(id: string): Promise<ChannelEntry> {
    const query = this.#parts.store.db.selectFrom('channels').selectAll().where('id', '=', id);
    const row = await query.executeTakeFirst();
    if (row === undefined) throw new InventoryError('not-found', 'There is no such channel.');
    return toChannelEntry(row);
  }

  /** @throws {InventoryError} `invalid`, `name-taken`, `not-found` (appliance or partner), `retired` */
  async create(input: NewChannel, actor: Actor): Promise<ChannelEntry> {
    const now = this.#now();
    const { kind, name, listen, allow, limits, ...rest } = input;
    const ends = { applianceId: rest.applianceId ?? null, partnerId: rest.partnerId ?? null };
    const draft: ChannelEntry = {
      ...DEFAULT_CHANNEL,
      validation: 'mandatory',
      crl: 'off',
      node: null,
      enabled: true,
      ...given(rest),
      ...ends,
      allow: { ...DEFAULT_CHANNEL.allow, ...given(allow ?? {}) },
      limits: { ...DEFAULT_CHANNEL.limits, ...given(limits ?? {}) },
      id: randomUUID(),
      kind,
      name,
      listen,
      createdAt: now,
      updatedAt: now,
      version: 1,
    };
    checkedChannel(draft);
    await this.#demandEnds(draft);
    const entry = {
      ...draft,
      ...(await this.#strictness(ends)),
      ...given({ validation: rest.validation, crl: rest.crl }),
    };
    await this.#write(entry, async (trx, checked) => {
      await trx.insertInto('channels').values(toChannelRow(checked, now)).execute();
      const { validation, crl, mode, enabled, target, targetTls, node } = checked;
      const to = { target, ...(targetTls !== null && { targetTls }) };
      const details = { name: checked.name, kind, ...ends, node, listen, ...to, validation, crl, mode, enabled };
      await this.#parts.audit.append(trx, {
        actor,
        action: 'channel.created',
        subject: `channel:${entry.id}`,
        details,
      });
    });
    return this.byId(entry.id);
  }

  /** @throws {InventoryError} `not-found`, `invalid`, `name-taken`, `changed-meanwhile`, `retired` */
  async update(id: string, version: number, change: ChannelChange, actor: Actor): Promise<ChannelEntry> {
    const before = await this.byId(id);
    const { allow, limits, ...rest } = change;
    const after: ChannelEntry = {
      ...before,
      ...given(rest),
      allow: { ...before.allow, ...given(allow ?? {}) },
      limits: { ...before.limits, ...given(limits ?? {}) },
      updatedAt: this.#now(),
      version: version + 1,
    };
    // One whose appliance is retired can still be changed and disabled.
    const sameEnds = after.applianceId === before.applianceId && after.partnerId === before.partnerId;
    if (!sameEnds || (after.enabled && !before.enabled)) await this.#demandEnds(after);
    await this.#write(after, async (trx, checked) => {
      const { numUpdatedRows } = await trx
        .updateTable('channels')
        .set(toChannelRow(checked, after.updatedAt))
        .where('id', '=', id)
        .where('version', '=', version)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) throw changedMeanwhile();
      const subject = `channel:${id}`;
      await this.#parts.audit.append(trx, { actor, action: 'channel.changed', subject, details: { ...change } });
    });
    return this.byId(id);
  }

  /** Its connections end with it. @throws {InventoryError} `not-found`, `changed-meanwhile` */
  async remove(id: string, version: number, actor: Actor): Promise<void> {
    const { name, kind } = await this.byId(id);
    await this.#parts.store.db.transaction().execute(async (trx) => {
      const query = trx.deleteFrom('channels').where('id', '=', id).where('version', '=', version);
      if ((await query.executeTakeFirst()).numDeletedRows === 0n) throw changedMeanwhile();
      const details = { name, kind };
      await this.#parts.audit.append(trx, { actor, action: 'channel.removed', subject: `channel:${id}`, details });
    });
    this.#announce();
  }

  /** Where nobody says otherwise, a channel is as strict as the appliance or the partner is set to. */
  async #strictness({
    applianceId,
    partnerId,
  }: Pick<ChannelEntry, 'applianceId' | 'partnerId'>): Promise<Pick<ChannelEntry, 'validation' | 'crl'>> {
    const { appliances, partners } = this.#parts;
    const { validation, crl } =
      partnerId === null ? await appliances.byId(applianceId ?? '') : await partners.byId(partnerId);
    return { validation, crl };
  }

  /** @throws {InventoryError} `not-found`, `retired` */
  async #demandEnds({ applianceId, partnerId }: ChannelEntry): Promise<void> {
    const { appliances, partners } = this.#parts;
    if (applianceId !== null) demandInService(await appliances.byId(applianceId));
    if (partnerId !== null) await partners.byId(partnerId);
  }

  async #write(
    entry: ChannelEntry,
    work: (trx: Transaction<Schema>, checked: ChannelEntry) => Promise<void>,
  ): Promise<void> {
    const checked = checkedChannel(entry);
    const { store } = this.#parts;
    try {
      await store.db.transaction().execute(async (trx) => {
        await this.#demandFreeAddress(trx, checked);
        await work(trx, checked);
      });
    } catch (error) {
      if (store.violatedUnique(error) !== 'channels_name') throw error;
      throw new InventoryError('name-taken', `There is a channel named ${checked.name} already.`);
    }
    this.#announce();
  }

  /** Two channels of one host cannot listen at one address; said here, where somebody reads it. */
  async #demandFreeAddress(trx: Transaction<Schema>, { id, node, listen, enabled }: ChannelEntry): Promise<void> {
    if (!enabled || listen.port === 0) return;
    let query = trx.selectFrom('channels').selectAll().where('id', '!=', id).where('disabled_at', 'is', null);
    query = node === null ? query.where('node', 'is', null) : query.where('node', '=', node);
    const others = (await query.execute()).map(toChannelEntry);
    const other = others.find((one) => one.listen.port === listen.port && overlap(one.listen.host, listen.host));
    if (other === undefined) return;
    throw new InventoryError(
      'invalid',
      `The channel ${other.name} listens at ${other.listen.host}:${other.listen.port} already. Choose another port or address, or disable that one.`,
      other.name,
    );
  }

  #announce(): void {
    for (const listener of this.#listeners) listener();
  }
}

const WILDCARDS = new Set(['0.0.0.0', '::']);
const overlap = (one: string, other: string): boolean => one === other || WILDCARDS.has(one) || WILDCARDS.has(other);

const changedMeanwhile = (): InventoryError =>
  new InventoryError('changed-meanwhile', 'Somebody changed this channel meanwhile. Look at it again, then repeat.');

/** Without what is undefined: that means "as it was". */
const given = <T extends object>(input: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as never;
