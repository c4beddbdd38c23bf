import { randomBytes } from 'node:crypto';
import type { Selectable, Transaction } from 'kysely';
import type { Schema } from '../../platform/store/schema.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Actor, AuditLog } from '../audit/audit-log.ts';
import { typed } from './fingerprint.ts';
import { InventoryError } from './inventory-error.ts';

export type Overlookable = 'date' | 'stale-crl' | 'chain';

/** For a time one certificate is let through in one channel although something speaks against it. Times in milliseconds. */
export interface ChannelOverride {
  readonly id: string;
  readonly channelId: string;
  /** `host`: opened at the channel's own process, by whoever may open its socket. */
  readonly origin: 'server' | 'host';
  readonly overlooks: readonly Overlookable[];
  /** SHA-256, lower-case hex. */
  readonly fingerprint: string;
  readonly reason: string;
  readonly openedBy: string;
  readonly openedAt: number;
  readonly endsAt: number;
  readonly closedAt: number | null;
  readonly closedBy: string | null;
}

export interface NewOverride {
  readonly overlooks: readonly Overlookable[];
  /** SHA-256 in any usual spelling. */
  readonly fingerprint: string;
  readonly reason: string;
  /** At most 24. */
  readonly hours: number;
}

const HOUR_MS = 3_600_000;
const LONGEST_HOURS = 24;
const SHORTEST_REASON = 10;
const SHOWN = 200;

/** Break-glass: opening and closing are audited, whoever or whatever did it. */
export class ChannelOverrides {
  readonly #store: Store;
  readonly #audit: AuditLog;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();

  constructor(store: Store, audit: AuditLog, now: () => number = Date.now) {
    this.#store = store;
    this.#audit = audit;
    this.#now = now;
  }

  /** Called after each committed change. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Of one channel, newest first. */
  async of(channelId: string): Promise<ChannelOverride[]> {
    const query = this.#store.db.selectFrom('channel_overrides').selectAll().where('channel_id', '=', channelId);
    return (await query.orderBy('opened_at', 'desc').orderBy('id').limit(SHOWN).execute()).map(toOverride);
  }

  /** Those whose time is not over, of all channels; the ones closed before it are among them. */
  async recent(): Promise<ChannelOverride[]> {
    const query = this.#store.db.selectFrom('channel_overrides').selectAll().where('ends_at', '>', this.#now());
    return (await query.orderBy('id').execute()).map(toOverride);
  }

