import { randomUUID } from 'node:crypto';
import type { Selectable, Transaction } from 'kysely';
import { parseCertificate } from '../../core/x509/certificate.ts';
import { ATTRIBUTE } from '../../core/x509/name.ts';
import { namesOf } from '../../making/issue/issue.ts';
import { toPem } from '../../making/encode/der.ts';
import { type KeySize, newKey } from '../../making/issue/key.ts';
import type { AttributeText, SubjectFields } from '../../making/encode/name-fields.ts';
import { encodeName, subjectAttributes } from '../../making/encode/name-fields.ts';
import { requestWith } from '../../making/issue/request.ts';
import type { Schema } from '../../platform/store/schema.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Place, Vault } from '../../platform/vault/vault.ts';
import type { Actor, AuditLog } from '../audit/audit-log.ts';
import { type Appliance, type Appliances, demandInService } from './appliances.ts';
import { lockAppliance } from './appliance-lock.ts';
import { sha256 } from './fingerprint.ts';
import type { Identities } from './identities.ts';
import { InventoryError } from './inventory-error.ts';

/** A key that was made here and waits for its certificate; the key itself is shown to nobody. */
export interface PendingKey {
  readonly id: string;
  readonly applianceId: string;
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly spkiFingerprint: string;
  readonly csrPem: string;
  readonly createdAt: number;
  readonly createdBy: string;
}

export interface CsrWanted {
  readonly bits?: KeySize | undefined;
  /** Default: that of the certificate in use. The common name is the appliance's host name. */
  readonly subject?: Omit<SubjectFields, 'commonName'> | undefined;
  /** DNS names and IP addresses beside the host name. */
  readonly alternativeNames?: readonly string[] | undefined;
}

/** More at one time is a loop somewhere, and each is a secret to keep. */
const MOST_PER_APPLIANCE = 5;

const pendingPlace = (id: string): Place => ({ table: 'pending_keys', record: id, field: 'key_sealed' });

