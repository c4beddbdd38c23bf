import { X509Certificate } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Report } from '../../core/base/finding.ts';
import type { Schema } from '../../platform/store/schema.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Vault } from '../../platform/vault/vault.ts';
import type { Actor, AuditLog } from '../audit/audit-log.ts';
import { endedAt, lockAppliance } from './appliance-lock.ts';
import { claim } from './claims.ts';
import {
  type Identity,
  type IdentityMaterial,
  type IdentityRow as Row,
  keyPlace,
  passphrasePlace,
  toIdentity,
} from './identity.ts';
import { InventoryError } from './inventory-error.ts';

export { type Identity, type IdentityMaterial, keyPlace, passphrasePlace, toIdentity } from './identity.ts';

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

  /** Called after each committed change of which identities an appliance has. Returns how to stop that. */
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

  /** DER; for whoever renews it. */
  async activeCertificate(applianceId: string): Promise<Uint8Array | undefined> {
    const row = await this.#inState(this.#store.db, applianceId, 'active');
    return row && new X509Certificate(row.crt_pem).raw;
  }

  /** The one that waits for its time, or for people. */
  async staged(applianceId: string): Promise<Identity | undefined> {
    const row = await this.#inState(this.#store.db, applianceId, 'staged');
    return row && toIdentity(row);
  }

  /** Why the waiting one was not let in when its time had come: the report of that. */
  async activationReport(applianceId: string): Promise<Report | undefined> {
    const row = await this.#inState(this.#store.db, applianceId, 'staged');
    return row?.activation_report == null ? undefined : (JSON.parse(row.activation_report) as Report);
  }

  /** The waiting identity with its key, opened. */
  async stagedMaterial(applianceId: string): Promise<IdentityMaterial | undefined> {
    const row = await this.#inState(this.#store.db, applianceId, 'staged');
    return row && this.#open(row);
  }

  /** The active identity with its key, opened. */
  async material(applianceId: string): Promise<IdentityMaterial | undefined> {
    const row = await this.#inState(this.#store.db, applianceId, 'active');
    return row && this.#open(row);
  }

  /** The identity before the active one, with its key, opened. */
  async previousMaterial(applianceId: string): Promise<IdentityMaterial | undefined> {
    const row = await this.#inState(this.#store.db, applianceId, 'previous');
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
    await this.#end(trx, row.appliance_id, 'staged');
    await trx.insertInto('identities').values(row).execute();
    await this.#releaseNames(trx, row.appliance_id);
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
   * @param options.identityId only this one, where another may have taken its place
   * @param options.judged what it was found to be just now, and why it is wanted if that is unsupported
   * @param options.confirmWithinMs rolled back after this time unless `confirm` comes first; default: as it was staged
   * @throws {InventoryError} `nothing-to-activate`
   */
  async activate(
    trx: Transaction<Schema>,
    applianceId: string,
    options: {
      actor: Actor;
      identityId?: string;
      confirmWithinMs?: number;
      judged?: { verdict: Row['verdict']; reason: string | null };
    },
  ): Promise<Identity> {
    const staged = await this.#inState(trx, applianceId, 'staged');
    if (staged === undefined || (options.identityId ?? staged.id) !== staged.id) {
      throw new InventoryError('nothing-to-activate', 'No certificate waits to be activated.');
    }
    const now = this.#now();
    const active = await this.#inState(trx, applianceId, 'active');
    await this.#end(trx, applianceId, 'previous');
    if (active !== undefined) {
      const previous = { state: 'previous', confirm_by: null } as const;
      await trx.updateTable('identities').set(previous).where('id', '=', active.id).execute();
    }
    const confirmWithin = options.confirmWithinMs ?? staged.confirm_within_ms;
    const row = await trx
      .updateTable('identities')
      .set({
        state: 'active',
        activated_at: now,
        activation_refused_at: null,
        activation_report: null,
        ...options.judged,
        previous_id: active?.id ?? null,
        confirm_by: confirmWithin === null || active === undefined ? null : now + confirmWithin,
      })
      .where('id', '=', staged.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await trx.updateTable('uploads').set({ outcome: 'activated' }).where('identity_id', '=', row.id).execute();
    await this.#releaseNames(trx, applianceId);
    const details = {
      identity: row.id,
      fingerprint: row.fingerprint,
      previous: active?.fingerprint ?? null,
      confirmBy: row.confirm_by,
      ...options.judged,
    };
    await this.#audit.append(trx, {
      actor: options.actor,
      action: 'certificate.activated',
      subject: `appliance:${applianceId}`,
      details,
    });
    return toIdentity(row);
  }

  /** Notes that the waiting identity was not let in when its time had come; it goes on waiting, for people now. */
  async refuseActivation(
    applianceId: string,
    { identityId, report, actor }: { identityId: string; report: Report; actor: Actor },
  ): Promise<void> {
    await this.#store.db.transaction().execute(async (trx) => {
      const { numUpdatedRows } = await trx
        .updateTable('identities')
        .set({ activation_refused_at: this.#now(), activation_report: JSON.stringify(report) })
        .where('id', '=', identityId)
        .where('state', '=', 'staged')
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return;
      const rules = report.findings.filter(({ status }) => status === report.verdict).map(({ rule }) => rule);
      const details = { identity: identityId, verdict: report.verdict, rules: [...new Set(rules)] };
      const subject = `appliance:${applianceId}`;
      await this.#audit.append(trx, { actor, action: 'certificate.activation-refused', subject, details });
    });
  }

  /** Gives up the waiting identity. @throws {InventoryError} `nothing-to-activate` */
  async cancel(applianceId: string, actor: Actor): Promise<void> {
    await this.#store.db.transaction().execute(async (trx) => {
      await lockAppliance(this.#store, trx, applianceId);
      const staged = await this.#inState(trx, applianceId, 'staged');
      if (staged === undefined) {
        throw new InventoryError('nothing-to-activate', 'No certificate waits to be activated.');
      }
      await this.#end(trx, applianceId, 'staged');
      await this.#releaseNames(trx, applianceId);
      const details = { identity: staged.id, fingerprint: staged.fingerprint };
      const subject = `appliance:${applianceId}`;
      await this.#audit.append(trx, { actor, action: 'certificate.cancelled', subject, details });
    });
    this.announce(applianceId);
  }

  /** Keeps an activation that would otherwise be rolled back. @throws {InventoryError} `nothing-to-confirm` */
  async confirm(applianceId: string, actor: Actor): Promise<Identity> {
    const identity = await this.#store.db.transaction().execute(async (trx) => {
      await lockAppliance(this.#store, trx, applianceId);
      const row = await trx
        .updateTable('identities')
        .set({ confirm_by: null, confirmed_at: this.#now() })
        .where('appliance_id', '=', applianceId)
        .where('state', '=', 'active')
        // Too late is too late: it is being rolled back.
        .where('confirm_by', '>', this.#now())
        .returningAll()
        .executeTakeFirst();
      if (row === undefined) throw new InventoryError('nothing-to-confirm', 'No activation waits for a confirmation.');
      await this.#releaseNames(trx, applianceId);
      await this.#audit.append(trx, {
        actor,
        action: 'certificate.confirmed',
        subject: `appliance:${applianceId}`,
        details: { identity: row.id },
      });
      return toIdentity(row);
    });
    this.announce(applianceId);
    return identity;
  }

  /**
   * Active and previous change places, so that a second roll-back undoes the first. Nothing is judged: that is the gate's.
   * @param options.reason why a self-signed certificate is wanted back
   * @param options.identityId only to this one, where another may have taken its place
   * @throws {InventoryError} `nothing-to-roll-back`, `confirmation-needed` (back to a self-signed one without a reason),
   *   `common-name-in-use` where another appliance took the name meanwhile
   */
  async rollBack(
    applianceId: string,
    actor: Actor,
    { reason = '', identityId }: { reason?: string | undefined; identityId?: string } = {},
  ): Promise<Identity> {
    const identity = await this.#store.db.transaction().execute(async (trx) => {
      await lockAppliance(this.#store, trx, applianceId);
      return this.#swap(trx, applianceId, { actor, reason: reason.trim(), identityId });
    });
    this.announce(applianceId);
    return identity;
  }

  /** Rolls back an activation whose time for a confirmation is over; false where there is none (any more). */
  async rollBackUnconfirmed(applianceId: string): Promise<boolean> {
    const done = await this.#store.db.transaction().execute(async (trx) => {
      await lockAppliance(this.#store, trx, applianceId);
      // Another node, or a confirmation, may have been faster.
      const active = await this.#inState(trx, applianceId, 'active');
      if (active === undefined || active.confirm_by === null || active.confirm_by > this.#now()) return false;
      await this.#swap(trx, applianceId, { actor: 'system', reason: 'not confirmed in time' });
      return true;
    });
    if (done) this.announce(applianceId);
    return done;
  }

  async #swap(
    trx: Transaction<Schema>,
    applianceId: string,
    { actor, reason, identityId }: { actor: Actor; reason: string; identityId?: string | undefined },
  ): Promise<Identity> {
    const active = await this.#inState(trx, applianceId, 'active');
    const previous = await this.#inState(trx, applianceId, 'previous');
    if (active === undefined || previous === undefined || (identityId ?? previous.id) !== previous.id) {
      throw nothingToRollBack();
    }
    // People confirm it; Certgate goes back by itself only to what just worked.
    if (previous.origin === 'self-signed' && reason === '' && actor !== 'system') {
      throw new InventoryError(
        'confirmation-needed',
        'The earlier certificate is self-signed: no browser and no other appliance can check it. It is for testing; to go back to it all the same, give the reason.',
      );
    }
    await claim(trx, 'commonName', { value: previous.cn_key, applianceId, now: this.#now() });
    const set = (id: string, values: Partial<Row>): Promise<unknown> =>
      trx.updateTable('identities').set(values).where('id', '=', id).execute();
    await set(active.id, { state: 'ended' });
    await set(previous.id, { state: 'active', activated_at: this.#now(), previous_id: active.id, confirm_by: null });
    await set(active.id, { state: 'previous', confirm_by: null });
    await this.#releaseNames(trx, applianceId);
    const details = { from: active.fingerprint, to: previous.fingerprint, ...(reason !== '' && { reason }) };
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
    const [activate, rollBack] = await Promise.all([
      this.#toActivate().select('appliance_id').where('activate_at', '<=', now).execute(),
      this.#toConfirm().select('appliance_id').where('confirm_by', '<=', now).execute(),
    ]);
    return { activate: activate.map((row) => row.appliance_id), rollBack: rollBack.map((row) => row.appliance_id) };
  }

  /** When something is due next, in milliseconds; undefined: nothing is planned. */
  async nextDue(): Promise<number | undefined> {
    const [activate, confirm] = await Promise.all([
      this.#toActivate()
        .select(({ fn }) => fn.min('activate_at').as('at'))
        .executeTakeFirst(),
      this.#toConfirm()
        .select(({ fn }) => fn.min('confirm_by').as('at'))
        .executeTakeFirst(),
    ]);
    const times = [activate?.at, confirm?.at].filter((at) => at != null).map(Number);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  #toActivate() {
    return this.#store.db
      .selectFrom('identities')
      .where('state', '=', 'staged')
      .where('activation_refused_at', 'is', null);
  }

  #toConfirm() {
    return this.#store.db.selectFrom('identities').where('state', '=', 'active').where('confirm_by', 'is not', null);
  }

  async #end(trx: Transaction<Schema>, applianceId: string, state: Row['state']): Promise<void> {
    await trx
      .updateTable('identities')
      .set(endedAt(this.#now()))
      .where('appliance_id', '=', applianceId)
      .where('state', '=', state)
      .execute();
  }

  /** A name that the appliance neither uses nor is about to use, nor may yet be rolled back to, is free for another. */
  async #releaseNames(trx: Transaction<Schema>, applianceId: string): Promise<void> {
    const identities = trx
      .selectFrom('identities')
      .select(['state', 'cn_key', 'confirm_by'])
      .where('appliance_id', '=', applianceId);
    const rows = await identities.where('state', '!=', 'ended').execute();
    const unconfirmed = rows.some(({ confirm_by }) => confirm_by !== null);
    const kept = rows.filter(({ state }) => state !== 'previous' || unconfirmed).map(({ cn_key }) => cn_key);
    let query = trx.deleteFrom('common_name_claims').where('appliance_id', '=', applianceId);
    if (kept.length > 0) query = query.where('cn_key', 'not in', kept);
    await query.execute();
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

export const nothingToRollBack = (): InventoryError =>
  new InventoryError('nothing-to-roll-back', 'There is no earlier certificate to go back to.');
