import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CrlSource } from '../../src/core/base/ports.ts';
import type { OpenCrl } from '../../src/core/revocation/open-crl.ts';
import { toPem } from '../../src/making/encode/der.ts';
import { keyToPem, type NewKey, newKey } from '../../src/making/issue/key.ts';
import { createLabCa, type LabCa } from '../../src/making/issue/lab-ca.ts';
import { encodeName, subjectAttributes } from '../../src/making/encode/name-fields.ts';
import { nodeCrypto } from '../../src/platform/crypto/node-crypto.ts';
import { openSqliteStore } from '../../src/platform/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/platform/store/store.ts';
import { Vault } from '../../src/platform/vault/vault.ts';
import { AuditLog } from '../../src/service/audit/audit-log.ts';
import { Anchors } from '../../src/service/inventory/anchors.ts';
import { type Appliance, Appliances, type NewAppliance } from '../../src/service/inventory/appliances.ts';
import { ChangeFeed } from '../../src/service/inventory/change-feed.ts';
import { Crls } from '../../src/service/inventory/crls.ts';
import { Gate, type Upload } from '../../src/service/inventory/gate.ts';
import { Identities } from '../../src/service/inventory/identities.ts';
import { PendingKeys } from '../../src/service/inventory/pending-keys.ts';
import { Scheduler } from '../../src/service/inventory/scheduler.ts';
import { Fleet } from '../../src/service/inventory/standing/fleet.ts';
import { inventoryTrust } from '../../src/service/inventory/trust.ts';

const DAY = 86_400_000;

/** A clock that stands still unless moved. */
export interface Clock {
  now: number;
}

export interface Secrets {
  readonly masterKey: Uint8Array;
  readonly auditKey: Uint8Array;
}

export const newSecrets = (): Secrets => ({ masterKey: randomBytes(32), auditKey: randomBytes(32) });

export interface Wiring {
  readonly clock?: Clock | undefined;
  readonly secrets?: Secrets;
  readonly source?: CrlSource<OpenCrl>;
}

/** The services of the inventory upon a store, as the server joins them. */
export function inventoryOn(store: Store, { clock, secrets = newSecrets(), source }: Wiring = {}) {
  const now = clock === undefined ? Date.now : (): number => clock.now;
  const vault = new Vault(secrets.masterKey);
  const audit = new AuditLog(store, secrets.auditKey, now);
  const appliances = new Appliances(store, audit, now);
  const identities = new Identities({ store, vault, audit }, now);
  const anchors = new Anchors(store, audit, now);
  const crls = new Crls({ store, audit, anchors, crypto: nodeCrypto, source }, now);
  const trust = inventoryTrust(anchors, crls);
  const gate = new Gate({ store, vault, audit, appliances, identities, trust, crypto: nodeCrypto }, now);
  const pendingKeys = new PendingKeys({ store, vault, audit, appliances, identities }, now);
  const errors: unknown[] = [];
  const scheduler = new Scheduler({ gate, identities, onError: (error) => errors.push(error) }, now);
  const feed = new ChangeFeed({ store, audit, onError: (error) => errors.push(error) }, now);
  const onError = (error: unknown): unknown => errors.push(error);
  const fleet = new Fleet({ store, feed, crls, crypto: nodeCrypto, onError }, now);
  return {
    store,
    vault,
    audit,
    appliances,
    identities,
    anchors,
    crls,
    gate,
    pendingKeys,
    scheduler,
    feed,
    fleet,
    errors,
  };
}

export type Inventory = ReturnType<typeof inventoryOn>;

/** A CA, keys, and databases in a folder of their own. */
export class FleetLab {
  readonly folder: string;
  readonly ca: LabCa;
  readonly clock: Clock;
  readonly keys: readonly NewKey[];
  #databases = 0;
  #open: Store[] = [];

  constructor(folder: string, ca: LabCa, clock: Clock, keys: readonly NewKey[]) {
    this.folder = folder;
    this.ca = ca;
    this.clock = clock;
    this.keys = keys;
  }

  static async create(options: { keys: number; crlBaseUrl?: string }): Promise<FleetLab> {
    const folder = mkdtempSync(join(tmpdir(), 'certgate-fleet-'));
    const clock = { now: Date.now() };
    const [ca, ...keys] = await Promise.all([
      createLabCa(join(folder, 'ca'), {
        name: 'Lab',
        organization: 'Contoso',
        country: 'US',
        passphrase: 'x',
        now: new Date(clock.now - DAY),
        ...(options.crlBaseUrl !== undefined && { crlBaseUrl: options.crlBaseUrl }),
      }),
      ...Array.from({ length: options.keys }, () => newKey(2048)),
    ]);
    return new FleetLab(folder, ca, clock, keys);
  }

  async close(): Promise<void> {
    await this.closeStores();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async closeStores(): Promise<void> {
    for (const store of this.#open.splice(0)) await store.close();
  }

  /** A new database with the CA's root as its anchor, unless `trusting` is false. */
  async inventory(wiring: Wiring & { trusting?: boolean } = {}): Promise<Inventory> {
    const store = await openSqliteStore(join(this.folder, `${this.#databases++}.db`));
    this.#open.push(store);
    const inventory = inventoryOn(store, { clock: this.clock, ...wiring });
    if (wiring.trusting !== false) await this.trust(inventory);
    return inventory;
  }

  async trust({ anchors }: Pick<Inventory, 'anchors'>): Promise<void> {
    const [candidate] = anchors.inspect(this.ca.root.certificate);
    await anchors.add({ file: this.ca.root.certificate, fingerprint: candidate!.fingerprint }, 'ada');
  }

  certificate(
    hostname: string,
    spki: Uint8Array,
    options: { days?: number; crlUrl?: string; unit?: string } = {},
  ): Uint8Array {
    const { unit = 'Plant' } = options;
    const subject = { country: 'US', organization: 'Contoso', organizationalUnit: unit, commonName: hostname };
    return this.ca.sign({
      subject: encodeName(subjectAttributes(subject)),
      subjectPublicKeyInfo: spki,
      names: [hostname],
      notBefore: new Date(this.clock.now - 3_600_000),
      notAfter: new Date(this.clock.now + (options.days ?? 300) * DAY),
      crlUrl: options.crlUrl,
    });
  }

  /** What its administrator uploads for `hostname`. */
  bundle(
    hostname: string,
    key: NewKey,
    options: { days?: number; crlUrl?: string; unit?: string; passphrase?: string } = {},
  ): Upload & { key: Uint8Array } {
    const { passphrase } = options;
    return {
      name: hostname,
      crt: pem(this.certificate(hostname, key.spki, options)),
      key: Buffer.from(keyToPem(key.privateKey, passphrase)),
      chain: Buffer.from(this.ca.chainPem),
      passphrase: passphrase === undefined ? undefined : Buffer.from(passphrase),
    };
  }
}

export const pem = (der: Uint8Array): Buffer => Buffer.from(toPem('CERTIFICATE', der));

export const sensor = (
  { appliances }: Pick<Inventory, 'appliances'>,
  name: string,
  more: Partial<NewAppliance> = {},
): Promise<Appliance> => appliances.create({ name, hostname: `${name}.contoso.com`, ...more }, 'ada');
