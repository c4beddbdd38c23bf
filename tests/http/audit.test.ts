import { afterAll, beforeAll, expect, test } from 'vitest';
import { headersOf, type InProcess, type Person, signIn, startInProcess } from './running.ts';

let running: InProcess;
let analyst: Person;
beforeAll(async () => {
  running = await startInProcess();
  analyst = await signIn(running, 'analyst');
  await running.system.services.users.create(
    { name: '=cmd()', password: 'correct-horse-battery', role: 'reader' },
    'host',
  );
});
afterAll(() => running.close());

const get = (path: string) => running.server.inject({ url: `/api/v1${path}`, headers: headersOf(analyst) });

test('the log is asked for by what there is to filter by, and calls things by name', async () => {
  const { actors, actions } = (await get('/audit/facets')).json();
  expect(actors).toEqual(['analyst-user', 'host', 'system']);
  expect(actions).toContain('user.created');
  const created = (await get('/audit?action=user.created&actor=host')).json().items;
  expect(created.map(({ subjectName }: { subjectName: string }) => subjectName)).toEqual(['=cmd()', 'analyst-user']);
  expect((await get(`/audit?subject=${created[1].subject}&action=user.`)).json().items).toHaveLength(2);
  expect((await get('/audit?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z')).json().items).toEqual([]);
  expect((await get('/audit?action=user%25')).statusCode).toBe(422);
});

test('the log is exported as a table that runs nothing in a spreadsheet, and as lines of JSON', async () => {
  const csv = await get('/audit/export?action=user.created');
  expect(csv.headers['content-type']).toContain('text/csv');
  expect(csv.headers['content-disposition']).toBe('attachment; filename="certgate-audit.csv"');
  const lines = csv.body.trimEnd().split('\r\n');
  expect(lines[0]).toBe('seq,at,actor,action,subject,subjectName,details,mac');
  expect(lines).toHaveLength(3);
  expect(lines[1]).toContain(`"'=cmd()"`);
  const jsonl = (await get('/audit/export?format=jsonl')).body.trimEnd().split('\n');
  const { items } = (await get('/audit?limit=500')).json();
  expect(jsonl.map((line) => JSON.parse(line))).toEqual(items);
});
