import { randomUUID } from 'node:crypto';
import type { Selectable, Transaction } from 'kysely';
import type { Schema } from '../../platform/store/schema.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Actor, AuditLog } from '../audit/audit-log.ts';
import { AccessError } from './access-error.ts';
import type { Role } from './roles.ts';
import { hashPassword, passwordFits } from './secrets.ts';

export interface User {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: number;
  readonly disabledAt: number | null;
  readonly version: number;
}

const ATTEMPTS_BEFORE_LOCK = 5;
const FIRST_LOCK_MS = 30_000;
const LONGEST_LOCK_MS = 15 * 60_000;
const SHORTEST_PASSWORD = 12;

/** Local users: argon2id, and a lock-out that grows with every further wrong attempt. */
export class Users {
  readonly #store: Store;
  readonly #audit: AuditLog;
  readonly #now: () => number;
  // Verified against when the name is unknown, so that both answers take the same time.
  readonly #nobody: Promise<string>;

  constructor(store: Store, audit: AuditLog, now: () => number = Date.now) {
    this.#store = store;
    this.#audit = audit;
    this.#now = now;
    this.#nobody = hashPassword(randomUUID());
  }

  async list(): Promise<User[]> {
    const rows = await this.#store.db.selectFrom('users').selectAll().orderBy('name_key').execute();
    return rows.map(toUser);
  }

  async byId(id: string): Promise<User | undefined> {
    const row = await this.#store.db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toUser(row);
  }

  /** @throws {AccessError} `weak-password`, `name-taken` */
  async create(input: { name: string; password: string; role: Role }, actor: Actor): Promise<User> {
    const row = await this.newRow(input);
    try {
      await this.#store.db.transaction().execute((trx) => this.insert(trx, row, actor));
    } catch (error) {
      if (this.#store.violatedUnique(error) === 'users_name') {
        throw new AccessError('name-taken', `There is a user named ${input.name} already.`);
      }
      throw error;
    }
    return toUser(row);
  }

  /** A user ready for `insert`; apart, since hashing takes long and must not hold a transaction open. */
  async newRow({
    name,
    password,
    role,
  }: {
    name: string;
    password: string;
    role: Role;
  }): Promise<Selectable<Schema['users']>> {
    demandStrength(password, name);
    return {
      id: randomUUID(),
      name,
      name_key: nameKey(name),
      password_hash: await hashPassword(password),
      role,
      failed_attempts: 0,
      locked_until: null,
      created_at: this.#now(),
      disabled_at: null,
      version: 1,
    };
  }

  async insert(trx: Transaction<Schema>, row: Selectable<Schema['users']>, actor: Actor): Promise<void> {
    await trx.insertInto('users').values(row).execute();
    const details = { name: row.name, role: row.role };
    await this.#audit.append(trx, { actor, action: 'user.created', subject: `user:${row.id}`, details });
  }

