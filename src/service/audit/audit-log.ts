import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Selectable, sql, type Transaction } from 'kysely';
import type { Schema } from '../../platform/store/schema.ts';
import type { Store } from '../../platform/store/store.ts';
import { subjectNames } from './subject-names.ts';

/** Who did it: a user's name, `token:NAME`, `host` for the unix socket and the command line, or `system`. */
export type Actor = string;

export interface AuditEvent {
  readonly actor: Actor;
  /** Verb and noun, e.g. `certificate.activated`. */
  readonly action: string;
  /** What it was done to, e.g. `appliance:ID`. */
  readonly subject: string;
  /** Never anything secret. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export type AuditEntry = Omit<Selectable<Schema['audit']>, 'details'> & {
  readonly details: Readonly<Record<string, unknown>>;
};

/** Which entries; what is absent leaves nothing out. Times in milliseconds, `to` excluded. */
export interface AuditFilter {
  /** A user's name: with what his tokens did. */
  readonly actor?: string;
  /** `certificate.activated`, or with a final dot everything of one noun. */
  readonly action?: string;
  readonly subject?: string;
  readonly from?: number;
  readonly to?: number;
}

/** The end of the chain: kept elsewhere, it proves later that nothing before it was cut off. */
export interface AuditHead {
  readonly seq: number;
  readonly mac: string;
}

export type AuditVerification =
  | { readonly intact: true; readonly head: AuditHead }
  | { readonly intact: false; readonly seq: number; readonly problem: string };

const GENESIS = '0'.repeat(64);
const PAGE = 1000;

/**
 * What was done by whom, each entry bound to the one before by an HMAC: whoever can write to the database but does not
 * hold the key can neither change, insert, reorder nor remove one without `verify` naming it. Cutting off the end is
 * seen by comparing with a head kept elsewhere.
 */
export class AuditLog {
  readonly #store: Store;
  readonly #key: Uint8Array;
  readonly #now: () => number;

  /** @param key 32 bytes, from the vault. */
  constructor(store: Store, key: Uint8Array, now: () => number = Date.now) {
    this.#store = store;
    this.#key = key;
    this.#now = now;
  }

