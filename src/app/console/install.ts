import { randomUUID } from 'node:crypto';
import { parseCertificate } from '../../core/x509/certificate.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Vault } from '../../platform/vault/vault.ts';
import type { AuditLog } from '../../service/audit/audit-log.ts';
import { type Appliances, CONSOLE_ID } from '../../service/inventory/appliances.ts';
import { claim } from '../../service/inventory/claims.ts';
import { describe } from '../../service/inventory/judging.ts';
import { type Identities, keyPlace } from '../../service/inventory/identities.ts';
import { makeSelfSigned } from './self-signed.ts';

export interface ConsoleParts {
  readonly store: Store;
  readonly vault: Vault;
  readonly audit: AuditLog;
  readonly appliances: Appliances;
  readonly identities: Identities;
}

/** Makes the console an appliance like the others, with a self-signed certificate, where it is none yet. */
export async function ensureConsole(parts: ConsoleParts, hostname: string): Promise<void> {
  const { store, appliances, identities } = parts;
  const exists = store.db.selectFrom('appliances').select('id').where('id', '=', CONSOLE_ID).executeTakeFirst();
  if ((await exists) === undefined) {
    const input = { name: 'Certgate console', hostname };
    try {
      await store.db.transaction().execute((trx) => appliances.insert(trx, input, 'system', CONSOLE_ID));
    } catch (error) {
      // Another node was first.
      if (store.violatedUnique(error) === undefined) throw error;
    }
  }
  if ((await identities.active(CONSOLE_ID)) !== undefined) return;
  try {
    await installSelfSigned(parts, { hostname, actor: 'system' });
  } catch (error) {
    if (store.violatedUnique(error) === undefined) throw error;
  }
}

/** Gives the console a new self-signed certificate, at once. What it had before stays for a roll-back. */
export async function installSelfSigned(
  { store, vault, identities }: ConsoleParts,
  { hostname, actor }: { hostname: string; actor: string },
): Promise<void> {
  const made = await makeSelfSigned(hostname, new Date());
  const id = randomUUID();
  const at = Date.now();
  const described = describe(parseCertificate(made.certificate));
  try {
    await store.db.transaction().execute(async (trx) => {
      const of = { applianceId: CONSOLE_ID, now: at };
      await claim(trx, 'certificate', { value: described.fingerprint, ...of });
      await claim(trx, 'key', { value: described.spki_fingerprint, ...of });
      await claim(trx, 'commonName', { value: described.cn_key, ...of });
      const row = {
        id,
        appliance_id: CONSOLE_ID,
        upload_id: null,
        name: 'self-signed',
        origin: 'self-signed',
        state: 'staged',
        crt_pem: made.certificates,
        chain_pem: null,
        key_sealed: vault.seal(keyPlace(id), made.key),
        passphrase_sealed: null,
        ...described,
        crl: 'off',
        verdict: 'unsupported',
        reason: 'made by Certgate',
        staged_at: at,
        activate_at: null,
        activated_at: null,
        activation_refused_at: null,
        activation_report: null,
        confirm_within_ms: null,
        confirm_by: null,
        confirmed_at: null,
        ended_at: null,
        previous_id: null,
      } as const;
      await identities.stage(trx, row, actor);
      await identities.activate(trx, CONSOLE_ID, { actor });
    });
  } finally {
    made.key.fill(0);
  }
  identities.announce(CONSOLE_ID);
}