/** Keys made where they will be used, so that none ever travels: out goes the CSR, in comes the certificate. */
export class PendingKeys {
  readonly #parts: {
    readonly store: Store;
    readonly vault: Vault;
    readonly audit: AuditLog;
    readonly appliances: Appliances;
    readonly identities: Identities;
  };
  readonly #now: () => number;

  constructor(
    parts: { store: Store; vault: Vault; audit: AuditLog; appliances: Appliances; identities: Identities },
    now: () => number = Date.now,
  ) {
    this.#parts = parts;
    this.#now = now;
  }

  /**
   * Makes a key and a CSR for it.
   * @throws {InventoryError} `not-found`, `retired`, `invalid` (no subject to take; too many that wait)
   */
  async create(applianceId: string, wanted: CsrWanted, actor: Actor): Promise<PendingKey> {
    const { store, vault, audit, appliances } = this.#parts;
    const appliance = await appliances.byId(applianceId);
    demandInService(appliance);
    const { subject, names } = await this.#requestFor(appliance, wanted);
    const key = await newKey(wanted.bits ?? 2048);
    const id = randomUUID();
    const pkcs8 = key.privateKey.export({ type: 'pkcs8', format: 'der' });
    const row = {
      id,
      appliance_id: applianceId,
      spki_fingerprint: sha256(key.spki),
      key_sealed: vault.seal(pendingPlace(id), pkcs8),
      csr_pem: toPem('CERTIFICATE REQUEST', requestWith(encodeName(subject), names, key.privateKey)),
      created_at: this.#now(),
      created_by: actor,
    };
    pkcs8.fill(0);
    await store.db.transaction().execute(async (trx) => {
      await lockAppliance(store, trx, applianceId);
      demandInService(await appliances.byId(applianceId, trx));
      const waiting = trx.selectFrom('pending_keys').select('id').where('appliance_id', '=', applianceId);
      if ((await waiting.execute()).length >= MOST_PER_APPLIANCE) {
        throw new InventoryError(
          'invalid',
          `${MOST_PER_APPLIANCE} keys of ${appliance.name} wait for their certificates already. Remove those that are no longer wanted.`,
        );
      }
      await trx.insertInto('pending_keys').values(row).execute();
      const details = { key: id, spkiFingerprint: row.spki_fingerprint, names };
      await audit.append(trx, { actor, action: 'csr.created', subject: `appliance:${applianceId}`, details });
    });
    return toPending(row);
  }

  /** Newest first. */
  async list(applianceId: string): Promise<PendingKey[]> {
    const query = this.#parts.store.db.selectFrom('pending_keys').selectAll().where('appliance_id', '=', applianceId);
    return (await query.orderBy('created_at', 'desc').orderBy('id').execute()).map(toPending);
  }

  /** Destroys the key: a certificate for its CSR is then of no use. @throws {InventoryError} `not-found` */
  async remove(applianceId: string, id: string, actor: Actor): Promise<void> {
    await this.#parts.store.db.transaction().execute(async (trx) => {
      const { numDeletedRows } = await trx
        .deleteFrom('pending_keys')
        .where('id', '=', id)
        .where('appliance_id', '=', applianceId)
        .executeTakeFirst();
      if (numDeletedRows === 0n) throw new InventoryError('not-found', 'There is no such CSR.');
      const subject = `appliance:${applianceId}`;
      await this.#parts.audit.append(trx, { actor, action: 'csr.removed', subject, details: { key: id } });
    });
  }

  /** The key that belongs to this public key, as DER PKCS#8 that the caller wipes. */
  async keyFor(applianceId: string, spki: Uint8Array): Promise<Uint8Array | undefined> {
    return keyFor(this.#parts, applianceId, spki);
  }

  async #requestFor(
    { id, name, hostname }: Appliance,
    { subject, alternativeNames }: CsrWanted,
  ): Promise<{ subject: AttributeText[]; names: string[] }> {
    const inUse = await this.#parts.identities.activeCertificate(id);
    const certificate = inUse && parseCertificate(inUse);
    const names = [...new Set([hostname, ...(alternativeNames ?? (certificate ? namesOf(certificate) : []))])];
    if (subject !== undefined) return { subject: subjectAttributes({ ...subject, commonName: hostname }), names };
    if (certificate === undefined || certificate.subject.all(ATTRIBUTE.OU).length === 0) {
      throw new InventoryError(
        'invalid',
        `${name} has no certificate yet to take the subject from: give country, organization and organizational unit.`,
      );
    }
    const attributes = certificate.subject.attributes.filter(({ oid }) => oid !== ATTRIBUTE.CN);
    const texts = attributes.map(({ oid, text }): AttributeText => [oid, text]);
    const email = texts.findIndex(([oid]) => oid === ATTRIBUTE.EMAIL_ADDRESS);
    return { subject: texts.toSpliced(email < 0 ? texts.length : email, 0, [ATTRIBUTE.CN, hostname]), names };
  }
}

/** For the gate, which takes the key of a certificate that comes back without one. */
export async function keyFor(
  { store, vault }: { readonly store: Store; readonly vault: Vault },
  applianceId: string,
  spki: Uint8Array,
): Promise<Uint8Array | undefined> {
  const row = await store.db
    .selectFrom('pending_keys')
    .select(['id', 'key_sealed'])
    .where('appliance_id', '=', applianceId)
    .where('spki_fingerprint', '=', sha256(spki))
    .executeTakeFirst();
  return row && vault.open(pendingPlace(row.id), row.key_sealed);
}

/** The key has become an identity's. */
export async function dropPending(
  trx: Transaction<Schema>,
  applianceId: string,
  spkiFingerprint: string,
): Promise<void> {
  await trx
    .deleteFrom('pending_keys')
    .where('appliance_id', '=', applianceId)
    .where('spki_fingerprint', '=', spkiFingerprint)
    .execute();
}

const toPending = (row: Selectable<Schema['pending_keys']>): PendingKey => ({
  id: row.id,
  applianceId: row.appliance_id,
  spkiFingerprint: row.spki_fingerprint,
  csrPem: row.csr_pem,
  createdAt: row.created_at,
  createdBy: row.created_by,
});
