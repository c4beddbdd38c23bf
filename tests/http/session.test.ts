import { afterAll, beforeAll, expect, test } from 'vitest';
import { PERMISSIONS } from '../../src/service/access/roles.ts';
import { headersOf, type InProcess, type Person, signIn, startInProcess } from './running.ts';

let running: InProcess;
let reader: Person;
let admin: Person;
beforeAll(async () => {
  running = await startInProcess();
  admin = await signIn(running, 'admin');
  reader = await signIn(running, 'reader');
});
afterAll(() => running.close());

test('a page that is loaded anew gets the token of its session again, and can go on changing things with it', async () => {
  const { cookie } = admin;
  const { csrfToken, expiresAt, user } = (
    await running.server.inject({ url: '/api/v1/session', headers: { cookie } })
  ).json();
  expect(csrfToken).toBe(admin.csrf);
  expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
  expect(user).toMatchObject({ name: 'admin-user', role: 'admin' });
  const payload = { name: 'One', hostname: 'one.contoso.com' };
  const asked = { method: 'POST', url: '/api/v1/appliances', payload } as const;
  expect((await running.server.inject({ ...asked, headers: headersOf({ cookie, csrf: csrfToken }) })).statusCode).toBe(
    201,
  );
  // Another session's token is another one.
  const { csrf } = reader;
  expect((await running.server.inject({ ...asked, headers: headersOf({ cookie, csrf }) })).statusCode).toBe(403);
});

test('says what the user may, and of a token what its scopes leave of that', async () => {
  const ask = async (headers: Record<string, string>) =>
    (await running.server.inject({ url: '/api/v1/session', headers })).json();
  expect((await ask({ cookie: reader.cookie })).permissions).toEqual(['check', 'inventory:read']);
  expect((await ask({ cookie: admin.cookie })).permissions).toEqual([...PERMISSIONS]);
  const { users, tokens } = running.system.services;
  const user = (await users.list()).find(({ role }) => role === 'admin')!;
  const { secret } = await tokens.create(user, { name: 'sign', scopes: ['check', 'audit:read'], expiresAt: null });
  const session = await ask({ authorization: `Bearer ${secret}`, cookie: admin.cookie });
  expect(session.permissions).toEqual(['check', 'audit:read']);
  expect(session.csrfToken).toBeUndefined();
});

test('a session that ended gives no token any more', async () => {
  const { cookie } = reader;
  await running.server.inject({ method: 'DELETE', url: '/api/v1/session', headers: headersOf(reader) });
  expect((await running.server.inject({ url: '/api/v1/session', headers: { cookie } })).statusCode).toBe(401);
});
