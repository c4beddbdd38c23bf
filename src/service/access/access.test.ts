import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../platform/store/sqlite/sqlite-store.ts';
import type { Store } from '../../platform/store/store.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { Sessions } from './sessions.ts';
import { Setup } from './setup.ts';
import { Tokens } from './tokens.ts';
import { type User, Users } from './users.ts';

const folder = mkdtempSync(join(tmpdir(), 'certgate-access-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const password = 'correct-horse-battery';
let clock: number;
let store: Store;
let users: Users;
let sessions: Sessions;
let tokens: Tokens;
let setup: Setup;
let databases = 0;
const now = (): number => clock;

beforeEach(async () => {
  clock = 1_800_000_000_000;
  store = await openSqliteStore(join(folder, `${databases++}.db`));
  const audit = new AuditLog(store, new Uint8Array(32), now);
  users = new Users(store, audit, now);
  sessions = new Sessions(store, users, now);
  tokens = new Tokens({ store, users, audit }, now);
  setup = new Setup(store, users, now);
});

const admin = async (): Promise<User> => setup.createAdministrator(await setup.newToken(), { name: 'Ada', password });

describe('set-up', () => {
  test('makes one administrator from one link', async () => {
    const token = await setup.newToken();
    const attempts = await Promise.allSettled(
      ['ada', 'bob', 'eve'].map((name) => setup.createAdministrator(token, { name, password })),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await users.list()).toHaveLength(1);
    await expect(setup.newToken()).rejects.toMatchObject({ code: 'setup-done' });
  });

  test('a link is void after an hour, and as soon as there is a newer one', async () => {
    const first = await setup.newToken();
    const second = await setup.newToken();
    await expect(setup.createAdministrator(first, { name: 'ada', password })).rejects.toMatchObject({
      code: 'setup-link-invalid',
    });
    clock += 3_600_001;
    await expect(setup.createAdministrator(second, { name: 'ada', password })).rejects.toMatchObject({
      code: 'setup-link-invalid',
    });
  });

  test('a password too weak does not use the link up', async () => {
    const token = await setup.newToken();
    await expect(setup.createAdministrator(token, { name: 'ada', password: 'short' })).rejects.toMatchObject({
      code: 'weak-password',
    });
    expect((await setup.createAdministrator(token, { name: 'ada', password })).role).toBe('admin');
  });
});

describe('signing in', () => {
  test('takes the name in any case, and says the same of a wrong name and a wrong password', async () => {
    await admin();
    expect((await users.authenticate('ADA', password)).name).toBe('Ada');
    const wrong = { code: 'wrong-credentials', message: 'Name or password is wrong.' };
    await expect(users.authenticate('ada', 'not the password')).rejects.toMatchObject(wrong);
    await expect(users.authenticate('nobody', password)).rejects.toMatchObject(wrong);
  });

  test('locks after five wrong attempts, longer with each further one, and clears on success', async () => {
    await admin();
    const fail = () => expect(users.authenticate('ada', 'wrong')).rejects.toMatchObject({ code: 'wrong-credentials' });
    for (let i = 0; i < 5; i++) await fail();
    await expect(users.authenticate('ada', password)).rejects.toThrow('30 seconds');
    clock += 30_001;
    await fail();
    await expect(users.authenticate('ada', password)).rejects.toThrow('60 seconds');
    clock += 60_001;
    await users.authenticate('ada', password);
    await fail();
    await users.authenticate('ada', password);
  });
});

describe('a session', () => {
  test('reads with the cookie alone and changes only with its token', async () => {
    const user = await admin();
    const { id, csrfToken } = await sessions.open(user);
    expect(await sessions.resume(id)).toEqual(user);
    expect(await sessions.resume(id, { csrfToken })).toEqual(user);
    for (const stolen of [undefined, '', 'x', (await sessions.open(user)).csrfToken]) {
      await expect(sessions.resume(id, { csrfToken: stolen })).rejects.toMatchObject({ code: 'csrf' });
    }
  });

  test('ends by signing out, by half an hour idle, by twelve hours, by a changed password', async () => {
    const user = await admin();
    const gone = (id: string) => expect(sessions.resume(id)).rejects.toMatchObject({ code: 'not-signed-in' });
    const left = await sessions.open(user);
    await sessions.close(left.id);
    await gone(left.id);
    const idle = await sessions.open(user);
    clock += 30 * 60_000;
    await gone(idle.id);
    const busy = await sessions.open(user);
    for (let minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
      clock += 20 * 60_000;
      await sessions.resume(busy.id);
    }
    clock += 20 * 60_000;
    await gone(busy.id);
    const changed = await sessions.open(user);
    await users.update(user.id, user.version, { password: `${password}-2` }, 'Ada');
    await gone(changed.id);
  });
});

test('the last administrator can be neither disabled nor demoted', async () => {
  const user = await admin();
  await expect(users.update(user.id, 1, { disabled: true }, 'Ada')).rejects.toMatchObject({ code: 'last-admin' });
  await expect(users.update(user.id, 1, { role: 'reader' }, 'Ada')).rejects.toMatchObject({ code: 'last-admin' });
  await users.create({ name: 'bob', password, role: 'admin' }, 'Ada');
  expect((await users.update(user.id, 1, { role: 'reader' }, 'Ada')).role).toBe('reader');
  await expect(users.update(user.id, 1, { role: 'admin' }, 'Ada')).rejects.toMatchObject({ code: 'changed-meanwhile' });
});

describe('a token', () => {
  test('is found by its secret until it expires, is revoked, or its user is disabled', async () => {
    const user = await admin();
    const reader = await users.create({ name: 'rob', password, role: 'reader' }, 'Ada');
    const { secret, token } = await tokens.create(reader, { name: 'ci', scopes: ['check'], expiresAt: clock + 1000 });
    expect((await tokens.resolve(secret)).user.name).toBe('rob');
    const dead = (of: string) => expect(tokens.resolve(of)).rejects.toMatchObject({ code: 'not-signed-in' });
    clock += 1000;
    await dead(secret);
    const lasting = await tokens.create(reader, { name: 'ci2', scopes: ['check'], expiresAt: null });
    await tokens.revoke(reader, lasting.token.id, 'rob');
    await dead(lasting.secret);
    await expect(tokens.revoke(user, token.id, 'Ada')).rejects.toMatchObject({ code: 'no-such-token' });
    const third = await tokens.create(reader, { name: 'ci3', scopes: ['check'], expiresAt: null });
    await users.update(reader.id, 1, { disabled: true }, 'Ada');
    await dead(third.secret);
    await dead(`${third.secret}x`);
  });

  test('cannot be given what its maker may not do himself', async () => {
    await admin();
    const reader = await users.create({ name: 'rob', password, role: 'reader' }, 'Ada');
    await expect(tokens.create(reader, { name: 'x', scopes: ['users:write'], expiresAt: null })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});
