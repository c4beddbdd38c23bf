import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NewKey, spkiOf } from '../../src/making/issue/key.ts';
import { openPostgresStore } from '../../src/platform/store/postgres/postgres-store.ts';
import { openSqliteStore } from '../../src/platform/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/platform/store/store.ts';
import { demandMasterKey, rotateMasterKey } from '../../src/platform/vault/rotation.ts';
import { Vault } from '../../src/platform/vault/vault.ts';
import { type User, Users } from '../../src/service/access/users.ts';
import { CSV_EXAMPLE, importAppliances } from '../../src/service/inventory/csv-import.ts';
import type { Upload, UploadResult } from '../../src/service/inventory/gate.ts';
import { type Postgres, postgresBinaries, startPostgres } from '../peers/postgres.ts';
import { FleetLab, type Inventory, inventoryOn, newSecrets } from './fleet-lab.ts';

const RACERS = 50;
/** An unsupported key that is made at once; what is tried here is not the rules. */
const reason = 'a lab';
const NODES = 4;
const bin = postgresBinaries();
let lab: FleetLab;
let postgres: Postgres | undefined;

beforeAll(async () => {
  lab = await FleetLab.create({ keys: 0 });
});
afterAll(async () => {
  await postgres?.stop();
  await lab.close();
});

const ecKey = (): NewKey => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, spki: spkiOf(privateKey) };
};

const backends: [string, () => Promise<Store>][] = [
  ['sqlite', () => openSqliteStore(join(lab.folder, 'races.db'))],
  ['postgres', () => openPostgresStore(postgres!.url)],
];

