import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteStore } from '../../platform/store/sqlite/sqlite-store.ts';
import type { Store } from '../../platform/store/store.ts';
import { type AuditFilter, AuditLog } from './audit-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'certgate-audit-'));
const key = new Uint8Array(32).fill(7);
let store: Store;
let log: AuditLog;
let database = 0;

beforeEach(async () => {
  store = await openSqliteStore(join(folder, `${database++}.db`));
  log = new AuditLog(store, key, () => 1_800_000_000_000);
  for (let i = 1; i <= 5; i++) {
    await log.record({ actor: 'ada', action: 'certificate.activated', subject: `appliance:${i}`, details: { i } });
  }
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

test('an untouched log is intact, and its head can be kept', async () => {
  const head = await log.head();
  expect(head.seq).toBe(5);
  expect(await log.verify(head)).toEqual({ intact: true, head });
});

test('pages come newest first and can be had for one subject', async () => {
  expect((await log.page({ limit: 2 })).map(({ seq }) => seq)).toEqual([5, 4]);
  expect((await log.page({ before: 3 })).map(({ details }) => details)).toEqual([{ i: 2 }, { i: 1 }]);
  expect(await log.page({ subject: 'appliance:4' })).toHaveLength(1);
});

test('pages can be had for an actor with his tokens, for an action or its noun, and for a time', async () => {
  log = new AuditLog(store, key, () => 1_900_000_000_000);
  for (const actor of ['ad%', 'ad% (token ci)', 'adam', 'adam (token ad% (token x)']) {
    await log.record({ actor, action: 'user.created', subject: 'user:1' });
  }
  const seqs = async (filter: AuditFilter): Promise<number[]> => (await log.page(filter)).map(({ seq }) => seq);
  expect(await seqs({ actor: 'ad%' })).toEqual([7, 6]);
  expect(await seqs({ action: 'user.' })).toEqual([9, 8, 7, 6]);
  expect(await seqs({ action: 'user.create' })).toEqual([]);
  expect(await seqs({ from: 1_800_000_000_001 })).toEqual([9, 8, 7, 6]);
  expect(await seqs({ to: 1_900_000_000_000, subject: 'appliance:2' })).toEqual([2]);
  expect((await log.facets()).actions).toEqual(['certificate.activated', 'user.created']);
});

test('subjects are called by the names they have now', async () => {
  await sql`insert into users (id, name, name_key, password_hash, role, failed_attempts, created_at, version)
    values ('u1', 'Ada', 'ada', '', 'admin', 0, 0, 1)`.execute(store.db);
  const names = await log.names(['user:u1', 'user:gone', 'settings:x', 'nonsense', 'toString:1']);
  expect([...names]).toEqual([['user:u1', 'Ada']]);
});

test.each([
  [
    'changed',
    sql`update audit set actor = 'eve' where seq = 3`,
    { seq: 3, problem: 'it was changed after it was written' },
  ],
  ['removed', sql`delete from audit where seq = 3`, { seq: 4, problem: 'entry 3 is missing' }],
  ['removed and renumbered', sql`update audit set seq = -1 where seq = 3`, { seq: 4, problem: 'entry 3 is missing' }],
])('an entry %s is named', async (_how, tampering, found) => {
  await tampering.execute(store.db);
  expect(await log.verify()).toEqual({ intact: false, ...found });
});

test('a log cut off at the end, or rewritten with another key, does not match the head that was kept', async () => {
  const head = await log.head();
  await sql`delete from audit where seq = 5`.execute(store.db);
  expect(await log.verify()).toMatchObject({ intact: true });
  expect(await log.verify(head)).toMatchObject({ intact: false, problem: 'the log ends at entry 4; it once had 5' });
  await new AuditLog(store, new Uint8Array(32)).record({ actor: 'eve', action: 'x', subject: 'y' });
  expect(await log.verify()).toMatchObject({ intact: false, seq: 5 });
});

test('an entry is undone with the change it tells of', async () => {
  const failing = store.db.transaction().execute(async (trx) => {
    await log.append(trx, { actor: 'ada', action: 'x', subject: 'y' });
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect((await log.head()).seq).toBe(5);
});
