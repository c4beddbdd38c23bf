import { hkdfSync } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadMasterKey } from '../../platform/vault/master-key.ts';
import { Vault, VaultError } from '../../platform/vault/vault.ts';
import type { Config } from '../config/config.ts';
import { type Feed, type Group, sha256Hex } from './feed.ts';

/** What was kept cannot be used, and nothing of it is; the message says why and what helps. */
export class CopyError extends Error {
  override readonly name = 'CopyError';
}

/**
 * A vault for copies of the feed alone, under a key that is derived from the master key: a process that runs channels
 * opens nothing else with it.
 * @throws {VaultError}
 */
export function copyVault({ masterKey, previousMasterKey, dataFolder }: Config): Vault {
  const derive = (source: Config['masterKey']): Uint8Array => {
    const key = loadMasterKey(source, dataFolder);
    const derived = new Uint8Array(hkdfSync('sha256', key, '', 'certgate channel copies', 32));
    key.fill(0);
    return derived;
  };
  const keys = [masterKey, ...(previousMasterKey === undefined ? [] : [previousMasterKey])].map(derive);
  const [current, ...previous] = keys;
  const vault = new Vault(current!, previous);
  for (const key of keys) key.fill(0);
  return vault;
}

/** What the inventory last said, kept so that channels start without the server. CRLs lie beside it in the clear. */
export class SealedCopy {
  readonly #path: string;
  readonly #crls: string;
  readonly #vault: Vault;
  readonly #place: { table: string; record: Group; field: string };

  constructor(folder: string, group: Group, vault: Vault) {
    this.#path = join(folder, 'feed.sealed');
    this.#crls = join(folder, 'crls');
    this.#vault = vault;
    this.#place = { table: 'channel-copies', record: group, field: 'feed' };
    mkdirSync(this.#crls, { recursive: true, mode: 0o700 });
  }

  /** Fingerprints of the CRLs that lie there; whether they are whole is seen when they are read. */
  heldCrls(): string[] {
    return readdirSync(this.#crls).flatMap((name) => /^([0-9a-f]{64})\.crl$/.exec(name)?.[1] ?? []);
  }

  /** Undefined where it is not there, or is not what its name says. */
  crl(fingerprint: string): Uint8Array | undefined {
    try {
      const der = new Uint8Array(readFileSync(this.#crlPath(fingerprint)));
      return sha256Hex(der) === fingerprint ? der : undefined;
    } catch {
      return undefined;
    }
  }

  keepCrl(fingerprint: string, der: Uint8Array): void {
    replace(this.#crlPath(fingerprint), der);
  }

  #crlPath(fingerprint: string): string {
    return join(this.#crls, `${fingerprint}.crl`);
  }

  /** After its CRLs were kept. Forgets those that it no longer names. */
  save(feed: Feed): void {
    const plain = Buffer.from(JSON.stringify(feed));
    replace(this.#path, this.#vault.seal(this.#place, plain));
    plain.fill(0);
    const named = new Set(feed.crls);
    for (const held of this.heldCrls()) if (!named.has(held)) rmSync(this.#crlPath(held), { force: true });
  }

  /** Undefined where nothing was kept yet. @throws {CopyError} */
  load(): Feed | undefined {
    if (!existsSync(this.#path)) return undefined;
    const plain = this.#open();
    try {
      const feed = JSON.parse(Buffer.from(plain.buffer, plain.byteOffset, plain.length).toString('utf8')) as Feed;
      if (feed.format !== 1) throw this.#refused('another version of Certgate wrote it');
      const missing = feed.crls.find((fingerprint) => this.crl(fingerprint) === undefined);
      if (missing !== undefined)
        throw this.#refused(`the CRL ${missing.slice(0, 16)}… beside it is missing or damaged`);
      return feed;
    } finally {
      plain.fill(0);
    }
  }

  #open(): Uint8Array {
    try {
      return this.#vault.open(this.#place, readFileSync(this.#path));
    } catch (error) {
      if (!(error instanceof VaultError)) throw this.#refused((error as Error).message);
      if (error.code !== 'other-master-key') throw this.#refused('it is damaged, or of another process');
      throw this.#refused('it was sealed on another host, or before the master key was changed');
    }
  }

  #refused(why: string): CopyError {
    return new CopyError(
      `What was kept in ${this.#path} cannot be used: ${why}. The channels stay shut until the server is reached; it then writes a new one.`,
    );
  }
}

/** The old or the new, whole, whenever the power fails. */
function replace(path: string, bytes: Uint8Array): void {
  writeFileSync(`${path}.new`, bytes, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
}
