import type { Selectable } from 'kysely';
import { toHex } from '../../../core/der/values.ts';
import type { Schema } from '../../../platform/store/schema.ts';
import type { Store } from '../../../platform/store/store.ts';
import { nameOf } from '../anchors.ts';
import type { Appliance } from '../appliances.ts';
import type { IdentityRow } from '../identity.ts';
import { type ChainReader, crlUrlsOf, issuersOf, type Material } from './material.ts';

/** An appliance in service with what it uses, will use and was last offered. Times in milliseconds. */
export interface Member {
  readonly appliance: Pick<
    Appliance,
    'id' | 'name' | 'hostname' | 'role' | 'sensorId' | 'site' | 'zone' | 'validation' | 'crl' | 'profile'
  >;
  readonly identity: MemberIdentity | null;
  readonly staged: StagedIdentity | null;
  readonly lastUpload: LastUpload | null;
}

export interface MemberIdentity {
  readonly id: string;
  readonly name: string;
  readonly origin: IdentityRow['origin'];
  readonly cn: string;
  /** The CN of its issuer, or what comes nearest. */
  readonly issuer: string;
  /** Hex. */
  readonly serial: string;
  readonly fingerprint: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly activatedAt: number | null;
  readonly confirmBy: number | null;
}

export interface StagedIdentity {
  readonly id: string;
  readonly name: string;
  readonly cn: string;
  readonly fingerprint: string;
  readonly notAfter: number;
  readonly activateAt: number | null;
  readonly activationRefusedAt: number | null;
}

type LastUpload = Pick<Selectable<Schema['uploads']>, 'id' | 'name' | 'at' | 'actor' | 'verdict' | 'outcome'>;

/** A member just read, with what its standing is judged by; that is not kept. */
export interface Loaded {
  readonly member: Member;
  readonly material: Material | undefined;
  /** See `issuersOf`. */
  readonly issuers: readonly string[];
  /** See `crlUrlsOf`. */
  readonly crlUrls: readonly string[];
}

/** So many are read at once: a query answers within a few milliseconds. */
export const AT_ONCE = 40;

/** Every appliance in service, by page. */
export async function* idsInService({ db }: Store): AsyncGenerator<string[]> {
  for (let after = ''; ;) {
    const rows = await db
      .selectFrom('appliances')
      .select('id')
      .where('retired_at', 'is', null)
      .where('id', '>', after)
      .orderBy('id')
      .limit(1000)
      .execute();
    if (rows.length === 0) return;
    yield rows.map(({ id }) => id);
    after = rows.at(-1)!.id;
  }
}

/** Those of `ids`, at most `AT_ONCE`, that are in service. */
export async function loadMembers(
  { db }: Store,
  ids: readonly string[],
  chains: ChainReader,
): Promise<Map<string, Loaded>> {
  const [appliances, identities, uploads] = [
    await db
      .selectFrom('appliances')
      .leftJoin('sites', 'sites.id', 'appliances.site_id')
      .leftJoin('zones', 'zones.id', 'appliances.zone_id')
      .selectAll('appliances')
      .select(['sites.name as site', 'zones.name as zone'])
      .where('appliances.id', 'in', ids)
      .where('retired_at', 'is', null)
      .execute(),
    await db
      .selectFrom('identities')
      .select(['id', 'appliance_id', 'name', 'origin', 'state', 'crt_pem', 'chain_pem', 'fingerprint', 'cn', 'crl'])
      .select(['not_before', 'not_after', 'verdict', 'reason', 'activate_at', 'activated_at', 'activation_refused_at'])
      .select('confirm_by')
      .where('appliance_id', 'in', ids)
      .where('state', 'in', ['active', 'staged'])
      .execute(),
    await lastUploads(db, ids),
  ];
  const uploadOf = new Map(uploads.map((upload) => [upload.appliance_id, upload]));
  const found = new Map<string, Loaded>();
  for (const row of appliances) {
    const own = identities.filter(({ appliance_id }) => appliance_id === row.id);
    const active = own.find(({ state }) => state === 'active');
    const staged = own.find(({ state }) => state === 'staged');
    const material = active && chains.material(active);
    const { id, name, hostname, role, sensor_id: sensorId, site, zone, validation, crl, profile } = row;
    found.set(id, {
      member: {
        appliance: { id, name, hostname, role, sensorId, site, zone, validation, crl, profile },
        identity: active === undefined ? null : toMemberIdentity(active, material!),
        staged: staged === undefined ? null : toStaged(staged),
        lastUpload: toUpload(uploadOf.get(id)),
      },
      material,
      issuers: material === undefined ? [] : chains.shared(issuersOf(material)),
      crlUrls: material === undefined ? [] : chains.shared(crlUrlsOf(material)),
    });
  }
  return found;
}

const lastUploads = (db: Store['db'], ids: readonly string[]) =>
  db
    .selectFrom('uploads as last')
    .select(['last.id', 'last.appliance_id', 'last.name', 'last.at', 'last.actor', 'last.verdict', 'last.outcome'])
    .where('last.appliance_id', 'in', ids)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('uploads as later')
            .select('later.id')
            .whereRef('later.appliance_id', '=', 'last.appliance_id')
            .where(({ or, and, eb, ref }) =>
              or([
                eb('later.at', '>', ref('last.at')),
                and([eb('later.at', '=', ref('last.at')), eb('later.id', '>', ref('last.id'))]),
              ]),
            ),
        ),
      ),
    )
    .execute();

type IdentityColumns = Pick<
  IdentityRow,
  | 'id'
  | 'name'
  | 'origin'
  | 'cn'
  | 'fingerprint'
  | 'not_before'
  | 'not_after'
  | 'activate_at'
  | 'activated_at'
  | 'activation_refused_at'
  | 'confirm_by'
>;

const toMemberIdentity = (row: IdentityColumns, { leaf }: Material): MemberIdentity => ({
  id: row.id,
  name: row.name,
  origin: row.origin,
  cn: row.cn,
  issuer: nameOf(leaf.issuer),
  serial: toHex(leaf.serialNumber.content()),
  fingerprint: row.fingerprint,
  notBefore: row.not_before,
  notAfter: row.not_after,
  activatedAt: row.activated_at,
  confirmBy: row.confirm_by,
});

const toStaged = (row: IdentityColumns): StagedIdentity => ({
  id: row.id,
  name: row.name,
  cn: row.cn,
  fingerprint: row.fingerprint,
  notAfter: row.not_after,
  activateAt: row.activate_at,
  activationRefusedAt: row.activation_refused_at,
});

function toUpload(row: (LastUpload & { appliance_id: string }) | undefined): LastUpload | null {
  if (row === undefined) return null;
  const { id, name, at, actor, verdict, outcome } = row;
  return { id, name, at, actor, verdict, outcome };
}
