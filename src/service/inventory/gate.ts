import { randomUUID } from 'node:crypto';
import type { Selectable, Transaction } from 'kysely';
import type { Report } from '../../core/base/finding.ts';
import type { Crypto } from '../../core/base/ports.ts';
import type { OpenedBundle } from '../../core/files/bundle.ts';
import { openBundle, wipeBundle } from '../../core/files/open-bundle.ts';
import { toPem } from '../../making/encode/der.ts';
import type { Schema } from '../../platform/store/schema.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Vault } from '../../platform/vault/vault.ts';
import type { Actor, AuditLog } from '../audit/audit-log.ts';
import { type Appliance, type Appliances, demandInService, problemOfName } from './appliances.ts';
import { claim } from './claims.ts';
import {
  type Identities,
  type Identity,
  type IdentityMaterial,
  keyPlace,
  nothingToRollBack,
  passphrasePlace,
  toIdentity,
} from './identities.ts';
import { InventoryError } from './inventory-error.ts';
import { describe, Judging, type Judgement, rulesOf, type TrustSource, type UnknownRoot } from './judging.ts';
import { dropPending, keyFor } from './pending-keys.ts';
import { Turns } from './turns.ts';

export { describe, type TrustSource } from './judging.ts';

/** The vendor's upload form, and what Certgate adds to it. */
export interface Upload {
  /** Certificate name. */
  readonly name: string;
  readonly crt: Uint8Array;
  /** Absent: the key that Certgate made and still keeps for this appliance, if it is the certificate's. */
  readonly key?: Uint8Array | undefined;
  readonly chain?: Uint8Array | undefined;
  readonly passphrase?: Uint8Array | undefined;
  /** Take the passphrase that came with the previous certificate. */
  readonly passphraseSet?: boolean | undefined;
  /** Use CRL to check certificate status; absent: as the appliance is set. */
  readonly crl?: 'on' | 'off' | undefined;
  /** Why an unsupported bundle is wanted all the same. */
  readonly reason?: string | undefined;
  /** When to activate, in milliseconds; absent or past: at once. */
  readonly activateAt?: number | undefined;
  /** Roll back by itself unless confirmed within so many milliseconds. */
  readonly confirmWithinMs?: number | undefined;
}

export interface UploadResult {
  readonly uploadId: string;
  readonly outcome: Selectable<Schema['uploads']>['outcome'];
  readonly report: Report;
  /** Of an upload that was let in. */
  readonly identity?: Identity;
  /** The root of the chain, where it is none of the trust anchors: what an administrator is offered to add. */
  readonly unknownRoot?: UnknownRoot;
}

/** What became of the identity that waited, or of the one before. */
export interface ActivationResult {
  readonly outcome: 'activated' | 'refused' | 'reason-needed';
  readonly report: Report;
  readonly identity?: Identity;
  readonly unknownRoot?: UnknownRoot;
}

export interface GateParts {
  readonly store: Store;
  readonly vault: Vault;
  readonly audit: AuditLog;
  readonly appliances: Appliances;
  readonly identities: Identities;
  readonly trust: TrustSource;
  readonly crypto: Crypto;
}

/** Opening a key may take a thread of libuv's pool for a second; it has four. */
const AT_ONE_TIME = 2;
const LONGEST_CONFIRMATION = 7 * 86_400_000;

/** Uploads: nothing that a rule refuses becomes an appliance's identity, and no two appliances share one. */
export class Gate {
  readonly #parts: GateParts;
  readonly #judging: Judging;
  readonly #now: () => number;
  readonly #turns = new Turns(AT_ONE_TIME);

  constructor(parts: GateParts, now: () => number = Date.now) {
    this.#parts = parts;
    this.#judging = new Judging(parts, now);
    this.#now = now;
  }

