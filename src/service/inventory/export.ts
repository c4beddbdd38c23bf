import { parseCertificate } from '../../core/x509/certificate.ts';
import { identify } from '../../core/files/identify.ts';
import { writePkcs12 } from '../../making/convert/write-pkcs12.ts';
import { keyFromPkcs8, keyToPem } from '../../making/issue/key.ts';
import { unsupportedCharacters } from '../../making/issue/passphrase.ts';
import type { Actor, AuditLog } from '../audit/audit-log.ts';
import type { Appliances } from './appliances.ts';
import type { Identities, IdentityMaterial } from './identities.ts';
import { InventoryError } from './inventory-error.ts';

export interface ExportParts {
  readonly audit: AuditLog;
  readonly appliances: Appliances;
  readonly identities: Identities;
}

/** One file of an export. `secret`: mode 0600, and no place but where it is needed. */
export interface ExportedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly secret: boolean;
}

export interface ExportWish {
  /** `folder`: .crt, .key and .pem, as the appliance's upload form takes them. */
  readonly format: 'folder' | 'pkcs12';
  /** Encrypts the key; a PKCS#12 file has to have one. */
  readonly passphrase?: string | undefined;
  /** The bundle that waits for its time, in place of the active one: for an appliance that is prepared beforehand. */
  readonly which?: 'active' | 'staged' | undefined;
}

const SHORTEST_PASSPHRASE = 8;

/**
 * The bundle of an appliance as files that leave Certgate, private key included: for administrators, and noted in the
 * audit log before anything is handed out.
 * @throws {InventoryError} `not-found` (no such appliance, no certificate yet), `invalid` (the passphrase)
 */
export async function exportIdentity(
  parts: ExportParts,
  applianceId: string,
  { wish, actor }: { wish: ExportWish; actor: Actor },
): Promise<ExportedFile[]> {
  const { identities, appliances, audit } = parts;
  const { hostname, name } = await appliances.byId(applianceId);
  demandPassphrase(wish);
  const which = wish.which ?? 'active';
  const material =
    which === 'active' ? await identities.material(applianceId) : await identities.stagedMaterial(applianceId);
  if (material === undefined) {
    const what = which === 'active' ? 'has no certificate yet' : 'has no certificate that waits to be activated';
    throw new InventoryError('not-found', `${name} ${what}.`);
  }
  try {
    const base = hostname.toLowerCase().replace(/\.$/, '');
    const files =
      wish.format === 'folder' ? folderOf(material, base, wish.passphrase) : [await pkcs12Of(material, base, wish)];
    const { identity } = material;
    const details = {
      identity: identity.id,
      fingerprint: identity.fingerprint,
      format: wish.format,
      encrypted: wish.passphrase !== undefined,
    };
    await audit.record({ actor, action: 'identity.exported', subject: `appliance:${applianceId}`, details });
    return files;
  } finally {
    material.key.fill(0);
  }
}

function demandPassphrase({ format, passphrase }: ExportWish): void {
  if (passphrase === undefined) {
    if (format === 'folder') return;
    throw new InventoryError('invalid', 'A PKCS#12 file is encrypted: give a passphrase for it.');
  }
  if (passphrase.length < SHORTEST_PASSPHRASE) {
    throw new InventoryError('invalid', `The passphrase needs at least ${SHORTEST_PASSPHRASE} characters.`);
  }
  const unsupported = unsupportedCharacters(passphrase);
  if (unsupported.length > 0) {
    throw new InventoryError(
      'invalid',
      `The appliance does not take every character of the passphrase: ${unsupported.join(', ')}.`,
    );
  }
}

function folderOf(
  { crtPem, chainPem, key }: IdentityMaterial,
  base: string,
  passphrase: string | undefined,
): ExportedFile[] {
  const text = (extension: string, content: string, secret = false): ExportedFile => ({
    name: `${base}.${extension}`,
    bytes: Buffer.from(content),
    secret,
  });
  return [
    text('crt', crtPem),
    text('key', keyToPem(keyFromPkcs8(key), passphrase), true),
    ...(chainPem === null ? [] : [text('pem', chainPem)]),
  ];
}

async function pkcs12Of(
  { crtPem, chainPem, key }: IdentityMaterial,
  base: string,
  { passphrase }: ExportWish,
): Promise<ExportedFile> {
  const secret = Buffer.from(passphrase ?? '');
  const localKeyId = Uint8Array.of(1);
  const [own, ...chain] = identify(Buffer.from(crtPem + (chainPem ?? ''))).blocks.map(
    ({ der }) => parseCertificate(der).der,
  );
  try {
    const bytes = await writePkcs12({
      key: { pkcs8: key, friendlyName: base, localKeyId },
      certificates: [{ der: own!, friendlyName: base, localKeyId }, ...chain.map((der) => ({ der }))],
      passphrase: secret,
      protection: 'modern',
    });
    return { name: `${base}.p12`, bytes, secret: true };
  } finally {
    secret.fill(0);
  }
}
