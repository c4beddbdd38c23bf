import { randomUUID } from 'node:crypto';
import { sha256 } from '../../src/service/inventory/fingerprint.ts';
import { describe as described } from '../../src/service/inventory/judging.ts';
import { parseCertificate } from '../../src/core/x509/certificate.ts';
import { toPem } from '../../src/making/encode/der.ts';
import type { Store } from '../../src/platform/store/store.ts';

export interface Stock {
  /** DER, and its chain as PEM. */
  readonly certificates: readonly { readonly der: Uint8Array; readonly chain: string }[];
  readonly count: number;
}

const AT_ONCE = 250;

/**
 * Puts so many sensors with an active certificate straight into the database, as years of uploads would: Sensor 0 on
 * site 0, and so on. Each certificate of `certificates` serves many, which the gate would never let in.
 */
export async function stock({ db }: Store, { certificates, count }: Stock): Promise<void> {
  const now = Date.now();
  const sites = Array.from({ length: 20 }, (_, i) => ({ id: randomUUID(), name: `Site ${i}`, name_key: `site ${i}` }));
  await db.insertInto('sites').values(sites).execute();
  const kinds = certificates.map(({ der, chain }) => ({
    ...described(parseCertificate(der)),
    crt_pem: toPem('CERTIFICATE', der),
    chain_pem: chain === '' ? null : chain,
  }));
  for (let first = 0; first < count; first += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, i) => first + i);
    const appliances = numbers.map((i) => ({
      id: randomUUID(),
      name: `Sensor ${i}`,
      name_key: `sensor ${i}`,
      hostname: `sensor-${i}.contoso.com`,
      role: 'sensor' as const,
      sensor_id: null,
      site_id: sites[i % 20]!.id,
      zone_id: null,
      validation: 'mandatory' as const,
      crl: 'off' as const,
      profile: 'defender-iot',
      created_at: now,
      updated_at: now,
      version: 1,
      retired_at: null,
    }));
    await db.insertInto('appliances').values(appliances).execute();
    const identities = numbers.map((i, k) => ({
      id: randomUUID(),
      appliance_id: appliances[k]!.id,
      upload_id: null,
      name: `Sensor ${i}`,
      origin: 'upload' as const,
      state: 'active' as const,
      ...kinds[i % kinds.length]!,
      cn_key: `sensor-${i}.contoso.com`,
      fingerprint: sha256(`${i}`),
      key_sealed: new Uint8Array(),
      passphrase_sealed: null,
      crl: 'off' as const,
      verdict: 'accepted' as const,
      reason: null,
      staged_at: now,
      activate_at: null,
      activated_at: now,
      activation_refused_at: null,
      activation_report: null,
      confirm_within_ms: null,
      confirm_by: null,
      confirmed_at: null,
      ended_at: null,
      previous_id: null,
    }));
    await db.insertInto('identities').values(identities).execute();
  }
}