  /**
   * Judges a bundle and, when it may, makes it the appliance's identity, whole or not at all. The attempt and its report
   * are kept in every case; the key of a refused one is not.
   * @throws {InventoryError} `not-found`, `retired`, `no-passphrase-kept`, `invalid` (times)
   */
  async upload(applianceId: string, upload: Upload, actor: Actor): Promise<UploadResult> {
    demandInService(await this.#parts.appliances.byId(applianceId));
    demandForm(upload, this.#now());
    const passphrase = await this.#passphraseOf(applianceId, upload);
    const { crt, key, chain } = upload;
    let bundle = await this.#open({ crt, key, chain, passphrase });
    let origin: 'upload' | 'generated' = 'upload';
    if (key === undefined) {
      const ours = await this.#withOwnKey(applianceId, upload, bundle);
      if (ours !== undefined) [bundle, origin] = [ours, 'generated'];
    }
    try {
      return await this.#untilSettled(applianceId, async (appliance) => {
        const judged = await this.#judging.judge(appliance, bundle, {
          name: upload.name,
          crl: upload.crl ?? appliance.crl,
        });
        return this.#conclude({ ...judged, appliance, upload, bundle, actor, origin });
      });
    } finally {
      wipeBundle(bundle);
      passphrase?.fill(0);
    }
  }

  /**
   * Judges the waiting identity again, as things stand now, and makes it the active one if it is still let in. If not,
   * it goes on waiting; `reason` lets in what has become unsupported.
   * @throws {InventoryError} `not-found`, `retired`, `nothing-to-activate`
   */
  async activate(
    applianceId: string,
    actor: Actor,
    { reason }: { reason?: string | undefined } = {},
  ): Promise<ActivationResult> {
    const material = await this.#parts.identities.stagedMaterial(applianceId);
    if (material === undefined) {
      throw new InventoryError('nothing-to-activate', 'No certificate waits to be activated.');
    }
    return this.#judgeAgain(applianceId, material, async (appliance, { report, unknownRoot }) => {
      const { identity } = material;
      const given = reason?.trim() || identity.reason;
      const outcome = outcomeOf(report, given, appliance);
      if (outcome !== 'staged') {
        await this.#parts.identities.refuseActivation(applianceId, { identityId: identity.id, report, actor });
        return { outcome, report, identity, ...(unknownRoot !== undefined && { unknownRoot }) };
      }
      const active = await this.#parts.store.db.transaction().execute(async (trx) => {
        await this.#demandUnchanged(trx, appliance);
        const judged = { verdict: letIn(report), reason: given };
        return this.#parts.identities.activate(trx, applianceId, { actor, identityId: identity.id, judged });
      });
      this.#parts.identities.announce(applianceId);
      return { outcome: 'activated', report, identity: active };
    });
  }

  /**
   * Goes back to the identity before, if it is still let in as things stand now: it may have expired or been revoked
   * since. An activation that was not confirmed in time goes back without this question, to what just worked.
   * @throws {InventoryError} `not-found`, `retired`, and as `Identities.rollBack`
   */
  async rollBack(
    applianceId: string,
    actor: Actor,
    { reason }: { reason?: string | undefined } = {},
  ): Promise<ActivationResult> {
    const material = await this.#parts.identities.previousMaterial(applianceId);
    if (material === undefined) throw nothingToRollBack();
    return this.#judgeAgain(applianceId, material, async (appliance, { report, unknownRoot }) => {
      const { identity } = material;
      const outcome = outcomeOf(report, reason?.trim() || identity.reason, appliance);
      // Of a self-signed one, the way back asks for a reason itself.
      if (outcome === 'refused' || (outcome === 'reason-needed' && identity.origin !== 'self-signed')) {
        return { outcome, report, identity, ...(unknownRoot !== undefined && { unknownRoot }) };
      }
      const active = await this.#parts.identities.rollBack(applianceId, actor, { reason, identityId: identity.id });
      return { outcome: 'activated', report, identity: active };
    });
  }

  /** Judges what is kept as if it were uploaded now. */
  async #judgeAgain(
    applianceId: string,
    { identity, crtPem, chainPem, key }: IdentityMaterial,
    conclude: (appliance: Appliance, judgement: Judgement) => Promise<ActivationResult>,
  ): Promise<ActivationResult> {
    const files = {
      crt: Buffer.from(crtPem),
      key: Buffer.from(toPem('PRIVATE KEY', key)),
      ...(chainPem !== null && { chain: Buffer.from(chainPem) }),
    };
    let bundle: OpenedBundle | undefined;
    try {
      const opened = (bundle = await this.#open(files));
      return await this.#untilSettled(applianceId, async (appliance) =>
        conclude(appliance, await this.#judging.judge(appliance, opened, identity)),
      );
    } finally {
      key.fill(0);
      files.key.fill(0);
      if (bundle !== undefined) wipeBundle(bundle);
    }
  }

  // The queue is for this alone: a CRL server that does not answer must not keep other appliances waiting.
  #open(files: Parameters<typeof openBundle>[0]): Promise<OpenedBundle> {
    return this.#turns.take(() => openBundle(files, this.#parts.crypto));
  }

  /** Whoever loses a race for a name or a key, or to a change of the appliance, is judged again: then the report says who has it. */
  async #untilSettled<T>(applianceId: string, attempt: (appliance: Appliance) => Promise<T>): Promise<T> {
    for (let left = 3; ; left--) {
      const appliance = await this.#parts.appliances.byId(applianceId);
      demandInService(appliance);
      try {
        return await attempt(appliance);
      } catch (error) {
        const again =
          error instanceof InventoryError && (error.holder !== undefined || error.code === 'changed-meanwhile');
        if (left === 0 || !again) throw error;
      }
    }
  }

  async #demandUnchanged(trx: Transaction<Schema>, judgedFor: Appliance): Promise<void> {
    const { version } = await this.#parts.appliances.lock(trx, judgedFor.id);
    if (version !== judgedFor.version) {
      throw new InventoryError(
        'changed-meanwhile',
        'Somebody changed this appliance while the upload was judged. Repeat it.',
      );
    }
  }

  async #passphraseOf(applianceId: string, { passphrase, passphraseSet }: Upload): Promise<Uint8Array | undefined> {
    if (passphraseSet !== true) return passphrase && new Uint8Array(passphrase);
    const kept = await this.#parts.identities.keptPassphrase(applianceId);
    if (kept === undefined) {
      throw new InventoryError(
        'no-passphrase-kept',
        'No passphrase came with an earlier certificate; give it with this one.',
      );
    }
    return kept;
  }

  /** The bundle with the key that was made here for its certificate; undefined where there is none. */
  async #withOwnKey(
    applianceId: string,
    { crt, chain }: Upload,
    without: OpenedBundle,
  ): Promise<OpenedBundle | undefined> {
    const certificate = without.crt.leaf?.certificate;
    if (certificate === undefined) return undefined;
    const pkcs8 = await keyFor(this.#parts, applianceId, certificate.subjectPublicKeyInfo.element.der());
    if (pkcs8 === undefined) return undefined;
    const key = Buffer.from(toPem('PRIVATE KEY', pkcs8));
    pkcs8.fill(0);
    try {
      return await this.#open({ crt, key, chain });
    } finally {
      key.fill(0);
    }
  }

  async #conclude(judged: Judged): Promise<UploadResult> {
    const { report, upload, appliance, actor, unknownRoot } = judged;
    const uploadId = randomUUID();
    const outcome = outcomeOf(report, upload.reason, appliance);
    const identity = outcome === 'staged' ? this.#identityRow(judged, uploadId) : undefined;
    const activateNow = identity !== undefined && identity.activate_at === null;
    const known = { uploadId, report, ...(unknownRoot !== undefined && { unknownRoot }) };
    const result = await this.#parts.store.db.transaction().execute(async (trx): Promise<UploadResult> => {
      await this.#demandUnchanged(trx, appliance);
      const row = { id: uploadId, appliance_id: appliance.id, name: upload.name, at: this.#now(), actor };
      const kept = { verdict: report.verdict, report: JSON.stringify(report), crt: certificatesOf(judged.bundle) };
      await trx
        .insertInto('uploads')
        .values({ ...row, ...kept, outcome, identity_id: identity?.id ?? null })
        .execute();
      if (identity === undefined) {
        const details = { upload: uploadId, verdict: report.verdict, rules: rulesOf(report.findings, report.verdict) };
        const subject = `appliance:${appliance.id}`;
        await this.#parts.audit.append(trx, { actor, action: `upload.${outcome}`, subject, details });
        return { ...known, outcome };
      }
      await this.#claimAll(trx, identity);
      await this.#parts.identities.stage(trx, identity, actor);
      if (!activateNow) return { ...known, outcome, identity: toIdentity(identity) };
      const active = await this.#parts.identities.activate(trx, appliance.id, { actor, identityId: identity.id });
      return { ...known, outcome: 'activated', identity: active };
    });
    if (result.identity !== undefined) this.#parts.identities.announce(appliance.id);
    return result;
  }

  async #claimAll(trx: Transaction<Schema>, identity: Selectable<Schema['identities']>): Promise<void> {
    const of = { applianceId: identity.appliance_id, now: identity.staged_at };
    await claim(trx, 'certificate', { value: identity.fingerprint, ...of });
    await claim(trx, 'key', { value: identity.spki_fingerprint, ...of });
    await claim(trx, 'commonName', { value: identity.cn_key, ...of });
    await dropPending(trx, identity.appliance_id, identity.spki_fingerprint);
  }

  #identityRow(
    { appliance, upload, bundle, report, origin }: Judged,
    uploadId: string,
  ): Selectable<Schema['identities']> {
    const id = randomUUID();
    const now = this.#now();
    const { vault } = this.#parts;
    const certificate = bundle.crt.leaf!.certificate!;
    const pem = (der: Uint8Array): string => toPem('CERTIFICATE', der);
    const chain = bundle.chain?.certificates.flatMap(({ certificate: ca }) => (ca === undefined ? [] : [pem(ca.der)]));
    const { passphrase } = bundle;
    const { activateAt } = upload;
    return {
      id,
      appliance_id: appliance.id,
      upload_id: uploadId,
      name: upload.name,
      origin,
      state: 'staged',
      crt_pem: pem(certificate.der),
      chain_pem: chain === undefined || chain.length === 0 ? null : chain.join(''),
      key_sealed: vault.seal(keyPlace(id), bundle.key!.pkcs8!),
      passphrase_sealed: passphrase === undefined ? null : vault.seal(passphrasePlace(id), passphrase),
      ...describe(certificate),
      crl: upload.crl ?? appliance.crl,
      verdict: letIn(report),
      reason: upload.reason?.trim() || null,
      staged_at: now,
      activate_at: activateAt === undefined || activateAt <= now ? null : activateAt,
      activated_at: null,
      activation_refused_at: null,
      activation_report: null,
      confirm_within_ms: upload.confirmWithinMs ?? null,
      confirm_by: null,
      confirmed_at: null,
      ended_at: null,
      previous_id: null,
    };
  }
}

