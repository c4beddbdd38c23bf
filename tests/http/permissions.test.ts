import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mayRole, type Permission, PERMISSIONS, type Role, ROLES } from '../../src/service/access/roles.ts';
import { headersOf, type InProcess, type Person, signIn, startInProcess } from './running.ts';

let running: InProcess;
const people = new Map<Role, Person>();

beforeAll(async () => {
  running = await startInProcess();
  for (const role of ROLES) people.set(role, await signIn(running, role));
});
afterAll(() => running.close());

interface Route {
  readonly method: 'GET';
  readonly url: string;
  readonly access: string;
}

const routes = (): Route[] =>
  [...running.server.accessList].map(([route, access]) => {
    const [method, url] = route.split(' ') as ['GET', string];
    return { method, url: url.replaceAll(/:\w+/g, 'no-such-id'), access };
  });
const guarded = (): Route[] => routes().filter(({ access }) => access !== 'public');
const OF_PEOPLE = new Set(['session', 'signed-in']);
const changing = ({ method }: Route): boolean => !['GET', 'HEAD', 'OPTIONS'].includes(method as string);
const ask = async ({ method, url }: Route, headers: Record<string, string> = {}): Promise<number> =>
  (await running.server.inject({ method, url, headers })).statusCode;

describe('every route of the API', () => {
  test('is one that this test knows of', () => {
    expect(guarded().length).toBeGreaterThan(40);
    expect(
      routes()
        .filter(({ access, url }) => access === 'public' && url.startsWith('/api'))
        .map(({ method, url }) => `${method as string} ${url}`)
        .toSorted(),
    ).toEqual([
      'GET /api/v1/console',
      'GET /api/v1/openapi.json',
      'GET /api/v1/setup',
      'HEAD /api/v1/console',
      'HEAD /api/v1/openapi.json',
      'HEAD /api/v1/setup',
      'POST /api/v1/session',
      'POST /api/v1/setup',
    ]);
  });

  test('answers 401 to who is not signed in', async () => {
    for (const route of guarded()) expect(await ask(route), `${route.method} ${route.url}`).toBe(401);
  });

  test('answers 401 to a token and a cookie that nobody has', async () => {
    for (const route of guarded()) {
      expect(await ask(route, { authorization: 'Bearer cgt_x' }), route.url).toBe(401);
      expect(await ask(route, { cookie: '__Host-certgate=x', 'x-csrf-token': 'x' }), route.url).toBe(401);
    }
  });

  test('answers 403 to a stolen cookie without the token of its session, where it changes something', async () => {
    const { cookie } = people.get('admin')!;
    for (const route of guarded().filter(changing)) {
      expect(await ask(route, { cookie }), `${route.method} ${route.url}`).toBe(403);
      expect(await ask(route, { cookie, 'x-csrf-token': 'x' }), `${route.method} ${route.url}`).toBe(403);
    }
  });

  test.each(ROLES)('answers 403 to %s exactly where the role lacks the permission', async (role) => {
    const headers = headersOf(people.get(role)!);
    for (const route of guarded().filter(({ access }) => !OF_PEOPLE.has(access))) {
      const status = await ask(route, headers);
      const may = mayRole(role, route.access as Permission);
      expect(status === 403, `${route.method} ${route.url} as ${role}: ${status}`).toBe(!may);
      expect(status).not.toBe(401);
      expect(status).toBeLessThan(500);
    }
  });

  test("answers 403 to an administrator's token that has every scope but the one needed", async () => {
    const { tokens, users } = running.system.services;
    const admin = (await users.list()).find(({ role }) => role === 'admin')!;
    for (const permission of PERMISSIONS) {
      const scopes = PERMISSIONS.filter((one) => one !== permission);
      const { secret } = await tokens.create(admin, { name: `not ${permission}`, scopes, expiresAt: null });
      for (const route of guarded().filter(({ access }) => access === permission)) {
        const status = await ask(route, { authorization: `Bearer ${secret}` });
        expect(status, `${route.method} ${route.url}`).toBe(403);
      }
    }
  });
});

test('a token never makes itself more: what needs a person refuses it', async () => {
  const { tokens, users } = running.system.services;
  const admin = (await users.list()).find(({ role }) => role === 'admin')!;
  const { secret } = await tokens.create(admin, { name: 'all', scopes: PERMISSIONS, expiresAt: null });
  const ofPeople = guarded().filter(({ access }) => access === 'session');
  expect(ofPeople.length).toBeGreaterThan(3);
  for (const route of ofPeople) expect(await ask(route, { authorization: `Bearer ${secret}` }), route.url).toBe(403);
});

test('the actions of the host are not on the network', () => {
  expect([...running.server.accessList.keys()].filter((route) => route.includes('/host/'))).toEqual([]);
});
