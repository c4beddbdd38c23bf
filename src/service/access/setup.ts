import type { Store } from '../../platform/store/store.ts';
import { AccessError } from './access-error.ts';
import { hashSecret, newSecret } from './secrets.ts';
import type { User, Users } from './users.ts';

const VALID_MS = 3_600_000;

/**
 * How the first administrator comes to be: by a link that only the host has seen. It is stored hashed, valid for an
 * hour, and consumed when the administrator is made, not when the page is read.
 */
export class Setup {
  readonly #store: Store;
  readonly #users: Users;
  readonly #now: () => number;
  // Users are disabled, never deleted: what is done stays done.
  #done = false;

  constructor(store: Store, users: Users, now: () => number = Date.now) {
    this.#store = store;
    this.#users = users;
    this.#now = now;
  }

  /** Whether there is an administrator; until then only set-up and health answer. */
  async isDone(): Promise<boolean> {
    if (this.#done) return true;
    const row = await this.#store.db.selectFrom('users').select('id').limit(1).executeTakeFirst();
    this.#done = row !== undefined;
    return this.#done;
  }

  /** A new token; any earlier one is void. @throws {AccessError} `setup-done` */
  async newToken(): Promise<string> {
    if (await this.isDone()) throw setupDone();
    const token = newSecret();
    const now = this.#now();
    const link = { token_hash: hashSecret(token), created_at: now, expires_at: now + VALID_MS, consumed_at: null };
    await this.#store.db
      .insertInto('setup_links')
      .values({ id: 1, ...link })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(link).where('setup_links.consumed_at', 'is', null))
      .execute();
    return token;
  }

  /** @throws {AccessError} `setup-link-invalid`, `setup-done`, `weak-password` */
  async createAdministrator(token: string, input: { name: string; password: string }): Promise<User> {
    if (await this.isDone()) throw setupDone();
    const row = await this.#users.newRow({ ...input, role: 'admin' });
    const now = this.#now();
    await this.#store.db.transaction().execute(async (trx) => {
      // The one statement that decides: of two nodes, or two browsers, one updates the row.
      const { numUpdatedRows } = await trx
        .updateTable('setup_links')
        .set({ consumed_at: now })
        .where('token_hash', '=', hashSecret(token))
        .where('consumed_at', 'is', null)
        .where('expires_at', '>', now)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) {
        throw new AccessError(
          'setup-link-invalid',
          'This set-up link is used up, replaced or over an hour old. Make a new one on the host with: certgate setup-link',
        );
      }
      await this.#users.insert(trx, row, 'setup');
    });
    return { id: row.id, name: row.name, role: row.role, createdAt: row.created_at, disabledAt: null, version: 1 };
  }
}

const setupDone = (): AccessError => new AccessError('setup-done', 'There is an administrator already. Sign in.');
