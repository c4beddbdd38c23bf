import type { Selectable, Transaction } from 'kysely';
import type { Schema } from '../../platform/store/schema.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Place, Vault } from '../../platform/vault/vault.ts';
import type { Actor, AuditLog } from '../audit/audit-log.ts';
import { claim } from './claims.ts';
import { InventoryError } from './inventory-error.ts';

type Row = Selectable<Schema['identities']>;

/** A bundle that was let in; what it says about itself, without its secrets. Times in milliseconds. */
export interface Identity {
  readonly id: string;
  readonly applianceId: string;
  readonly name: string;
  readonly origin: Row['origin'];
  readonly state: Row['state'];
  readonly fingerprint: string;
  readonly spkiFingerprint: string;
  readonly subject: string;
  readonly cn: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly crl: 'on' | 'off';
  readonly verdict: Row['verdict'];
  readonly reason: string | null;
  readonly stagedAt: number;
  readonly activateAt: number | null;
  readonly activatedAt: number | null;
  readonly confirmBy: number | null;
  readonly confirmedAt: number | null;
  readonly endedAt: number | null;
}

/** What a listener or an export needs. The caller wipes `key`. */
export interface IdentityMaterial {
  readonly identity: Identity;
  readonly crtPem: string;
  readonly chainPem: string | null;
  /** Unencrypted DER PKCS#8. */
  readonly key: Uint8Array;
}

export const keyPlace = (id: string): Place => ({ table: 'identities', record: id, field: 'key_sealed' });
export const passphrasePlace = (id: string): Place => ({ table: 'identities', record: id, field: 'passphrase_sealed' });

/**
 * Which bundle each appliance uses, used, and will use. An appliance has at most one active identity, the one before it
 * for a roll-back, and one that waits for its time; every change is one transaction.
 */
export class Identities {
  readonly #store: Store;
  readonly #vault: Vault;
  readonly #audit: AuditLog;
  readonly #now: () => number;
  readonly #listeners = new Set<(applianceId: string) => void>();

  constructor(parts: { store: Store; vault: Vault; audit: AuditLog }, now: () => number = Date.now) {
    this.#store = parts.store;
    this.#vault = parts.vault;
    this.#audit = parts.audit;
    this.#now = now;
  }

  /** Called after each committed change of an appliance's active identity. Returns how to stop that. */
  onChange(listener: (applianceId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  announce(applianceId: string): void {
    for (const listener of this.#listeners) listener(applianceId);
  }

  /** Newest first. */
  async history(applianceId: string): Promise<Identity[]> {
    const rows = await this.#store.db
      .selectFrom('identities')
      .selectAll()
      .where('appliance_id', '=', applianceId)
      .orderBy('staged_at', 'desc')
      .orderBy('id')
      .execute();
    return rows.map(toIdentity);
  }

  async active(applianceId: string): Promise<Identity | undefined> {
    const row = await this.#inState(this.#store.db, applianceId, 'active');
    return row && toIdentity(row);
  }

  /** The active identity with its key, opened. */
  async material(applianceId: string): Promise<IdentityMaterial | undefined> {
    const row = await this.#inState(this.#store.db, applianceId, 'active');
    return row && this.#open(row);
  }

  #open(row: Row): IdentityMaterial {
    const key = this.#vault.open(keyPlace(row.id), row.key_sealed);
    return { identity: toIdentity(row), crtPem: row.crt_pem, chainPem: row.chain_pem, key };
  }

  /** The passphrase that came with the appliance's newest bundle that had one; the caller wipes it. */
  async keptPassphrase(applianceId: string): Promise<Uint8Array | undefined> {
    const row = await this.#store.db
      .selectFrom('identities')
      .select(['id', 'passphrase_sealed'])
      .where('appliance_id', '=', applianceId)
      .where('passphrase_sealed', 'is not', null)
      .orderBy('staged_at', 'desc')
      .executeTakeFirst();
    return row && this.#vault.open(passphrasePlace(row.id), row.passphrase_sealed!);
  }

  /** Puts `row` in waiting; whatever waited before is ended. Its claims are the caller's. */
  async stage(trx: Transaction<Schema>, row: Row, actor: Actor): Promise<void> {
    const ended = { state: 'ended', ended_at: this.#now() } as const;
    await trx
      .updateTable('identities')
      .set(ended)
      .where('appliance_id', '=', row.appliance_id)
      .where('state', '=', 'staged')
      .execute();
    await trx.insertInto('identities').values(row).execute();
    const details = { identity: row.id, fingerprint: row.fingerprint, verdict: row.verdict, reason: row.reason };
    await this.#audit.append(trx, {
      actor,
      action: 'certificate.staged',
      subject: `appliance:${row.appliance_id}`,
      details,
    });
  }

  /**
   * Makes the waiting identity the active one, whole: certificate, key and chain together.
   * @param confirmWithinMs rolled back after this time unless `confirm` comes first
   * @throws {InventoryError} `nothing-to-activate`
   */
  async activate(
    trx: Transaction<Schema>,
    applianceId: string,
    options: { actor: Actor; confirmWithinMs?: number },
  ): Promise<Identity> {
    const staged = await this.#inState(trx, applianceId, 'staged');
    if (staged === undefined) throw new InventoryError('nothing-to-activate', 'No certificate waits to be activated.');
    const now = this.#now();
    const active = await this.#inState(trx, applianceId, 'active');
    await this.#end(trx, applianceId, 'previous');
    if (active !== undefined) {
      await trx.updateTable('identities').set({ state: 'previous' }).where('id', '=', active.id).execute();
    }
    const { confirmWithinMs } = options;
    const row = await trx
      .updateTable('identities')
      .set({
        state: 'active',
        activated_at: now,
        previous_id: active?.id ?? null,
        confirm_by: confirmWithinMs === undefined || active === undefined ? null : now + confirmWithinMs,
      })
      .where('id', '=', staged.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await this.#releaseNames(trx, applianceId);
    const details = { identity: row.id, fingerprint: row.fingerprint, previous: active?.fingerprint ?? null };
    await this.#audit.append(trx, {
      actor: options.actor,
      action: 'certificate.activated',
      subject: `appliance:${applianceId}`,
      details,
    });
    return toIdentity(row);
  }

