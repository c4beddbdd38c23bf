import type { Selectable } from 'kysely';
import type { Schema } from '../../platform/store/schema.ts';
import type { Place } from '../../platform/vault/vault.ts';

export type IdentityRow = Selectable<Schema['identities']>;

/** A bundle that was let in; what it says about itself, without its secrets. Times in milliseconds. */
export interface Identity {
  readonly id: string;
  readonly applianceId: string;
  readonly name: string;
  readonly origin: IdentityRow['origin'];
  readonly state: IdentityRow['state'];
  readonly fingerprint: string;
  readonly spkiFingerprint: string;
  readonly subject: string;
  readonly cn: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly crl: 'on' | 'off';
  readonly verdict: IdentityRow['verdict'];
  readonly reason: string | null;
  readonly stagedAt: number;
  readonly activateAt: number | null;
  readonly activatedAt: number | null;
  /** When its time had come and it was no longer let in; it waits for people then. */
  readonly activationRefusedAt: number | null;
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

export const toIdentity = (row: IdentityRow): Identity => ({
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
  activationRefusedAt: row.activation_refused_at,
  confirmBy: row.confirm_by,
  confirmedAt: row.confirmed_at,
  endedAt: row.ended_at,
});
