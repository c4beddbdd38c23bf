import type { Fleet, FleetMatch } from '../../core/requirements/rule.ts';
import { DerError } from '../../core/der/errors.ts';
import { identify } from '../../core/files/identify.ts';
import { Certificate } from '../../core/x509/certificate.ts';
import { ATTRIBUTE } from '../../core/x509/name.ts';
import type { Store } from '../../platform/store/store.ts';
import { type ClaimKind, holdersOf } from './claims.ts';
import { sha256 } from './fingerprint.ts';
import { InventoryError } from './inventory-error.ts';

/** Who else in the fleet has what a certificate says: at most one each. */
export type Matches = Readonly<Record<ClaimKind, readonly FleetMatch[]>>;

/** The inventory's answers about one certificate, fetched before it is judged: rules ask synchronously. */
export async function matchesAround(
  db: Store['db'],
  applianceId: string,
  certificate: Certificate | undefined,
): Promise<Matches> {
  const matches: Record<ClaimKind, FleetMatch[]> = { commonName: [], certificate: [], key: [] };
  if (certificate === undefined) return matches;
  const cn = commonNameKey(certificate);
  const wanted: { kind: ClaimKind; value: string }[] = [
    ...(cn === undefined ? [] : [{ kind: 'commonName' as const, value: cn }]),
    { kind: 'certificate', value: sha256(certificate.der) },
    { kind: 'key', value: sha256(certificate.subjectPublicKeyInfo.element.der()) },
  ];
  for (const { kind, id, name } of await holdersOf(db, wanted)) {
    matches[kind].push({ appliance: name, active: kind === 'commonName', same: id === applianceId });
  }
  return matches;
}

/** A bundle has one certificate and one key: whatever a rule asks about, it asks about these. */
export const asFleet = ({ commonName, certificate, key }: Matches): Fleet => ({
  withCommonName: () => commonName,
  withCertificate: () => certificate,
  withKey: () => key,
});

/**
 * The same for a check elsewhere.
 * @param file PEM or DER; its first certificate counts
 * @throws {InventoryError} `invalid` where it holds none
 */
export function matchesFor(db: Store['db'], applianceId: string, file: Uint8Array): Promise<Matches> {
  const block = identify(file).blocks.find(({ kind }) => kind === 'certificate' || kind === 'trusted-certificate');
  if (block === undefined) throw new InventoryError('invalid', 'This is no certificate, neither in PEM nor in DER.');
  try {
    return matchesAround(db, applianceId, Certificate.parse(block.der));
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new InventoryError('invalid', `The certificate cannot be read: ${error.message}.`);
  }
}

export function commonNameKey({ subject }: Certificate): string | undefined {
  return subject.all(ATTRIBUTE.CN)[0]?.text.toLowerCase().replace(/\.$/, '');
}
