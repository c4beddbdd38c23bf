import { createHash, randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Finding, Report } from '../../core/base/finding.ts';
import type { Crypto } from '../../core/base/ports.ts';
import { createBundleChecker } from '../../core/check/check-bundle.ts';
import { type OpenedBundle } from '../../core/files/bundle.ts';
import { openBundle, wipeBundle } from '../../core/files/open-bundle.ts';
import type { Profile } from '../../core/requirements/profile.ts';
import type { Fleet, FleetMatch } from '../../core/requirements/rule.ts';
import type { Certificate } from '../../core/x509/certificate.ts';
import { ATTRIBUTE } from '../../core/x509/name.ts';
import { toPem } from '../../making/issue/encode.ts';
import type { Schema } from '../../platform/store/schema.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Vault } from '../../platform/vault/vault.ts';
import type { Actor, AuditLog } from '../audit/audit-log.ts';
import { type Appliance, type Appliances, demandInService } from './appliances.ts';
import { claim, type ClaimKind, holderOf } from './claims.ts';
import { type Identities, type Identity, keyPlace, passphrasePlace, toIdentity } from './identities.ts';
import { InventoryError } from './inventory-error.ts';

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
  /** When to activate, in milliseconds; absent: at once. */
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
}

/** Where the gate gets its trust and its CRLs; only the inventory's anchors count. */
export interface TrustSource {
  anchors(): Promise<readonly Uint8Array[]>;
  /** CRLs that may concern a certificate of these files. */
  crls(bundle: OpenedBundle): Promise<readonly Uint8Array[]>;
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

/** Under validation `none` these are shown and refuse nothing; every other rule refuses all the same. */
const LOWERED_WITHOUT_VALIDATION = ['trust-path', 'revocation-status', 'crl-reachable', 'crl-current'] as const;

/** Uploads: nothing that a rule refuses becomes an appliance's identity, and no two appliances share one. */
export class Gate {
  readonly #parts: GateParts;
  readonly #now: () => number;

  constructor(parts: GateParts, now: () => number = Date.now) {
    this.#parts = parts;
    this.#now = now;
  }

