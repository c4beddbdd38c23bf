import { createHmac } from 'node:crypto';
import type { Store } from '../../platform/store/store.ts';
import { AccessError } from './access-error.ts';
import { hashSecret, newSecret, sameHash } from './secrets.ts';
import type { User, Users } from './users.ts';

const IDLE_MS = 30 * 60_000;
const LONGEST_MS = 12 * 3_600_000;
// Every request would otherwise be a write.
const TOUCH_EVERY_MS = 60_000;

/** What the browser gets: the cookie's value, and the token that every change must carry beside it. */
export interface NewSession {
  readonly id: string;
  readonly csrfToken: string;
  readonly expiresAt: number;
}

/** Sign-ins of browsers: half an hour idle, twelve hours at most. */
export class Sessions {
  readonly #store: Store;
  readonly #users: Users;
  readonly #now: () => number;

  constructor(store: Store, users: Users, now: () => number = Date.now) {
    this.#store = store;
    this.#users = users;
    this.#now = now;
  }

  async open(user: User): Promise<NewSession> {
    const id = newSecret();
    const csrfToken = csrfTokenOf(id);
    const now = this.#now();
    const expiresAt = now + LONGEST_MS;
    await this.#store.db.deleteFrom('sessions').where('expires_at', '<=', now).execute();
    await this.#store.db
      .insertInto('sessions')
      .values({
        id_hash: hashSecret(id),
        user_id: user.id,
        csrf_hash: hashSecret(csrfToken),
        created_at: now,
        last_seen_at: now,
        expires_at: expiresAt,
      })
      .execute();
    return { id, csrfToken, expiresAt };
  }

  /** What the browser got at its sign-in, for a page that was loaded anew. @throws {AccessError} `not-signed-in` */
  async again(id: string): Promise<Omit<NewSession, 'id'>> {
    const row = await this.#store.db
      .selectFrom('sessions')
      .select('expires_at')
      .where('id_hash', '=', hashSecret(id))
      .executeTakeFirst();
    if (row === undefined) throw notSignedIn();
    return { csrfToken: csrfTokenOf(id), expiresAt: row.expires_at };
  }

  /**
   * The user of a cookie.
   * @param change the CSRF token that came with a request that changes something; undefined for one that only reads.
   * @throws {AccessError} `not-signed-in`, `csrf`
   */
  async resume(id: string, change?: { readonly csrfToken: string | undefined }): Promise<User> {
    const now = this.#now();
    const idHash = hashSecret(id);
    const row = await this.#store.db
      .selectFrom('sessions')
      .selectAll()
      .where('id_hash', '=', idHash)
      .executeTakeFirst();
    if (row === undefined || row.expires_at <= now || row.last_seen_at + IDLE_MS <= now) throw notSignedIn();
    if (change !== undefined && !sameHash(hashSecret(change.csrfToken ?? ''), row.csrf_hash)) {
      throw new AccessError('csrf', 'The request does not carry the token of this session. Reload the page.');
    }
    const user = await this.#users.byId(row.user_id);
    if (user === undefined || user.disabledAt !== null) throw notSignedIn();
    if (row.last_seen_at + TOUCH_EVERY_MS <= now) {
      await this.#store.db.updateTable('sessions').set({ last_seen_at: now }).where('id_hash', '=', idHash).execute();
    }
    return user;
  }

  /** Whether it goes on; other than a request, the question does not prolong it. */
  async isOpen(id: string): Promise<boolean> {
    const now = this.#now();
    const row = await this.#store.db
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .select(['expires_at', 'last_seen_at', 'disabled_at'])
      .where('id_hash', '=', hashSecret(id))
      .executeTakeFirst();
    return row !== undefined && row.disabled_at === null && row.expires_at > now && row.last_seen_at + IDLE_MS > now;
  }

  async close(id: string): Promise<void> {
    await this.#store.db.deleteFrom('sessions').where('id_hash', '=', hashSecret(id)).execute();
  }
}

/** Out of the cookie, which no script can read, so that it can be given again; the cookie cannot be had out of it. */
const csrfTokenOf = (id: string): string => createHmac('sha256', id).update('csrf').digest('base64url');

const notSignedIn = (): AccessError =>
  new AccessError('not-signed-in', 'You are not signed in, or were idle for too long.');