  /** @throws {InventoryError} `invalid`, `not-found` (the channel) */
  async open(channelId: string, input: NewOverride, actor: Actor): Promise<ChannelOverride> {
    const fingerprint = typed(input.fingerprint);
    const reason = input.reason.trim();
    demand(
      /^[0-9a-f]{64}$/.test(fingerprint),
      'The fingerprint is the SHA-256 of the certificate that is to be let through, 64 hex digits.',
    );
    demand(
      input.hours > 0 && input.hours <= LONGEST_HOURS,
      `It can be opened for ${LONGEST_HOURS} hours at most, not ${input.hours}.`,
    );
    demand(input.overlooks.length > 0, 'Say what is to be overlooked: date, stale-crl or chain.');
    demand(reason.length >= SHORTEST_REASON, `Give a reason of at least ${SHORTEST_REASON} characters.`);
    const openedAt = this.#now();
    return this.#insert({
      id: randomBytes(8).toString('hex'),
      channelId,
      origin: 'server',
      overlooks: [...new Set(input.overlooks)],
      fingerprint,
      reason,
      openedBy: actor,
      openedAt,
      endsAt: openedAt + input.hours * HOUR_MS,
      closedAt: null,
      closedBy: null,
    });
  }

  /** One that was opened at the channel's own host; known ones are left as they are. */
  async noteFromHost(override: Omit<ChannelOverride, 'origin' | 'closedAt' | 'closedBy'>): Promise<void> {
    const known = this.#store.db.selectFrom('channel_overrides').select('id').where('id', '=', override.id);
    if ((await known.executeTakeFirst()) !== undefined) return;
    const endsAt = Math.min(override.endsAt, this.#now() + LONGEST_HOURS * HOUR_MS);
    await this.#insert({ ...override, endsAt, origin: 'host', closedAt: null, closedBy: null });
  }

  /** Before its time. @throws {InventoryError} `not-found` where it is not open (any more) */
  async close(channelId: string, id: string, actor: Actor): Promise<ChannelOverride> {
    const closed = await this.#store.db
      .transaction()
      .execute((trx) => this.#end(trx, { id, channelId }, { at: this.#now(), by: actor }));
    if (closed === undefined) throw new InventoryError('not-found', 'No such exception is open at this channel.');
    this.#announce();
    return closed;
  }

  /** Writes down the end of those whose time is over. Of several nodes one does it. */
  async closeDue(): Promise<void> {
    const query = this.#store.db.selectFrom('channel_overrides').select(['id', 'channel_id', 'ends_at']);
    const due = await query.where('closed_at', 'is', null).where('ends_at', '<=', this.#now()).execute();
    for (const { id, channel_id, ends_at } of due) {
      await this.#store.db
        .transaction()
        .execute((trx) => this.#end(trx, { id, channelId: channel_id }, { at: ends_at, by: 'system' }));
    }
    if (due.length > 0) this.#announce();
  }

  async #insert(override: ChannelOverride): Promise<ChannelOverride> {
    await this.#store.db.transaction().execute(async (trx) => {
      const channel = trx.selectFrom('channels').select('name').where('id', '=', override.channelId);
      const found = await channel.executeTakeFirst();
      if (found === undefined) throw new InventoryError('not-found', 'There is no such channel.');
      await trx.insertInto('channel_overrides').values(toRow(override)).execute();
      const { id, overlooks, fingerprint, reason, endsAt } = override;
      await this.#audit.append(trx, {
        actor: override.openedBy,
        action: 'channel.override-opened',
        subject: `channel:${override.channelId}`,
        details: { channel: found.name, override: id, overlooks, fingerprint, reason, endsAt },
      });
    });
    this.#announce();
    return override;
  }

  async #end(
    trx: Transaction<Schema>,
    { id, channelId }: { id: string; channelId: string },
    { at, by }: { at: number; by: Actor },
  ): Promise<ChannelOverride | undefined> {
    const row = await trx
      .updateTable('channel_overrides')
      .set({ closed_at: at, closed_by: by })
      .where('id', '=', id)
      .where('channel_id', '=', channelId)
      .where('closed_at', 'is', null)
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const why = by === 'system' ? 'its time was over' : 'closed before its time';
    await this.#audit.append(trx, {
      actor: by,
      action: 'channel.override-closed',
      subject: `channel:${channelId}`,
      details: { override: id, fingerprint: row.fingerprint, why },
    });
    return toOverride(row);
  }

  #announce(): void {
    for (const listener of this.#listeners) listener();
  }
}

function demand(holds: boolean, message: string): asserts holds {
  if (!holds) throw new InventoryError('invalid', message);
}

type Row = Selectable<Schema['channel_overrides']>;

const toRow = (override: ChannelOverride): Row => ({
  id: override.id,
  channel_id: override.channelId,
  origin: override.origin,
  overlooks: JSON.stringify(override.overlooks),
  fingerprint: override.fingerprint,
  reason: override.reason,
  opened_by: override.openedBy,
  opened_at: override.openedAt,
  ends_at: override.endsAt,
  closed_at: override.closedAt,
  closed_by: override.closedBy,
});

const toOverride = (row: Row): ChannelOverride => ({
  id: row.id,
  channelId: row.channel_id,
  origin: row.origin,
  overlooks: JSON.parse(row.overlooks) as Overlookable[],
  fingerprint: row.fingerprint,
  reason: row.reason,
  openedBy: row.opened_by,
  openedAt: row.opened_at,
  endsAt: row.ends_at,
  closedAt: row.closed_at,
  closedBy: row.closed_by,
});
