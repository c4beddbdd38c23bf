import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Administrator, json } from '../e2e/administrator.ts';
import { write } from '../cli/program.ts';
import type { Console } from './console.ts';
import { Plant } from './plant.ts';

const DAY = 86_400_000;

interface Member {
  readonly name: string;
  readonly role?: 'ha';
  readonly sensor?: string;
  readonly site: string;
  readonly zone: string;
  /** How long its certificate is valid; absent: it has none. */
  readonly days?: number;
  readonly fate?: 'expires' | 'revoked' | 'untrusted';
}

/** One of each kind of trouble, among many that are well. */
const MEMBERS: readonly Member[] = [
  { name: 'Bottling 1', site: 'Plant North', zone: 'Bottling', days: 300 },
  { name: 'Bottling 1 HA', role: 'ha', sensor: 'Bottling 1', site: 'Plant North', zone: 'Bottling', days: 300 },
  { name: 'Bottling 2', site: 'Plant North', zone: 'Bottling', days: 12 },
  { name: 'Boiler house', site: 'Plant North', zone: 'Utilities', days: 40, fate: 'revoked' },
  { name: 'Water intake', site: 'Plant North', zone: 'Utilities', days: 75 },
  { name: 'Packing 1', site: 'Plant South', zone: 'Packing', days: 1, fate: 'expires' },
  { name: 'Packing 2', site: 'Plant South', zone: 'Packing', days: 160 },
  { name: 'Packing 3', site: 'Plant South', zone: 'Packing', days: 161 },
  { name: 'Palletiser', site: 'Plant South', zone: 'Packing', days: 26 },
  { name: 'Cold store', site: 'Harbour', zone: 'Storage', days: 220, fate: 'untrusted' },
  { name: 'Crane 4', site: 'Harbour', zone: 'Quay', days: 390 },
  { name: 'Crane 5', site: 'Harbour', zone: 'Quay' },
];
export const hostnameOf = (name: string): string => `${name.toLowerCase().replaceAll(' ', '-')}.contoso.com`;

/** A dozen appliances in every state that an operator meets, made with a real lab CA through the API. */
export class MadeUpFleet {
  readonly ids: ReadonlyMap<string, string>;
  readonly plant: Plant;
  readonly #stops: (() => void)[];

  private constructor(ids: ReadonlyMap<string, string>, plant: Plant, stops: (() => void)[]) {
    this.ids = ids;
    this.plant = plant;
    this.#stops = stops;
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  /** The server must let `CERTGATE_CRL_HOSTS` be 127.0.0.1. */
  static async make(web: Console, ada: Administrator): Promise<MadeUpFleet> {
    const [plant, old] = await Promise.all([
      Plant.make(join(web.folder, 'ca-plant'), 'Contoso Plant'),
      Plant.make(join(web.folder, 'ca-old'), 'Contoso Harbour'),
    ]);
    await trust(ada, plant);
    const oldAnchor = await trust(ada, old);
    const ids = await importAll(ada, web.folder);
    const equipped = MEMBERS.filter(({ days }) => days !== undefined).map((member) =>
      equip(ada, ids.get(member.name)!, member, member.fate === 'untrusted' ? old : plant),
    );
    await Promise.all(equipped);
    await must(ada.curl(`/api/v1/anchors/${oldAnchor}`, '-X', 'DELETE'));
    return new MadeUpFleet(ids, plant, [() => plant.stop(), () => old.stop()]);
  }
}

/** Its fingerprint is compared, as a user would. Returns the anchor's id. */
async function trust(ada: Administrator, plant: Plant): Promise<string> {
  const certificate = readFileSync(plant.root, 'utf8');
  const [candidate] = (await must(ada.curl('/api/v1/anchors/inspect', ...json('POST', { certificate })))).json;
  const body = { certificate, fingerprint: candidate.fingerprint };
  return (await must(ada.curl('/api/v1/anchors', ...json('POST', body)))).json.id;
}

async function importAll(ada: Administrator, folder: string): Promise<Map<string, string>> {
  const lines = MEMBERS.map(({ name, role = 'sensor', sensor = '', site, zone }) =>
    [name, hostnameOf(name), role, sensor, site, zone, 'mandatory', 'on'].join(','),
  );
  const answer = await importCsv(ada, folder, ['name,hostname,role,sensor,site,zone,validation,crl', ...lines]);
  return new Map(answer.map(({ name, id }) => [name, id]));
}

/** Through a file: thousands of lines are no argument of a command. */
export async function importCsv(
  ada: Administrator,
  folder: string,
  lines: readonly string[],
): Promise<{ id: string; name: string }[]> {
  const file = write(folder, 'import.csv', lines.join('\n'));
  const sent = ['-H', 'Content-Type: text/csv', '--data-binary', `@${file}`];
  return (await must(ada.curl('/api/v1/appliances/import', ...sent))).json.imported;
}

async function equip(ada: Administrator, id: string, member: Member, plant: Plant): Promise<void> {
  const { name, days = 0, fate } = member;
  const issued = await plant.issue(hostnameOf(name), { to: fate === 'expires' ? 4000 : days * DAY });
  const files = {
    crt: readFileSync(issued.crt, 'utf8'),
    key: readFileSync(issued.key, 'utf8'),
    chain: plant.ca.chainPem,
  };
  await must(
    ada.curl(`/api/v1/appliances/${id}/uploads`, ...json('POST', { name: `${name} 2026`, crl: 'on', ...files })),
  );
  if (fate !== 'revoked') return;
  plant.revoke(issued);
  await must(ada.curl('/api/v1/crls/fetch', ...json('POST', { url: plant.ca.crlUrl })));
}

async function must<T extends { status: number; text: string }>(asked: Promise<T>): Promise<T> {
  const answer = await asked;
  if (answer.status >= 300) throw new Error(`${answer.status} ${answer.text.slice(0, 600)}`);
  return answer;
}
