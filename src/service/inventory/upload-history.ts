import type { Selectable } from 'kysely';
import type { Report } from '../../core/base/finding.ts';
import type { Schema } from '../../platform/store/schema.ts';
import type { Store } from '../../platform/store/store.ts';
import { InventoryError } from './inventory-error.ts';

type Row = Selectable<Schema['uploads']>;

/** An attempt, let in or not. Times in milliseconds. */
export interface UploadEntry {
  readonly id: string;
  readonly applianceId: string;
  /** As it was called by whoever uploaded it. */
  readonly name: string;
  readonly at: number;
  readonly actor: string;
  readonly verdict: Row['verdict'];
  readonly outcome: Row['outcome'];
  readonly identityId: string | null;
}

const PAGE = 1000;

/** What was handed in, with what was found; no key of a refused upload is among it. */
export class UploadHistory {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Newest first. `before`: only entries older than the one with this id. */
  async page(applianceId: string, options: { before?: string; limit?: number } = {}): Promise<UploadEntry[]> {
    let query = this.#store.db
      .selectFrom('uploads')
      .select(['id', 'appliance_id', 'name', 'at', 'actor', 'verdict', 'outcome', 'identity_id'])
      .where('appliance_id', '=', applianceId)
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(Math.min(options.limit ?? 100, PAGE));
    if (options.before !== undefined) {
      const { at, id } = await this.#row(applianceId, options.before);
      query = query.where(({ eb, or, and }) => or([eb('at', '<', at), and([eb('at', '=', at), eb('id', '<', id)])]));
    }
    return (await query.execute()).map(toEntry);
  }

  /** @param applianceId undefined: of whichever it is. @throws {InventoryError} `not-found` */
  async report(
    applianceId: string | undefined,
    id: string,
  ): Promise<{ entry: UploadEntry; report: Report; crt: Uint8Array }> {
    const row = await this.#row(applianceId, id);
    return { entry: toEntry(row), report: JSON.parse(row.report) as Report, crt: new Uint8Array(row.crt) };
  }

  async #row(applianceId: string | undefined, id: string): Promise<Row> {
    let query = this.#store.db.selectFrom('uploads').selectAll().where('id', '=', id);
    if (applianceId !== undefined) query = query.where('appliance_id', '=', applianceId);
    const row = await query.executeTakeFirst();
    if (row === undefined) throw new InventoryError('not-found', 'There is no such upload.');
    return row;
  }
}

const toEntry = (row: Omit<Row, 'report' | 'crt'>): UploadEntry => ({
  id: row.id,
  applianceId: row.appliance_id,
  name: row.name,
  at: row.at,
  actor: row.actor,
  verdict: row.verdict,
  outcome: row.outcome,
  identityId: row.identity_id,
});
