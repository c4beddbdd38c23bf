import type { Store } from '../../platform/store/store.ts';

const TABLES = {
  appliance: 'appliances',
  anchor: 'anchors',
  channel: 'channels',
  partner: 'partners',
  token: 'tokens',
  user: 'users',
} as const;
type Kind = keyof typeof TABLES;

/** What subjects of the log (`kind:id`) are called now; without those that are gone or have no name. */
export async function subjectNames(store: Store, subjects: Iterable<string>): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<Kind, Set<string>>();
  for (const subject of subjects) {
    const [, kind, id] = /^([a-z]+):(.+)$/.exec(subject) ?? [];
    if (kind === undefined || id === undefined || !Object.hasOwn(TABLES, kind)) continue;
    ids.set(kind as Kind, (ids.get(kind as Kind) ?? new Set()).add(id));
  }
  const names = new Map<string, string>();
  for (const [kind, wanted] of ids) {
    const rows = await store.db
      .selectFrom(TABLES[kind])
      .select(['id', 'name'])
      .where('id', 'in', [...wanted])
      .execute();
    for (const { id, name } of rows) names.set(`${kind}:${id}`, name);
  }
  return names;
}
