import type { Selectable } from 'kysely';
import type { Report } from '../../core/base/finding.ts';
import type { Schema } from '../../platform/store/schema.ts';
import type { Store } from '../../platform/store/store.ts';
import { InventoryError } from './inventory-error.ts';

/** An attempt to give an appliance a certificate, whatever became of it. */
export type UploadRecord = Pick<
  Selectable<Schema['uploads']>,
  'id' | 'name' | 'at' | 'actor' | 'verdict' | 'outcome'
> & {
  readonly applianceId: string;
  readonly identityId: string | null;
};

/** What was handed in, kept with its report: why was it refused last Tuesday? */
export class Uploads {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Newest first; `before`: only older ones than this. */
  async page(
    applianceId: string,
    { before, limit = 100 }: { before?: number; limit?: number } = {},
  ): Promise<UploadRecord[]> {
    let query = this.#rows().where('appliance_id', '=', applianceId).orderBy('at', 'desc').orderBy('id').limit(limit);
    if (before !== undefined) query = query.where('at', '<', before);
    return (await query.execute()).map(toRecord);
  }

  /** @throws {InventoryError} `not-found` */
  async byId(applianceId: string, id: string): Promise<UploadRecord & { readonly report: Report }> {
    const row = await this.#rows()
      .select('report')
      .where('appliance_id', '=', applianceId)
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw new InventoryError('not-found', 'There is no such upload.');
    return { ...toRecord(row), report: JSON.parse(row.report) as Report };
  }

  #rows() {
    return this.#store.db
      .selectFrom('uploads')
      .select(['id', 'appliance_id', 'name', 'at', 'actor', 'verdict', 'outcome', 'identity_id']);
  }
}

type Row = Omit<Selectable<Schema['uploads']>, 'report' | 'crt'>;

const toRecord = (row: Row): UploadRecord => ({
  id: row.id,
  applianceId: row.appliance_id,
  name: row.name,
  at: row.at,
  actor: row.actor,
  verdict: row.verdict,
  outcome: row.outcome,
  identityId: row.identity_id,
});
