import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Lab, scratch } from '../cli/program.ts';
import { type Postgres, postgresBinaries, startPostgres } from '../peers/postgres.ts';
import { Administrator, json, PASSWORD } from './administrator.ts';
import { Served } from './served.ts';

const bin = postgresBinaries();
const folder = scratch();
let postgres: Postgres | undefined;
let nodes: Served[] = [];

afterAll(async () => {
  for (const node of nodes) await node.stop();
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(bin === undefined)('two nodes on one PostgreSQL', () => {
  beforeAll(async () => {
    postgres = await startPostgres(bin!);
    const shared = { CERTGATE_DATABASE: postgres.url, CERTGATE_MASTER_KEY: 'ef'.repeat(32) };
    // At the same instant: both bring the schema up to date, both make the console.
    nodes = await Promise.all(['a', 'b'].map((name) => Served.start(join(folder, name), shared)));
  });

  test('present one certificate', async () => {
    const [a, b] = await agreed();
    expect(a).toBe(b);
  });

  test('make one administrator of one link, whoever asks first', async () => {
    // The later node's link is the valid one.
    const tokens = nodes.map((node) => node.setupToken());
    const attempts = nodes.flatMap((node) =>
      tokens.map((token) => node.curl('/api/v1/setup', ...json('POST', { token, name: 'ada', password: PASSWORD }))),
    );
    const statuses = (await Promise.all(attempts)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(
      statuses.every((status) => [201, 403, 409].includes(status)),
      statuses.join(),
    ).toBe(true);
  });

  test('present a new certificate soon after either got it', async () => {
    const ada = await Administrator.signIn(nodes[0]!, 'ada');
    const lab = new Lab(folder);
    lab.issue('gate', { cn: 'gate.contoso.com' });
    const certificate = readFileSync(join(folder, 'root.pem'), 'utf8');
    const [{ fingerprint }] = (await ada.curl('/api/v1/anchors/inspect', ...json('POST', { certificate }))).json;
    await ada.curl('/api/v1/anchors', ...json('POST', { certificate, fingerprint }));
    lab.openssl('x509', '-in', 'ca.pem', '-out', 'chain.pem');
    const taken = await ada.upload('console', folder, { base: 'gate', chain: 'chain.pem' });
    expect(taken.status, taken.text).toBe(201);
    const [a, b] = await agreed();
    expect(a!.replaceAll(':', '').toLowerCase()).toBe(taken.json.identity.fingerprint);
    expect(b).toBe(a);
  });

  test('know the sessions of each other', async () => {
    const ada = await Administrator.signIn(nodes[0]!, 'ada');
    ada.served = nodes[1]!;
    expect((await ada.curl('/api/v1/session')).json.user.name).toBe('ada');
  });
});

/** What both present, after the time in which the one hears of the other. */
async function agreed(): Promise<string[]> {
  for (let left = 40; ; left--) {
    const presented = await Promise.all(nodes.map((node) => node.presented()));
    if (left === 0 || presented[0] === presented[1]) return presented;
    await sleep(250);
  }
}