  /**
   * Judges a bundle and, when it may, makes it the appliance's identity, whole or not at all. The attempt and its report
   * are kept in every case; the key of a refused one is not.
   * @throws {InventoryError} `not-found`, `retired`, `no-passphrase-kept`
   */
  async upload(applianceId: string, upload: Upload, actor: Actor): Promise<UploadResult> {
    const appliance = await this.#parts.appliances.byId(applianceId);
    demandInService(appliance);
    const passphrase = await this.#passphraseOf(applianceId, upload);
    const files = { crt: upload.crt, key: upload.key, chain: upload.chain, passphrase };
    const bundle = await openBundle(files, this.#parts.crypto);
    try {
      // Whoever loses a race for a name or a key is judged again: this time the report says who has it.
      for (let attempt = 0; ; attempt++) {
        const report = await this.#judge(appliance, upload, bundle, files);
        try {
          return await this.#conclude({ appliance, upload, bundle, report, actor });
        } catch (error) {
          if (attempt === 2 || !(error instanceof InventoryError) || error.holder === undefined) throw error;
        }
      }
    } finally {
      wipeBundle(bundle);
      passphrase?.fill(0);
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

  async #judge(
    appliance: Appliance,
    upload: Upload,
    bundle: OpenedBundle,
    files: Parameters<ReturnType<typeof createBundleChecker>>[0],
  ): Promise<Report> {
    const crl = upload.crl ?? appliance.crl;
    const fleet = await this.#fleetAround(appliance.id, bundle);
    const check = createBundleChecker(
      {
        at: new Date(this.#now()),
        name: upload.name,
        profile: profileOf(appliance),
        hostname: appliance.hostname,
        role: appliance.role,
        trust: await this.#parts.trust.anchors(),
        crl,
        ...(crl === 'on' && { crls: await this.#parts.trust.crls(bundle) }),
        fleet,
      },
      this.#parts.crypto,
    );
    return check(files);
  }

  /** The inventory's answers about this bundle, fetched before: rules ask synchronously. */
  async #fleetAround(applianceId: string, { crt, key }: OpenedBundle): Promise<Fleet> {
    const certificate = crt.leaf?.certificate;
    const matches = new Map<string, FleetMatch[]>();
    const look = async (kind: ClaimKind, value: string | undefined): Promise<void> => {
      if (value === undefined) return;
      const holder = await holderOf(this.#parts.store.db, kind, value);
      if (holder === undefined) return;
      const match = { appliance: holder.name, active: kind === 'commonName', same: holder.id === applianceId };
      matches.set(`${kind} ${value}`, [match]);
    };
    await look('commonName', certificate && commonNameKey(certificate));
    await look('certificate', certificate && sha256(certificate.der));
    await look('key', certificate && sha256(certificate.subjectPublicKeyInfo.element.der()));
    await look('key', key?.spki && sha256(key.spki));
    const found = (kind: ClaimKind, value: string): FleetMatch[] => matches.get(`${kind} ${value}`) ?? [];
    return {
      withCommonName: (cn) => found('commonName', cn),
      withCertificate: (fingerprint) => found('certificate', fingerprint),
      withKey: (fingerprint) => found('key', fingerprint),
    };
  }

  async #conclude(judged: Judged): Promise<UploadResult> {
    const { report, upload, appliance, actor } = judged;
    const uploadId = randomUUID();
    const outcome = outcomeOf(report, upload);
    const identity = outcome === 'staged' ? this.#identityRow(judged, uploadId) : undefined;
    const at = this.#now();
    const result = await this.#parts.store.db.transaction().execute(async (trx): Promise<UploadResult> => {
      const activateNow = identity !== undefined && identity.activate_at === null;
      await trx
        .insertInto('uploads')
        .values({
          id: uploadId,
          appliance_id: appliance.id,
          name: upload.name,
          at,
          actor,
          verdict: report.verdict,
          outcome: activateNow ? 'activated' : outcome,
          report: JSON.stringify(report),
          crt: upload.crt,
          identity_id: identity?.id ?? null,
        })
        .execute();
      if (identity === undefined) {
        const details = { upload: uploadId, verdict: report.verdict, rules: rulesOf(report.findings, report.verdict) };
        await this.#parts.audit.append(trx, {
          actor,
          action: `upload.${outcome}`,
          subject: `appliance:${appliance.id}`,
          details,
        });
        return { uploadId, outcome, report };
      }
      const of = { applianceId: appliance.id, now: at };
      await claim(trx, 'certificate', { value: identity.fingerprint, ...of });
      await claim(trx, 'key', { value: identity.spki_fingerprint, ...of });
      await claim(trx, 'commonName', { value: identity.cn_key, ...of });
      await this.#parts.identities.stage(trx, identity, actor);
      if (!activateNow) return { uploadId, outcome, report, identity: toIdentity(identity) };
      const { confirmWithinMs } = upload;
      const active = await this.#parts.identities.activate(trx, appliance.id, {
        actor,
        ...(confirmWithinMs !== undefined && { confirmWithinMs }),
      });
      return { uploadId, outcome: 'activated', report, identity: active };
    });
    if (result.outcome === 'activated') this.#parts.identities.announce(appliance.id);
    return result;
  }

  #identityRow({ appliance, upload, bundle, report }: Judged, uploadId: string): Selectable<Schema['identities']> {
    const id = randomUUID();
    const { vault } = this.#parts;
    const certificate = bundle.crt.leaf!.certificate!;
    const pem = (der: Uint8Array): string => toPem('CERTIFICATE', der);
    const chain = bundle.chain?.certificates.flatMap(({ certificate: ca }) => (ca === undefined ? [] : [pem(ca.der)]));
    const { passphrase } = bundle;
    return {
      id,
      appliance_id: appliance.id,
      upload_id: uploadId,
      name: upload.name,
      origin: 'upload',
      state: 'staged',
      crt_pem: pem(certificate.der),
      chain_pem: chain === undefined || chain.length === 0 ? null : chain.join(''),
      key_sealed: vault.seal(keyPlace(id), bundle.key!.pkcs8!),
      passphrase_sealed: passphrase === undefined ? null : vault.seal(passphrasePlace(id), passphrase),
      ...describe(certificate),
      crl: upload.crl ?? appliance.crl,
      verdict: report.verdict === 'accepted' ? 'accepted' : 'unsupported',
      reason: upload.reason ?? null,
      staged_at: this.#now(),
      activate_at: upload.activateAt ?? null,
      activated_at: null,
      confirm_by: null,
      confirmed_at: null,
      ended_at: null,
      previous_id: null,
    };
  }
}

interface Judged {
  readonly appliance: Appliance;
  readonly upload: Upload;
  readonly bundle: OpenedBundle;
  readonly report: Report;
  readonly actor: Actor;
}

function outcomeOf({ verdict }: Report, { reason }: Upload): 'refused' | 'reason-needed' | 'staged' {
  if (verdict === 'refused') return 'refused';
  return verdict === 'unsupported' && (reason === undefined || reason.trim() === '') ? 'reason-needed' : 'staged';
}

const rulesOf = (findings: readonly Finding[], verdict: Report['verdict']): string[] => [
  ...new Set(findings.filter(({ status }) => status === verdict).map(({ rule }) => rule)),
];

function profileOf({ profile, validation }: Appliance): string | Profile {
  if (validation === 'mandatory') return profile;
  const rules = Object.fromEntries(LOWERED_WITHOUT_VALIDATION.map((rule) => [rule, { severity: 'warning' as const }]));
  return {
    id: `${profile}-without-validation`,
    version: 1,
    title: `${profile}, validation none`,
    extends: profile,
    rules,
  };
}

/** What the inventory finds an identity by. */
export function describe(
  certificate: Certificate,
): Pick<
  Selectable<Schema['identities']>,
  'fingerprint' | 'spki_fingerprint' | 'subject' | 'cn' | 'cn_key' | 'not_before' | 'not_after'
> {
  return {
    fingerprint: sha256(certificate.der),
    spki_fingerprint: sha256(certificate.subjectPublicKeyInfo.element.der()),
    subject: certificate.subject.toString(),
    cn: certificate.subject.all(ATTRIBUTE.CN)[0]?.text ?? '',
    cn_key: commonNameKey(certificate) ?? '',
    not_before: certificate.notBefore.seconds * 1000,
    not_after: certificate.notAfter.seconds * 1000,
  };
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function commonNameKey({ subject }: Certificate): string | undefined {
  return subject.all(ATTRIBUTE.CN)[0]?.text.toLowerCase().replace(/\.$/, '');
}
