import type { Store } from '../../platform/store/store.ts';
import { AccessError } from './access-error.ts';

export interface StoredAnswer {
  readonly status: number;
  readonly body: string;
}

const KEPT_MS = 24 * 3_600_000;
/** No request takes longer: whoever claimed the key and gave no answer by then has died. */
const ABANDONED_MS = 120_000;
const UNANSWERED = 0;

/**
 * Answers of requests that carried an Idempotency-Key: whoever repeats one because he heard no answer gets the answer of
 * the first, and nothing is done twice.
 */
export class Idempotency {
  readonly #store: Store;
  readonly #now: () => number;

  constructor(store: Store, now: () => number = Date.now) {
    this.#store = store;
    this.#now = now;
  }

  /**
   * The answer that this request got before; undefined: it is new and the caller carries it out, then calls `answered`
   * or `gaveUp`.
   * @param request.hash tells this request from another one with the same key
   * @throws {AccessError} `idempotency-key-reused`, `still-running`
   */
  async begin(request: { key: string; actor: string; hash: string }): Promise<StoredAnswer | undefined> {
    const { key, actor, hash } = request;
    const now = this.#now();
    const db = this.#store.db;
    await db
      .deleteFrom('idempotency_keys')
      .where('at', '<', now - KEPT_MS)
      .execute();
    await db
      .deleteFrom('idempotency_keys')
      .where('status', '=', UNANSWERED)
      .where('at', '<', now - ABANDONED_MS)
      .execute();
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('idempotency_keys')
      .values({ key, actor, request_hash: hash, status: UNANSWERED, response: '', at: now })
      .onConflict((conflict) => conflict.columns(['key', 'actor']).doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows === 1n) return undefined;
    const before = await this.#rowOf(key, actor);
    if (before !== undefined && before.request_hash !== hash) {
      throw new AccessError(
        'idempotency-key-reused',
        'This Idempotency-Key came with another request before. A new request needs a new key.',
      );
    }
    if (before === undefined || before.status === UNANSWERED) {
      throw new AccessError('still-running', 'The same request is being worked on. Ask again in a few seconds.');
    }
    return { status: before.status, body: before.response };
  }

  async answered({ key, actor }: { key: string; actor: string }, { status, body }: StoredAnswer): Promise<void> {
    await this.#store.db
      .updateTable('idempotency_keys')
      .set({ status, response: body })
      .where('key', '=', key)
      .where('actor', '=', actor)
      .execute();
  }

  /** Nothing came of it for reasons of our own: it may be tried again. */
  async gaveUp({ key, actor }: { key: string; actor: string }): Promise<void> {
    await this.#store.db
      .deleteFrom('idempotency_keys')
      .where('key', '=', key)
      .where('actor', '=', actor)
      .where('status', '=', UNANSWERED)
      .execute();
  }

  #rowOf(key: string, actor: string) {
    return this.#store.db
      .selectFrom('idempotency_keys')
      .selectAll()
      .where('key', '=', key)
      .where('actor', '=', actor)
      .executeTakeFirst();
  }
}
