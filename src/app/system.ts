import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { nodeCrypto } from '../platform/crypto/node-crypto.ts';
import { CrlFetcher } from '../platform/fetch/crl-fetcher.ts';
import { openPostgresStore } from '../platform/store/postgres/postgres-store.ts';
import { openSqliteStore } from '../platform/store/sqlite/sqlite-store.ts';
import { type Store, StoreError } from '../platform/store/store.ts';
import { loadMasterKey } from '../platform/vault/master-key.ts';
import { demandMasterKey } from '../platform/vault/rotation.ts';
import { Vault, VaultError } from '../platform/vault/vault.ts';
import { Idempotency } from '../service/access/idempotency.ts';
import { Sessions } from '../service/access/sessions.ts';
import { Setup } from '../service/access/setup.ts';
import { Tokens } from '../service/access/tokens.ts';
import { Users } from '../service/access/users.ts';
import { AuditLog } from '../service/audit/audit-log.ts';
import { Anchors } from '../service/inventory/anchors.ts';
import { type ApplianceDefaults, changeDefaults, readDefaults } from '../service/inventory/appliance-defaults.ts';
import { Appliances } from '../service/inventory/appliances.ts';
import { CrlAttempts } from '../service/inventory/crl-attempts.ts';
import { crlsFor } from '../service/inventory/crls-for.ts';
import { Crls } from '../service/inventory/crls.ts';
import { matchesFor } from '../service/inventory/fleet-around.ts';
import { Gate } from '../service/inventory/gate.ts';
import { Identities } from '../service/inventory/identities.ts';
import { PendingKeys } from '../service/inventory/pending-keys.ts';
import { Scheduler } from '../service/inventory/scheduler.ts';
import { inventoryTrust } from '../service/inventory/trust.ts';
import { UploadHistory } from '../service/inventory/upload-history.ts';
import { importAppliances } from '../service/inventory/csv-import.ts';
import { type ExportWish, exportIdentity } from '../service/inventory/export.ts';
import { joinChannels } from './channels/join-channels.ts';
import { checkAlone } from './check-alone.ts';
import { loadAuditKey } from './audit-key.ts';
import type { Config } from './config/config.ts';
import { crlFetching } from './crl-fetching.ts';
import { ensureConsole } from './console/install.ts';
import type { Logger } from './logger.ts';
import { Watch } from './watch.ts';

/** Everything that runs, joined; without a listener. */
export type System = Awaited<ReturnType<typeof openSystem>>;

export const databasePath = (config: Config): string => join(config.dataFolder, 'certgate.db');

/**
 * Opens the database (and brings it up to date), the vault and the services upon them. Commands on the host use it as
 * the server does.
 * @throws {StoreError | VaultError}
 */
