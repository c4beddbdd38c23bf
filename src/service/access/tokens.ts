import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Schema } from '../../platform/store/schema.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Actor, AuditLog } from '../audit/audit-log.ts';
import { AccessError } from './access-error.ts';
import { mayRole, type Permission } from './roles.ts';
import { hashSecret, newSecret } from './secrets.ts';
import type { User, Users } from './users.ts';

/** Recognisable to people and to scanners for leaked secrets. */
const PREFIX = 'cgt_';
const TOUCH_EVERY_MS = 60_000;

export interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Permission[];
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  readonly revokedAt: number | null;
}

/** Tokens for programs: they do what their scopes name, and never more than the user who made them still may. */
export class Tokens {
  readonly #store: Store;
  readonly #users: Users;
  readonly #audit: AuditLog;
  readonly #now: () => number;

  constructor(parts: { store: Store; users: Users; audit: AuditLog }, now: () => number = Date.now) {
    this.#store = parts.store;
    this.#users = parts.users;
    this.#audit = parts.audit;
    this.#now = now;
  }

  /** The token itself is in this answer and nowhere else. @throws {AccessError} `forbidden`, `name-taken` */
  async create(
    user: User,
    input: { name: string; scopes: readonly Permission[]; expiresAt: number | null },
  ): Promise<{ token: ApiToken; secret: string }> {
    const beyond = input.scopes.find((scope) => !mayRole(user.role, scope));
    if (beyond !== undefined) throw new AccessError('forbidden', `You may not give away ${beyond}: you don't have it.`);
    const secret = PREFIX + newSecret();
    const row = {
      id: randomUUID(),
      name: input.name,
      name_key: input.name.toLowerCase(),
      token_hash: hashSecret(secret),
      user_id: user.id,
      scopes: JSON.stringify(input.scopes),
      created_at: this.#now(),
      expires_at: input.expiresAt,
      last_used_at: null,
      revoked_at: null,
    };
    try {
      await this.#store.db.transaction().execute(async (trx) => {
        await trx.insertInto('tokens').values(row).execute();
        const details = { name: input.name, scopes: input.scopes };
        await this.#audit.append(trx, {
          actor: user.name,
          action: 'token.created',
          subject: `token:${row.id}`,
          details,
        });
      });
    } catch (error) {
      if (this.#store.violatedUnique(error) !== 'tokens_name') throw error;
      throw new AccessError('name-taken', `You have a token named ${input.name} already.`);
    }
    return { token: toToken(row), secret };
  }

  async list(user: User): Promise<ApiToken[]> {
    const rows = await this.#store.db
      .selectFrom('tokens')
      .selectAll()
      .where('user_id', '=', user.id)
      .orderBy('name_key')
      .execute();
    return rows.map(toToken);
  }

  /** @throws {AccessError} `no-such-token` */
  async revoke(user: User, id: string, actor: Actor): Promise<void> {
    await this.#store.db.transaction().execute(async (trx) => {
      const { numUpdatedRows } = await trx
        .updateTable('tokens')
        .set({ revoked_at: this.#now() })
        .where('id', '=', id)
        .where('user_id', '=', user.id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows === 0n)
        throw new AccessError('no-such-token', 'There is no such token, or it is revoked already.');
      await this.#audit.append(trx, { actor, action: 'token.revoked', subject: `token:${id}` });
    });
  }

  /** @throws {AccessError} `not-signed-in` */
  async resolve(secret: string): Promise<{ token: ApiToken; user: User }> {
    const now = this.#now();
    const hash = hashSecret(secret);
    const row = await this.#store.db.selectFrom('tokens').selectAll().where('token_hash', '=', hash).executeTakeFirst();
    const user = row && (await this.#users.byId(row.user_id));
    const dead = row === undefined || row.revoked_at !== null || (row.expires_at !== null && row.expires_at <= now);
    if (dead || user === undefined || user.disabledAt !== null) {
      throw new AccessError('not-signed-in', 'This token is unknown, expired or revoked.');
    }
    if ((row.last_used_at ?? 0) + TOUCH_EVERY_MS <= now) {
      await this.#store.db.updateTable('tokens').set({ last_used_at: now }).where('id', '=', row.id).execute();
    }
    return { token: toToken(row), user };
  }
}

const toToken = (row: Selectable<Schema['tokens']>): ApiToken => ({
  id: row.id,
  name: row.name,
  scopes: JSON.parse(row.scopes),
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
  revokedAt: row.revoked_at,
});
