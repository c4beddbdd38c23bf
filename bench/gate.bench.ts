import { randomBytes, randomUUID } from 'node:crypto';
import { importAppliances } from '../src/service/inventory/csv-import.ts';
import { FleetLab, type Inventory } from '../tests/inventory/fleet-lab.ts';
import type { Bench, Contender } from './harness.ts';

/** The fleet of which everything is asked, and what is uploaded into it. */
const APPLIANCES = 10_000;
const KEYS = 40;
const UPLOADS_EACH = 5;
const READS = 3000;

const contenders: Contender[] = [];
const said: string[] = [];
const lab = await FleetLab.create({ keys: KEYS });
const fleet = await lab.inventory();
process.once('exit', () => console.log(`\n${said.join('\n')}`));

/** CPU of `count` pieces of work, noted as a contender; gives the wall time in ms. */
async function note(name: string, count: number, work: () => Promise<unknown>): Promise<number> {
  const [cpu, started] = [process.cpuUsage(), performance.now()];
  await work();
  const wall = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  contenders.push({ name, count, run: () => user + system });
  return wall;
}

const lines = Array.from({ length: APPLIANCES }, (_, i) => `s${i},s${i}.contoso.com,site ${i % 200}`);
const csv = Buffer.from(`name,hostname,site\n${lines.join('\n')}\n`);
const imported = await note('an appliance of a CSV file', APPLIANCES, () => importAppliances(fleet, csv, 'ada'));
said.push(`import of ${APPLIANCES} appliances: ${(imported / 1000).toFixed(1)} s`);

const ids = (await fleet.store.db.selectFrom('appliances').select(['id', 'hostname']).execute()) as readonly {
  id: string;
  hostname: string;
}[];
await fillWithIdentities(fleet);

const uploads = lab.keys.flatMap((key, i) =>
  Array.from({ length: UPLOADS_EACH }, () => ({ id: ids[i]!.id, upload: lab.bundle(ids[i]!.hostname, key) })),
);
let activated = 0;
const upload = async (): Promise<void> => {
  const results = await Promise.all(uploads.map(({ id, upload: bundle }) => fleet.gate.upload(id, bundle, 'ada')));
  activated = results.filter(({ outcome }) => outcome === 'activated').length;
};
const reading = { alone: await latencies(), beside: [] as number[] };
const wall = await note('an upload, judged and activated (RSA 2048)', uploads.length, upload);
said.push(
  `${activated} of ${uploads.length} uploads activated, ${((1000 * uploads.length) / wall).toFixed(0)} a second`,
);
const busy = upload();
reading.beside = await latencies();
await busy;
for (const [when, times] of Object.entries(reading)) {
  const at = (share: number): string => times[Math.floor(times.length * share)]!.toFixed(2);
  said.push(
    `a read, ${when === 'alone' ? 'nothing else going on' : 'uploads going on'}: median ${at(0.5)} ms, p99 ${at(0.99)} ms`,
  );
}
const { rss, heapUsed } = process.memoryUsage();
said.push(`memory: ${(rss / 2 ** 20).toFixed(0)} MiB resident, ${(heapUsed / 2 ** 20).toFixed(0)} MiB of heap`);
await lab.close();

/** One real identity, copied for everybody else: reads do not look into certificates. */
async function fillWithIdentities({ gate, store }: Inventory): Promise<void> {
  const [first, ...others] = ids.slice(KEYS);
  await gate.upload(first!.id, lab.bundle(first!.hostname, lab.keys.at(-1)!), 'ada');
  const row = await store.db.selectFrom('identities').selectAll().executeTakeFirstOrThrow();
  for (let from = 0; from < others.length; from += 500) {
    const batch = others.slice(from, from + 500).map(({ id, hostname }) => {
      const hex = (): string => randomBytes(32).toString('hex');
      const own = { id: randomUUID(), appliance_id: id, cn: hostname, cn_key: hostname };
      return { ...row, ...own, fingerprint: hex(), spki_fingerprint: hex() };
    });
    await store.db.insertInto('identities').values(batch).execute();
  }
  await store.db.deleteFrom('key_claims').execute();
}

/** Sorted, in ms: what the console asks, one question after the other. */
async function latencies(): Promise<number[]> {
  const { appliances, identities } = fleet;
  const questions = [
    (i: number) => appliances.page({ after: `s${(i * 7919) % APPLIANCES}`, limit: 50 }),
    (i: number) => appliances.byId(ids[(i * 7919) % ids.length]!.id),
    (i: number) => identities.active(ids[(i * 7919) % ids.length]!.id),
    (i: number) => identities.history(ids[(i * 7919) % ids.length]!.id),
  ];
  const times: number[] = [];
  for (let i = 0; i < READS; i++) {
    const started = performance.now();
    await questions[i % questions.length]!(i);
    times.push(performance.now() - started);
    // As requests come: others get their turn in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return times.toSorted((a, b) => a - b);
}

export default {
  unit: 'piece of work, one thread; wall times below',
  reference: contenders.at(-1)!.name,
  contenders,
} satisfies Bench;
