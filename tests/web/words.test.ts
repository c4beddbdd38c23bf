import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { openSqliteStore } from '../../src/platform/store/sqlite/sqlite-store.ts';
import { PERMISSIONS, ROLE_NAMES } from '../../src/service/access/roles.ts';
import { Users } from '../../src/service/access/users.ts';
import { AuditLog } from '../../src/service/audit/audit-log.ts';
import { NEVER, SCOPES } from '../../web/src/access/words.ts';
import { ROLE_NAMES as SHOWN_ROLES } from '../../web/src/api/session.ts';
import { SENTENCES } from '../../web/src/audit/words.ts';
import { isStrong } from '../../web/src/parts/password-rules.ts';
import { tokenOf } from '../../web/src/setup/progress.ts';

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'certgate-words-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the console has a sentence for everything that the server writes into the audit log', () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' });
  const actions = files
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .flatMap((path) => [...readFileSync(join(SOURCES, path), 'utf8').matchAll(/\baction: '([a-z]+\.[a-z-]+)'/g)])
    .map(([, action]) => action!);
  const composed = ['crl.added', 'crl.replaced', 'upload.refused', 'upload.reason-needed'];
  expect(new Set(actions).size).toBeGreaterThan(25);
  expect(Object.keys(SENTENCES).toSorted()).toEqual([...new Set([...actions, ...composed])].toSorted());
});

test('the console has words for every permission and every role', () => {
  expect([...Object.keys(SCOPES), ...NEVER].toSorted()).toEqual([...PERMISSIONS].toSorted());
  expect(SHOWN_ROLES).toEqual(ROLE_NAMES);
});

test('the page ticks off a new password exactly where the server takes it', async () => {
  const store = await openSqliteStore(join(folder, 'users.db'));
  const users = new Users(store, new AuditLog(store, new Uint8Array(32)));
  const attempts = [
    ['ada', 'short'],
    ['ada', 'elevenchars'],
    ['ada', 'twelve-chars'],
    ['ada', 'aaaaaaaaaaaaaaaa'],
    ['ada', 'abcdabcdabcdabcd'],
    ['ada', 'xxxxADAxxxxyyz1'],
    ['Bob Miller', 'this is bob MILLER 1'],
    ['ada', '🔑🔒🔓🗝🔐🔏🔑🔒🔓🗝🔐🔏'],
    ['ada', 'x1y2z3'.repeat(171)],
  ] as const;
  for (const [name, password] of attempts) {
    const taken = await users.newRow({ name, password, role: 'reader' }).then(
      () => true,
      () => false,
    );
    expect(isStrong(password, name), password.slice(0, 40)).toBe(taken);
  }
  await store.close();
});

test('a set-up link is read as people paste it, and what is wrong with it is said', () => {
  const token = 'Ab-_'.repeat(10) + 'xyz';
  for (const pasted of [token, `#${token}`, ` https://gate:8443/setup#${token}\n`]) {
    expect(tokenOf(pasted)).toEqual({ token });
  }
  expect(tokenOf('https://gate:8443/setup')).toEqual({ wrong: expect.stringContaining('from # on is missing') });
  expect(tokenOf(`https://gate/setup#${token.slice(1)}`)).toEqual({ wrong: expect.stringContaining('42 characters') });
  expect(tokenOf(`#${token.slice(1)}!`)).toEqual({ wrong: expect.stringContaining('some are others') });
  expect(tokenOf('#%E0%A4%A')).toEqual({ wrong: expect.stringContaining('8 characters') });
});