  /** Adds an entry within the transaction of the change it tells of: both happen or neither. */
  async append(trx: Transaction<Schema>, event: AuditEvent): Promise<void> {
    const last = await this.#lockLast(trx);
    const entry = {
      seq: (last?.seq ?? 0) + 1,
      at: this.#now(),
      actor: event.actor,
      action: event.action,
      subject: event.subject,
      details: JSON.stringify(event.details ?? {}),
      previous: last?.mac ?? GENESIS,
    };
    await trx
      .insertInto('audit')
      .values({ ...entry, mac: this.#mac(entry) })
      .execute();
  }

  /** An entry of its own, where nothing else is changed. */
  async record(event: AuditEvent): Promise<void> {
    await this.#store.db.transaction().execute((trx) => this.append(trx, event));
  }

  // Two nodes must not both follow the same entry. SQLite has one writer; PostgreSQL is asked to wait.
  async #lockLast(trx: Transaction<Schema>): Promise<{ seq: number; mac: string } | undefined> {
    if (this.#store.kind === 'postgres') await lockAuditTable(trx);
    return trx.selectFrom('audit').select(['seq', 'mac']).orderBy('seq', 'desc').limit(1).executeTakeFirst();
  }

  #mac(entry: Omit<Selectable<Schema['audit']>, 'mac'>): string {
    const { seq, at, actor, action, subject, details, previous } = entry;
    return createHmac('sha256', this.#key)
      .update(JSON.stringify([seq, at, actor, action, subject, details, previous]))
      .digest('hex');
  }

  /** Newest first. `before`: only entries with a smaller number. */
  async page(options: AuditFilter & { before?: number; limit?: number } = {}): Promise<AuditEntry[]> {
    const { before, subject, actor, action, from, to, limit = 100 } = options;
    let query = this.#store.db.selectFrom('audit').selectAll().orderBy('seq', 'desc').limit(Math.min(limit, PAGE));
    if (before !== undefined) query = query.where('seq', '<', before);
    if (subject !== undefined) query = query.where('subject', '=', subject);
    if (actor !== undefined) {
      const ofTokens = `${actor} (token `;
      // No LIKE: what somebody is called may hold its wildcards.
      const start = sql<string>`substr(actor, 1, ${[...ofTokens].length})`;
      query = query.where((eb) => eb.or([eb('actor', '=', actor), eb(start, '=', ofTokens)]));
    }
    if (action?.endsWith('.') === true) query = query.where('action', 'like', `${action}%`);
    else if (action !== undefined) query = query.where('action', '=', action);
    if (from !== undefined) query = query.where('at', '>=', from);
    if (to !== undefined) query = query.where('at', '<', to);
    return (await query.execute()).map((entry) => ({ ...entry, details: JSON.parse(entry.details) }));
  }

  /** Who did anything, and what was ever done, by name. */
  async facets(): Promise<{ actors: string[]; actions: string[] }> {
    const distinct = async (column: 'actor' | 'action'): Promise<string[]> => {
      const rows = await this.#store.db.selectFrom('audit').select(column).distinct().orderBy(column).execute();
      return rows.map((row) => (row as Record<typeof column, string>)[column]);
    };
    return { actors: await distinct('actor'), actions: await distinct('action') };
  }

  /** What subjects (`kind:id`) are called now; without those that are gone or have no name. */
  names(subjects: Iterable<string>): Promise<ReadonlyMap<string, string>> {
    return subjectNames(this.#store, subjects);
  }

  /** What came after the entry with this number, oldest first: for whoever follows what is done. */
  async after(seq: number, limit: number): Promise<Pick<AuditEntry, 'seq' | 'at' | 'action' | 'subject'>[]> {
    return this.#store.db
      .selectFrom('audit')
      .select(['seq', 'at', 'action', 'subject'])
      .where('seq', '>', seq)
      .orderBy('seq')
      .limit(limit)
      .execute();
  }

  async head(): Promise<AuditHead> {
    const query = this.#store.db.selectFrom('audit').select(['seq', 'mac']).orderBy('seq', 'desc').limit(1);
    return (await query.executeTakeFirst()) ?? { seq: 0, mac: GENESIS };
  }

  /** Walks the whole chain. `known`: a head noted earlier, which must be part of it. */
  async verify(known?: AuditHead): Promise<AuditVerification> {
    let head: AuditHead = { seq: 0, mac: GENESIS };
    for (;;) {
      const entries = await this.#store.db
        .selectFrom('audit')
        .selectAll()
        .where('seq', '>', head.seq)
        .orderBy('seq')
        .limit(PAGE)
        .execute();
      if (entries.length === 0) break;
      for (const entry of entries) {
        const problem = this.#problemOf(entry, head, known);
        if (problem !== undefined) return { intact: false, seq: entry.seq, problem };
        head = { seq: entry.seq, mac: entry.mac };
      }
    }
    if (known !== undefined && head.seq < known.seq) {
      return { intact: false, seq: head.seq, problem: `the log ends at entry ${head.seq}; it once had ${known.seq}` };
    }
    return { intact: true, head };
  }

  #problemOf(entry: Selectable<Schema['audit']>, head: AuditHead, known?: AuditHead): string | undefined {
    if (entry.seq !== head.seq + 1) return `entry ${head.seq + 1} is missing`;
    if (entry.previous !== head.mac) return 'it does not follow the entry before it';
    if (!sameText(entry.mac, this.#mac(entry))) return 'it was changed after it was written';
    if (known?.seq === entry.seq && !sameText(entry.mac, known.mac))
      return 'it is not the entry that was noted as head';
    return undefined;
  }
}

const lockAuditTable = async (trx: Transaction<Schema>): Promise<void> => {
  await sql`lock table audit in exclusive mode`.execute(trx);
};

const sameText = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