  /**
   * The user whose name and password these are.
   * @throws {AccessError} `wrong-credentials` whichever of both is wrong; `locked-out`, with the time left, to those
   * who know the password and to those who don't.
   */
  async authenticate(name: string, password: string): Promise<User> {
    const row = await this.#store.db
      .selectFrom('users')
      .selectAll()
      .where('name_key', '=', nameKey(name))
      .executeTakeFirst();
    const now = this.#now();
    if (row?.locked_until != null && row.locked_until > now) {
      const seconds = Math.ceil((row.locked_until - now) / 1000);
      throw new AccessError('locked-out', `Too many wrong attempts. Try again in ${seconds} seconds.`, seconds);
    }
    const fits = await passwordFits(row?.password_hash ?? (await this.#nobody), password);
    if (row === undefined || !fits || row.disabled_at !== null) {
      if (row !== undefined) await this.#countFailure(row.id);
      throw new AccessError('wrong-credentials', 'Name or password is wrong.');
    }
    if (row.failed_attempts > 0) {
      const cleared = { failed_attempts: 0, locked_until: null };
      await this.#store.db.updateTable('users').set(cleared).where('id', '=', row.id).execute();
    }
    return toUser(row);
  }

  async #countFailure(id: string): Promise<void> {
    await this.#store.db.transaction().execute(async (trx) => {
      const { failed_attempts: failed } = await trx
        .updateTable('users')
        .set((eb) => ({ failed_attempts: eb('failed_attempts', '+', 1) }))
        .where('id', '=', id)
        .returning('failed_attempts')
        .executeTakeFirstOrThrow();
      const excess = failed - ATTEMPTS_BEFORE_LOCK;
      if (excess < 0) return;
      const lock = Math.min(FIRST_LOCK_MS * 2 ** excess, LONGEST_LOCK_MS);
      await trx
        .updateTable('users')
        .set({ locked_until: this.#now() + lock })
        .where('id', '=', id)
        .execute();
      const details = { failedAttempts: failed, seconds: lock / 1000 };
      await this.#audit.append(trx, { actor: 'system', action: 'user.locked-out', subject: `user:${id}`, details });
    });
  }

  /**
   * Changes password, role or being enabled, and ends the user's sessions.
   * @throws {AccessError} `no-such-user`, `changed-meanwhile`, `last-admin`, `weak-password`
   */
  async update(
    id: string,
    version: number,
    change: { password?: string; role?: Role; disabled?: boolean },
    actor: Actor,
  ): Promise<User> {
    const before = await this.byId(id);
    if (before === undefined) throw new AccessError('no-such-user', 'There is no such user.');
    if (change.password !== undefined) demandStrength(change.password, before.name);
    const passwordHash = change.password === undefined ? undefined : await hashPassword(change.password);
    return this.#store.db.transaction().execute(async (trx) => {
      await this.#lockAdmins(trx);
      const row = await trx
        .updateTable('users')
        .set((eb) => ({
          version: eb('version', '+', 1),
          ...(passwordHash !== undefined && { password_hash: passwordHash, failed_attempts: 0, locked_until: null }),
          ...(change.role !== undefined && { role: change.role }),
          ...(change.disabled !== undefined && { disabled_at: change.disabled ? this.#now() : null }),
        }))
        .where('id', '=', id)
        .where('version', '=', version)
        .returningAll()
        .executeTakeFirst();
      if (row === undefined)
        throw new AccessError('changed-meanwhile', 'Somebody changed this user meanwhile. Look again.');
      await this.#demandAnAdmin(trx);
      await trx.deleteFrom('sessions').where('user_id', '=', id).execute();
      const details = {
        role: row.role,
        disabled: row.disabled_at !== null,
        passwordChanged: passwordHash !== undefined,
      };
      await this.#audit.append(trx, { actor, action: 'user.changed', subject: `user:${id}`, details });
      return toUser(row);
    });
  }

  /**
   * The host's way back in: the user of this name, or a new one, becomes an enabled administrator with this password.
   * @throws {AccessError} `weak-password`
   */
  async recover(name: string, password: string, actor: Actor): Promise<User> {
    const fresh = await this.newRow({ name, password, role: 'admin' });
    return this.#store.db.transaction().execute(async (trx) => {
      const { password_hash } = fresh;
      const row = await trx
        .updateTable('users')
        .set((eb) => ({
          version: eb('version', '+', 1),
          password_hash,
          role: 'admin' as const,
          disabled_at: null,
          failed_attempts: 0,
          locked_until: null,
        }))
        .where('name_key', '=', fresh.name_key)
        .returningAll()
        .executeTakeFirst();
      if (row === undefined) await this.insert(trx, fresh, actor);
      else {
        await trx.deleteFrom('sessions').where('user_id', '=', row.id).execute();
        await this.#audit.append(trx, { actor, action: 'user.recovered', subject: `user:${row.id}` });
      }
      return toUser(row ?? fresh);
    });
  }

  /** Two administrators who disable each other at one instant: the second must see what the first did. */
  async #lockAdmins(trx: Transaction<Schema>): Promise<void> {
    // SQLite has one writer at a time.
    if (this.#store.kind !== 'postgres') return;
    await trx.selectFrom('users').select('id').where('role', '=', 'admin').orderBy('id').forUpdate().execute();
  }

  async #demandAnAdmin(trx: Transaction<Schema>): Promise<void> {
    const admins = trx.selectFrom('users').select('id').where('role', '=', 'admin').where('disabled_at', 'is', null);
    if ((await admins.limit(1).execute()).length === 0) {
      throw new AccessError('last-admin', 'This is the last administrator. Make another one first.');
    }
  }
}

function demandStrength(password: string, name: string): void {
  if ([...password].length < SHORTEST_PASSWORD) {
    throw new AccessError('weak-password', `A password needs at least ${SHORTEST_PASSWORD} characters.`);
  }
  if (password.length > 1024) throw new AccessError('weak-password', 'A password has at most 1024 characters.');
  if (password.toLowerCase().includes(nameKey(name)) || new Set(password).size < 5) {
    throw new AccessError('weak-password', 'This password is too easy to guess.');
  }
}

const nameKey = (name: string): string => name.normalize('NFKC').toLowerCase();

const toUser = (row: Selectable<Schema['users']>): User => ({
  id: row.id,
  name: row.name,
  role: row.role,
  createdAt: row.created_at,
  disabledAt: row.disabled_at,
  version: row.version,
});
