import type { Api } from '../../app/host-api.ts';
import { UsageError } from '../failure.ts';
import { expectOk } from './answers.ts';

/** The id of an appliance that is named by its name, its host name or its id. @throws {UsageError} */
export async function applianceId(api: Api, wanted: string): Promise<string> {
  if (wanted === 'console') return wanted;
  if (/^[0-9a-f-]{36}$/.test(wanted)) return wanted;
  const path = `/api/v1/appliances?limit=500&search=${encodeURIComponent(wanted)}`;
  const { items } = expectOk<{ items: { id: string; name: string; hostname: string }[] }>(await api.send('GET', path));
  const same = (text: string): boolean => text.toLowerCase() === wanted.trim().toLowerCase();
  const found = items.filter(({ name }) => same(name));
  const matching = found.length > 0 ? found : items.filter(({ hostname }) => same(hostname));
  if (matching.length === 1) return matching[0]!.id;
  if (matching.length > 1) throw new UsageError(`several appliances have the host name ${wanted}; give the name.`);
  const near = items.slice(0, 3).map(({ name }) => name);
  throw new UsageError(
    `there is no appliance ${wanted}.${near.length > 0 ? ` Did you mean ${near.join(', ')}?` : ' The inventory has none of a similar name.'}`,
  );
}