describe.each(backends)('on %s, of many uploads at one instant', (kind, open) => {
  const missing = kind === 'postgres' && bin === undefined;
  if (missing && process.env['CI'] === 'true') {
    test('PostgreSQL is installed (apt-get install postgresql)', () => expect.unreachable());
    return;
  }
  const it = test.skipIf(missing);
  const nodes: Inventory[] = [];
  const secrets = newSecrets();

  beforeAll(async () => {
    if (missing) return;
    if (kind === 'postgres') postgres = await startPostgres(bin!);
    // SQLite has one connection in a process (it waits for locks without yielding), PostgreSQL as many as there are nodes.
    const stores = await Promise.all(Array.from({ length: kind === 'sqlite' ? 1 : NODES }, open));
    for (let i = 0; i < NODES; i++) nodes.push(inventoryOn(stores[i % stores.length]!, { clock: lab.clock, secrets }));
    await lab.trust(nodes[0]!);
  });
  afterAll(async () => {
    for (const store of new Set(nodes.map((node) => node.store))) await store.close();
  });

  /** All at once, spread over the nodes. */
  async function race(
    round: string,
    hostnameOf: (i: number) => string,
    uploadOf: (i: number) => Upload,
  ): Promise<UploadResult[]> {
    const { store, appliances } = nodes[0]!;
    const ids = await store.db.transaction().execute(async (trx) => {
      const made: string[] = [];
      for (let i = 0; i < RACERS; i++) {
        made.push((await appliances.insert(trx, { name: `${round} ${i}`, hostname: hostnameOf(i) }, 'ada')).id);
      }
      return made;
    });
    const uploads = ids.map((_, i) => ({ ...uploadOf(i), reason }));
    return Promise.all(ids.map((id, i) => nodes[i % NODES]!.gate.upload(id, uploads[i]!, 'ada')));
  }

  /** Exactly one is in; every other was told, by that rule, who. */
  async function expectOneWinner(round: string, results: readonly UploadResult[], rule: string): Promise<void> {
    const winners = results.flatMap(({ outcome }, i) => (outcome === 'activated' ? [i] : []));
    expect(winners).toHaveLength(1);
    for (const { outcome, report } of results.filter((_, i) => i !== winners[0])) {
      expect(outcome).toBe('refused');
      const finding = report.findings.find((one) => one.rule === rule);
      expect(finding).toMatchObject({ status: 'refused', message: expect.stringContaining(`${round} ${winners[0]}`) });
    }
    const { store, audit } = nodes[0]!;
    const active = await store.db
      .selectFrom('identities')
      .innerJoin('appliances', 'appliances.id', 'identities.appliance_id')
      .select('appliances.name')
      .where('state', '=', 'active')
      .where('appliances.name', 'like', `${round} %`)
      .execute();
    expect(active).toEqual([{ name: `${round} ${winners[0]}` }]);
    expect(await audit.verify()).toMatchObject({ intact: true });
  }

  it('with one CN, one wins', async () => {
    const results = await race(
      'name',
      () => 'shared.contoso.com',
      () => lab.bundle('shared.contoso.com', ecKey()),
    );
    await expectOneWinner('name', results, 'fleet-unique-cn');
  });

  it('with one key, one wins', async () => {
    const key = ecKey();
    const results = await race(
      'key',
      (i) => `key${i}.contoso.com`,
      (i) => lab.bundle(`key${i}.contoso.com`, key),
    );
    await expectOneWinner('key', results, 'fleet-unique-key');
  });

  it('of one certificate, one wins', async () => {
    const bundle = lab.bundle('same.contoso.com', ecKey());
    await expectOneWinner(
      'certificate',
      await race(
        'certificate',
        () => 'same.contoso.com',
        () => bundle,
      ),
      'fleet-unique-certificate',
    );
  });

  it('two administrators who disable each other: one remains', async () => {
    const users = nodes.slice(0, 2).map(({ store, audit }) => new Users(store, audit));
    const names = ['ada', 'grace'];
    const made: User[] = [];
    for (const name of names)
      made.push(await users[0]!.create({ name, password: 'a-long-enough-one', role: 'admin' }, 'setup'));
    const results = await Promise.allSettled(
      users.map((node, i) => node.update(made[i]!.id, made[i]!.version, { disabled: true }, names[1 - i]!)),
    );
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'last-admin' } });
  });

  it('to one appliance, all are taken one after the other, and the last is active', async () => {
    const { id } = await nodes[0]!.appliances.create({ name: 'busy', hostname: 'busy.contoso.com' }, 'ada');
    const uploads = Array.from({ length: 12 }, () => ({ ...lab.bundle('busy.contoso.com', ecKey()), reason }));
    const results = await Promise.all(uploads.map((upload, i) => nodes[i % NODES]!.gate.upload(id, upload, 'ada')));
    expect(results.map(({ outcome }) => outcome)).toEqual(uploads.map(() => 'activated'));
    const states = (await nodes[0]!.identities.history(id)).map(({ state }) => state).toSorted();
    expect(states).toEqual(['active', ...Array.from({ length: 10 }, () => 'ended'), 'previous']);
  });

  it('everything else goes as well', async () => {
    const [{ crls, appliances, pendingKeys, scheduler, store, vault, identities, errors }] = nodes as [Inventory];
    const file = readFileSync(join(lab.folder, 'ca', 'root.crl'));
    expect([(await crls.add(file, 'ada')).outcome, (await crls.add(file, 'ada')).outcome]).toEqual([
      'added',
      'unchanged',
    ]);
    const [held] = await crls.list();
    expect(held!.size).toBe(file.length);
    await crls.allowOlder(held!.id, 'ada');
    expect((await crls.open(held!.id)).list.der.length).toBe(file.length);
    const { imported, problems } = await importAppliances({ store, appliances }, Buffer.from(CSV_EXAMPLE), 'ada');
    expect(problems).toEqual([]);
    expect((await importAppliances({ store, appliances }, Buffer.from(CSV_EXAMPLE), 'ada')).problems).toHaveLength(2);
    const { id } = imported[0]!;
    expect((await appliances.page({ search: 'line_1' })).length).toBe(0);
    expect((await appliances.page({ search: 'PLANT NORTH' })).length).toBe(2);
    const subject = { country: 'US', organization: 'Contoso', organizationalUnit: 'Plant' };
    const { csrPem } = await pendingKeys.create(id, { subject }, 'ada');
    expect(csrPem).toContain('BEGIN CERTIFICATE REQUEST');
    const upload = { ...lab.bundle('sensor-line1.contoso.com', ecKey()), reason, crl: 'off' as const };
    await nodes[0]!.gate.upload(id, { ...upload, activateAt: lab.clock.now + 5 }, 'ada');
    expect(await identities.nextDue()).toBe(lab.clock.now + 5);
    lab.clock.now += 5;
    await scheduler.runDue();
    expect([(await identities.active(id))?.cn, errors]).toEqual(['sensor-line1.contoso.com', []]);
    await demandMasterKey(store, vault);
    const nextKey = randomBytes(32);
    const next = new Vault(nextKey, [secrets.masterKey]);
    expect((await rotateMasterKey(store, next)).rotated).toBeGreaterThan(1);
    expect((await rotateMasterKey(store, next)).rotated).toBe(0);
    await rotateMasterKey(store, new Vault(secrets.masterKey, [nextKey]));
  });

  it('what is due is done by one node alone', async () => {
    const { id } = await nodes[0]!.appliances.create({ name: 'due', hostname: 'due.contoso.com' }, 'ada');
    const upload = (): Upload => ({ ...lab.bundle('due.contoso.com', ecKey()), reason });
    const first = await nodes[0]!.gate.upload(id, upload(), 'ada');
    await nodes[0]!.gate.upload(id, { ...upload(), confirmWithinMs: 1000 }, 'ada');
    lab.clock.now += 1000;
    await Promise.all(nodes.map(({ scheduler }) => scheduler.runDue()));
    expect((await nodes[0]!.identities.active(id))!.id).toBe(first.identity!.id);
    expect(nodes.flatMap(({ errors }) => errors)).toEqual([]);
  });
});