interface Judged extends Judgement {
  readonly appliance: Appliance;
  readonly upload: Upload;
  readonly bundle: OpenedBundle;
  readonly actor: Actor;
  readonly origin: 'upload' | 'generated';
}

/**
 * What is unsupported is let in for a written reason. So is, under mandatory validation, what nobody could tell not to
 * be revoked: a CRL that says nothing about it must not pass for one that clears it.
 */
function outcomeOf(
  { verdict, notChecked }: Report,
  reason: string | null | undefined,
  { validation }: Appliance,
): 'refused' | 'reason-needed' | 'staged' {
  if (verdict === 'refused') return 'refused';
  const open = validation === 'mandatory' && notChecked.includes('revocation-status');
  return (verdict === 'unsupported' || open) && (reason ?? '').trim() === '' ? 'reason-needed' : 'staged';
}

const letIn = ({ verdict }: Report): 'accepted' | 'unsupported' =>
  verdict === 'accepted' ? 'accepted' : 'unsupported';

/** What is kept of the .crt file, PEM: its certificates alone, since people also put a key there by mistake. */
const certificatesOf = ({ crt }: OpenedBundle): Uint8Array =>
  Buffer.from(
    crt.content.blocks
      .filter(({ kind }) => kind === 'certificate' || kind === 'trusted-certificate')
      .map(({ der }) => toPem('CERTIFICATE', der))
      .join(''),
  );

const LONGEST_WAIT = 400 * 86_400_000;
const LONGEST_REASON = 2000;

/** @throws {InventoryError} `invalid` */
function demandForm({ name, reason, activateAt, confirmWithinMs }: Upload, now: number): void {
  const invalid = (message: string): never => {
    throw new InventoryError('invalid', message);
  };
  if (problemOfName(name) !== undefined) invalid('A certificate needs a name of 1 to 200 printable characters.');
  if ((reason?.length ?? 0) > LONGEST_REASON) invalid(`The reason may have ${LONGEST_REASON} characters at most.`);
  if (activateAt !== undefined && !(activateAt - now < LONGEST_WAIT)) {
    invalid('The time to activate must be a time within the next 400 days.');
  }
  if (confirmWithinMs !== undefined && !(confirmWithinMs >= 1 && confirmWithinMs <= LONGEST_CONFIRMATION)) {
    invalid('The time to confirm must be more than nothing and at most 7 days.');
  }
}