  /** Keeps an activation that would otherwise be rolled back. @throws {InventoryError} `nothing-to-confirm` */
  async confirm(applianceId: string, actor: Actor): Promise<Identity> {
    return this.#store.db.transaction().execute(async (trx) => {
      const row = await trx
        .updateTable('identities')
        .set({ confirm_by: null, confirmed_at: this.#now() })
        .where('appliance_id', '=', applianceId)
        .where('state', '=', 'active')
        .where('confirm_by', 'is not', null)
        .returningAll()
        .executeTakeFirst();
      if (row === undefined) throw new InventoryError('nothing-to-confirm', 'No activation waits for a confirmation.');
      await this.#audit.append(trx, {
        actor,
        action: 'certificate.confirmed',
        subject: `appliance:${applianceId}`,
        details: { identity: row.id },
      });
      return toIdentity(row);
    });
  }

  /**
   * Active and previous change places, so that a second roll-back undoes the first.
   * @throws {InventoryError} `nothing-to-roll-back`, `common-name-in-use` where another appliance took the name meanwhile
   */
  async rollBack(applianceId: string, actor: Actor): Promise<Identity> {
    const identity = await this.#store.db.transaction().execute((trx) => this.#swap(trx, applianceId, actor));
    this.announce(applianceId);
    return identity;
  }

  async #swap(trx: Transaction<Schema>, applianceId: string, actor: Actor): Promise<Identity> {
    const active = await this.#inState(trx, applianceId, 'active');
    const previous = await this.#inState(trx, applianceId, 'previous');
    if (active === undefined || previous === undefined) {
      throw new InventoryError('nothing-to-roll-back', 'There is no earlier certificate to go back to.');
    }
    await claim(trx, 'commonName', { value: previous.cn_key, applianceId, now: this.#now() });
    const set = (id: string, values: Partial<Row>): Promise<unknown> =>
      trx.updateTable('identities').set(values).where('id', '=', id).execute();
    await set(active.id, { state: 'ended' });
    await set(previous.id, { state: 'active', activated_at: this.#now(), previous_id: active.id, confirm_by: null });
    await set(active.id, { state: 'previous', confirm_by: null });
    await this.#releaseNames(trx, applianceId);
    const details = { from: active.fingerprint, to: previous.fingerprint };
    await this.#audit.append(trx, {
      actor,
      action: 'certificate.rolled-back',
      subject: `appliance:${applianceId}`,
      details,
    });
    return toIdentity({ ...previous, state: 'active' });
  }

  /** Appliances whose waiting identity's time has come, and those whose activation was not confirmed in time. */
  async due(): Promise<{ activate: string[]; rollBack: string[] }> {
    const now = this.#now();
    const ids = this.#store.db.selectFrom('identities').select('appliance_id');
    const [activate, rollBack] = await Promise.all([
      ids.where('state', '=', 'staged').where('activate_at', '<=', now).execute(),
      ids.where('state', '=', 'active').where('confirm_by', '<=', now).execute(),
    ]);
    return { activate: activate.map((row) => row.appliance_id), rollBack: rollBack.map((row) => row.appliance_id) };
  }

  async #end(trx: Transaction<Schema>, applianceId: string, state: Row['state']): Promise<void> {
    await trx
      .updateTable('identities')
      .set({ state: 'ended', ended_at: this.#now() })
      .where('appliance_id', '=', applianceId)
      .where('state', '=', state)
      .execute();
  }

  /** A name that the appliance neither uses nor is about to use is free for another. */
  async #releaseNames(trx: Transaction<Schema>, applianceId: string): Promise<void> {
    await trx
      .deleteFrom('common_name_claims')
      .where('appliance_id', '=', applianceId)
      .where('cn_key', 'not in', (eb) =>
        eb
          .selectFrom('identities')
          .select('cn_key')
          .where('appliance_id', '=', applianceId)
          .where('state', 'in', ['staged', 'active']),
      )
      .execute();
  }

  #inState(db: Store['db'] | Transaction<Schema>, applianceId: string, state: Row['state']): Promise<Row | undefined> {
    return db
      .selectFrom('identities')
      .selectAll()
      .where('appliance_id', '=', applianceId)
      .where('state', '=', state)
      .executeTakeFirst();
  }
}

export const toIdentity = (row: Row): Identity => ({
  id: row.id,
  applianceId: row.appliance_id,
  name: row.name,
  origin: row.origin,
  state: row.state,
  fingerprint: row.fingerprint,
  spkiFingerprint: row.spki_fingerprint,
  subject: row.subject,
  cn: row.cn,
  notBefore: row.not_before,
  notAfter: row.not_after,
  crl: row.crl,
  verdict: row.verdict,
  reason: row.reason,
  stagedAt: row.staged_at,
  activateAt: row.activate_at,
  activatedAt: row.activated_at,
  confirmBy: row.confirm_by,
  confirmedAt: row.confirmed_at,
  endedAt: row.ended_at,
});
