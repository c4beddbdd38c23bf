import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createBundleChecker } from '../core/check/check-bundle.ts';
import { nodeCrypto } from '../platform/crypto/node-crypto.ts';
import { SERVICE_POLICY } from '../platform/fetch/address-guard.ts';
import { CrlFetcher } from '../platform/fetch/crl-fetcher.ts';
import { explicitProxy, proxyFromEnvironment } from '../platform/fetch/proxy.ts';
import { openPostgresStore } from '../platform/store/postgres/postgres-store.ts';
import { openSqliteStore } from '../platform/store/sqlite/sqlite-store.ts';
import type { Store } from '../platform/store/store.ts';
import { loadMasterKey } from '../platform/vault/master-key.ts';
import { Vault } from '../platform/vault/vault.ts';
import { Sessions } from '../service/access/sessions.ts';
import { Setup } from '../service/access/setup.ts';
import { Tokens } from '../service/access/tokens.ts';
import { Users } from '../service/access/users.ts';
import { AuditLog } from '../service/audit/audit-log.ts';
import { Anchors } from '../service/inventory/anchors.ts';
import { Appliances } from '../service/inventory/appliances.ts';
import { Crls } from '../service/inventory/crls.ts';
import { Gate } from '../service/inventory/gate.ts';
import { Identities } from '../service/inventory/identities.ts';
import { inventoryTrust } from '../service/inventory/trust.ts';
import { loadAuditKey } from './audit-key.ts';
import type { Config } from './config/config.ts';
import { ensureConsole } from './console/install.ts';
import type { Logger } from './logger.ts';

/** Everything that runs, joined; without a listener. */
export type System = Awaited<ReturnType<typeof openSystem>>;

export const databasePath = (config: Config): string => join(config.dataFolder, 'certgate.db');

/**
 * Opens the database (and brings it up to date), the vault and the services upon them. Commands on the host use it as
 * the server does.
 * @throws {StoreError | VaultError}
 */
export async function openSystem(config: Config, log: Logger) {
  mkdirSync(config.dataFolder, { recursive: true, mode: 0o700 });
  if (process.platform !== 'win32') chmodSync(config.dataFolder, 0o700);
  const masterKey = loadMasterKey(config.masterKey, config.dataFolder);
  const vault = new Vault(masterKey);
  masterKey.fill(0);
  const store = await openStore(config, log);
  try {
    return await assemble(config, store, vault);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function assemble(config: Config, store: Store, vault: Vault) {
  const audit = new AuditLog(store, await loadAuditKey(store, vault));
  const users = new Users(store, audit);
  const sessions = new Sessions(store, users);
  const tokens = new Tokens({ store, users, audit });
  const setup = new Setup(store, users);
  const appliances = new Appliances(store, audit);
  const identities = new Identities({ store, vault, audit });
  const anchors = new Anchors(store, audit);
  const crls = new Crls({ store, audit, anchors, crypto: nodeCrypto, source: crlFetcher(config) });
  const trust = inventoryTrust(anchors, crls);
  const gate = new Gate({ store, vault, audit, appliances, identities, trust, crypto: nodeCrypto });
  await ensureConsole({ store, vault, audit, appliances, identities }, config.hostname);
  const check = (
    files: Parameters<ReturnType<typeof createBundleChecker>>[0],
    options: Omit<Parameters<typeof createBundleChecker>[0], 'at'> & { at?: Date | string },
  ) => createBundleChecker({ ...options, at: options.at ?? new Date() }, nodeCrypto)(files);
  return {
    config,
    store,
    vault,
    services: { setup, users, sessions, tokens, audit, appliances, identities, anchors, crls, gate, check },
  };
}

async function openStore(config: Config, log: Logger): Promise<Store> {
  if (config.database !== 'sqlite') {
    return openPostgresStore(config.database, (error) => log.warn({ err: error }, 'a database connection was lost'));
  }
  return openSqliteStore(databasePath(config));
}

const crlFetcher = ({ dataFolder, crlProxy, crlHosts }: Config): CrlFetcher =>
  new CrlFetcher({
    folder: join(dataFolder, 'crl-cache'),
    now: () => Math.floor(Date.now() / 1000),
    policy: { ...SERVICE_POLICY, hosts: crlHosts },
    proxies: crlProxy === undefined ? proxyFromEnvironment(process.env) : explicitProxy(crlProxy),
  });