export async function openSystem(config: Config, log: Logger) {
  makeDataFolder(config);
  const vault = openVault(config);
  const store = await openStore(config, log);
  try {
    await demandMasterKey(store, vault);
    return await assemble(config, { store, vault, log });
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function assemble(config: Config, { store, vault, log }: { store: Store; vault: Vault; log: Logger }) {
  const audit = new AuditLog(store, await loadAuditKey(store, vault));
  const users = new Users(store, audit);
  const sessions = new Sessions(store, users);
  const tokens = new Tokens({ store, users, audit });
  const setup = new Setup(store, users);
  const appliances = new Appliances(store, audit);
  const identities = new Identities({ store, vault, audit });
  const anchors = new Anchors(store, audit);
  const attempts = new CrlAttempts();
  const source = attempts.noting(crlFetcher(config));
  const crls = new Crls({ store, audit, anchors, crypto: nodeCrypto, source });
  const trust = inventoryTrust(anchors, crls);
  const gate = new Gate({ store, vault, audit, appliances, identities, trust, crypto: nodeCrypto });
  const pendingKeys = new PendingKeys({ store, vault, audit, appliances, identities });
  const scheduler = new Scheduler({
    gate,
    identities,
    onError: (error, appliance) => log.error({ err: error, appliance }, 'what was planned failed; it is tried again'),
  });
  const crlsEveryMs = config.crlRefreshMinutes * 60_000;
  const watched = { store, audit, identities, anchors, crls, attempts, crlsEveryMs };
  const watch = new Watch(watched, log);
  const channels = joinChannels({ ...watched, appliances }, log);
  await ensureConsole({ store, vault, audit, appliances, identities }, config.hostname);
  return {
    config,
    store,
    vault,
    scheduler,
    channels,
    watch,
    services: {
      setup,
      users,
      sessions,
      tokens,
      audit,
      appliances,
      identities,
      pendingKeys,
      fleet: watch.fleet,
      fleetList: watch.fleetList,
      events: watch.events,
      crlRefresher: watch.refresher,
      claimsFor: (applianceId: string, certificate: Uint8Array) => matchesFor(store.db, applianceId, certificate),
      crlsFor: (files: { crt: Uint8Array; chain?: Uint8Array }) =>
        crlsFor(files, { trust, crypto: nodeCrypto, now: Date.now() }),
      uploads: new UploadHistory(store),
      idempotency: new Idempotency(store),
      anchors,
      crls,
      gate,
      check: checkAlone,
      ...channels.services,
      ...inventoryActions({ store, audit, appliances, identities }),
    },
  };
}

/** What is done to the inventory as a whole. */
const inventoryActions = (parts: {
  store: Store;
  audit: AuditLog;
  appliances: Appliances;
  identities: Identities;
}) => ({
  settings: {
    read: () => readDefaults(parts.store.db),
    change: (version: number, change: Partial<ApplianceDefaults>, actor: string) =>
      changeDefaults(parts, { version, change }, actor),
  },
  importCsv: (file: Uint8Array, actor: string) => importAppliances(parts, file, actor),
  exportIdentity: (id: string, wish: ExportWish, actor: string) => exportIdentity(parts, id, { wish, actor }),
});

/** @throws {StoreError} */
function makeDataFolder({ dataFolder }: Config): void {
  try {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    chmodSync(dataFolder, 0o700);
  } catch (error) {
    const why = (error as Error).message;
    throw new StoreError(
      'unreachable',
      `The data folder ${dataFolder} cannot be used (${why}). Name another: --data FOLDER.`,
    );
  }
}

/** The vault under the configured master key; one that was replaced can be given beside it. @throws {VaultError} */
export function openVault(config: Config): Vault {
  const { masterKey, previousMasterKey, dataFolder } = config;
  demandKeyOfDatabase(config);
  const current = loadMasterKey(masterKey, dataFolder);
  const previous = previousMasterKey === undefined ? [] : [loadMasterKey(previousMasterKey, dataFolder)];
  const vault = new Vault(current, previous);
  for (const key of [current, ...previous]) key.fill(0);
  return vault;
}

/** A new key opens nothing of an old database: none is made beside one. @throws {VaultError} */
function demandKeyOfDatabase(config: Config): void {
  const { file } = config.masterKey;
  if (file === undefined || existsSync(file) || !existsSync(databasePath(config))) return;
  throw new VaultError(
    'no-master-key',
    `There is no master key at ${file}, and ${databasePath(config)} was sealed with one. Put it back there, or say where it is: masterKey.file.`,
  );
}

export async function openStore(config: Config, log: Logger): Promise<Store> {
  if (config.database !== 'sqlite') {
    return openPostgresStore(config.database, (error) => log.warn({ err: error }, 'a database connection was lost'));
  }
  return openSqliteStore(databasePath(config));
}

const crlFetcher = (config: Config): CrlFetcher =>
  new CrlFetcher({
    folder: join(config.dataFolder, 'crl-cache'),
    now: () => Math.floor(Date.now() / 1000),
    ...crlFetching(config),
  });
