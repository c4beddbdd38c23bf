import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPostgresStore } from '../../src/platform/store/postgres/postgres-store.ts';
import { openSqliteStore } from '../../src/platform/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/platform/store/store.ts';
import { type Postgres, postgresBinaries, startPostgres } from '../peers/postgres.ts';
import { FleetLab, type Inventory, inventoryOn, newSecrets, sensor } from './fleet-lab.ts';

const bin = postgresBinaries();
let lab: FleetLab;
let postgres: Postgres | undefined;

beforeAll(async () => {
  lab = await FleetLab.create({ keys: 2 });
});
afterAll(async () => {
  await postgres?.stop();
  await lab.close();
});

const backends: [string, () => Promise<Store>][] = [
  ['sqlite', () => openSqliteStore(join(lab.folder, 'two-nodes.db'))],
  ['postgres', () => openPostgresStore(postgres!.url)],
];

describe.each(backends)('on %s, a node', (kind, open) => {
  const missing = kind === 'postgres' && bin === undefined;
  if (missing && process.env['CI'] === 'true') {
    test('PostgreSQL is installed (apt-get install postgresql)', () => expect.unreachable());
    return;
  }
  const nodes: Inventory[] = [];

  beforeAll(async () => {
    if (missing) return;
    if (kind === 'postgres') postgres = await startPostgres(bin!);
    const secrets = newSecrets();
    for (let i = 0; i < 2; i++) nodes.push(inventoryOn(await open(), { clock: lab.clock, secrets }));
    await lab.trust(nodes[0]!);
  });
  afterAll(async () => {
    for (const { fleet, store } of nodes) {
      await fleet.stop();
      await store.close();
    }
  });

  test.skipIf(missing)(
    'knows what another did: uploads, refusals, anchors, appliances that came and went',
    async () => {
      const [here, there] = nodes as [Inventory, Inventory];
      here.fleet.start();
      await here.fleet.fresh(30_000);
      const { id } = await sensor(there, 'one', { site: 'North', zone: 'Hall' });
      const wrong = lab.bundle('other.contoso.com', lab.keys[0]!);
      expect((await there.gate.upload(id, wrong, 'ada')).outcome).toBe('refused');
      await here.fleet.fresh(30_000);
      expect(here.fleet.member(id)).toMatchObject({
        appliance: { name: 'one', site: 'North', zone: 'Hall' },
        identity: null,
        lastUpload: { outcome: 'refused', actor: 'ada' },
        standing: { state: 'no-certificate' },
      });

      lab.clock.now += 1000;
      await there.gate.upload(id, lab.bundle('one.contoso.com', lab.keys[0]!), 'ada');
      lab.clock.now += 1000;
      const later = { ...lab.bundle('one.contoso.com', lab.keys[1]!), activateAt: lab.clock.now + 3_600_000 };
      expect((await there.gate.upload(id, later, 'grace')).outcome).toBe('staged');
      await here.fleet.fresh(30_000);
      const member = here.fleet.member(id)!;
      expect(member).toMatchObject({
        identity: { cn: 'one.contoso.com', issuer: 'Lab Issuing CA', origin: 'upload' },
        staged: { cn: 'one.contoso.com', activateAt: later.activateAt },
        lastUpload: { outcome: 'staged', actor: 'grace' },
        standing: { state: 'ready' },
      });
      const [anchor] = await there.anchors.list();
      expect(member.standing.anchorId).toBe(anchor!.id);

      await there.anchors.remove(anchor!.id, 'ada');
      await here.fleet.fresh(30_000);
      expect(here.fleet.member(id)!.standing.state).toBe('untrusted');
      await there.appliances.retire(id, (await there.appliances.byId(id)).version, 'ada');
      await here.fleet.fresh(30_000);
      expect(here.fleet.member(id)).toBeUndefined();
      expect(here.errors).toEqual([]);
    },
  );
});
