import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDelta, numberOf } from '../../core/revocation/crl-facts.ts';
import { type OpenCrl, openCrl } from '../../core/revocation/open-crl.ts';
import { scopeKey } from '../../core/revocation/scope.ts';
import type { Name } from '../../core/x509/name.ts';

const DAY = 86_400;

/** What is kept beside a CRL. */
interface Entry {
  readonly url: string;
  readonly etag?: string;
  readonly lastModified?: string;
  /** Of the CRL's bytes: a file that was torn or touched is not used. */
  readonly sha256: string;
  /** Seconds since 1970. */
  readonly nextUpdate?: number;
}

export interface Held {
  readonly crl: OpenCrl;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

/** The newest CRL seen of one issuer and scope. */
interface Floor {
  readonly issuer: string;
  readonly number?: string;
  /** Seconds since 1970. */
  readonly thisUpdate: number;
}

/**
 * CRLs on disk, one for each URL, and for each issuer and scope how new the newest was that came, from whatever URL:
 * an older one never takes its place. Each file is written beside and renamed, so that none is ever half there.
 */
export class CrlCache {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Makes the folder, and clears away what nobody can use any more: CRLs a day past their nextUpdate, and what a run
   * that was killed left half written. How new the newest of each issuer was is never forgotten.
   * @param now seconds since 1970
   */
  async prepare(now: number): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    for (const file of await readdir(this.folder)) {
      const path = join(this.folder, file);
      if (file.endsWith('.json')) {
        const entry = await readJson<Entry>(path);
        if (entry?.nextUpdate !== undefined && entry.nextUpdate + DAY < now) await this.#drop(entry.url);
      } else if (file.endsWith('.part')) {
        // Another process may be writing it just now.
        const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
        if (mtimeMs / 1000 + DAY < now) await rm(path, { force: true });
      }
    }
  }

  /** Undefined where there is none, or none that is whole. */
  async get(url: string): Promise<Held | undefined> {
    const { crlFile, entryFile } = this.#paths(url);
    const entry = await readJson<Entry>(entryFile);
    if (entry?.url !== url) return undefined;
    const der = await readFile(crlFile).catch(() => undefined);
    if (der === undefined || sha256(der) !== entry.sha256) return undefined;
    return { crl: openCrl(der), etag: entry.etag, lastModified: entry.lastModified };
  }

  /** Why this one must not be taken: something newer is known. */
  async olderThanKnown(crl: OpenCrl): Promise<string | undefined> {
    const floor = await readJson<Floor>(this.#floorFile(crl));
    if (floor === undefined) return undefined;
    const number = numberOf(crl);
    if (number !== undefined && floor.number !== undefined && number < BigInt(floor.number)) {
      return `it has number ${number}, and number ${floor.number} was there already`;
    }
    if (crl.list.thisUpdate.seconds < floor.thisUpdate) {
      return 'it was made before one that was there already (thisUpdate)';
    }
    return undefined;
  }

  /** Keeps a CRL that has been judged good, and remembers how new it is. */
  async put(
    url: string,
    crl: OpenCrl,
    validators: { etag?: string | undefined; lastModified?: string | undefined },
  ): Promise<void> {
    const { crlFile, entryFile } = this.#paths(url);
    const { der } = crl.list;
    const number = numberOf(crl);
    const floor: Floor = {
      issuer: crl.issuer.canonical,
      thisUpdate: crl.list.thisUpdate.seconds,
      ...(number === undefined ? {} : { number: String(number) }),
    };
    const entry: Entry = {
      url,
      sha256: sha256(der),
      ...(crl.list.nextUpdate !== undefined && { nextUpdate: crl.list.nextUpdate.seconds }),
      ...(validators.etag === undefined ? {} : { etag: validators.etag }),
      ...(validators.lastModified === undefined ? {} : { lastModified: validators.lastModified }),
    };
    await this.#write(this.#floorFile(crl), JSON.stringify(floor));
    // The entry last: until it names the new bytes, the pair is not whole and is not used.
    await this.#write(crlFile, der);
    await this.#write(entryFile, JSON.stringify(entry));
  }

  /**
   * Forgets how new the CRLs of one issuer were: after a CA was restored from a backup, its numbers begin again lower.
   * Its CRLs are dropped, too. Returns how many records went.
   */
  async reset(issuer: Name): Promise<number> {
    let removed = 0;
    for (const file of await readdir(this.folder).catch(() => [])) {
      const path = join(this.folder, file);
      if (file.endsWith('.floor') && (await readJson<Floor>(path))?.issuer === issuer.canonical) {
        await rm(path, { force: true });
        removed++;
      } else if (file.endsWith('.json')) {
        const entry = await readJson<Entry>(path);
        const held = entry && (await this.get(entry.url));
        if (held?.crl.issuer.equals(issuer) === true) await this.#drop(entry!.url);
      }
    }
    return removed;
  }

  async #drop(url: string): Promise<void> {
    const { crlFile, entryFile } = this.#paths(url);
    await rm(entryFile, { force: true });
    await rm(crlFile, { force: true });
  }

  #paths(url: string): { crlFile: string; entryFile: string } {
    const base = join(this.folder, sha256(url).slice(0, 32));
    return { crlFile: `${base}.crl`, entryFile: `${base}.json` };
  }

  // Complete and delta CRLs, and each distribution point, count for themselves.
  #floorFile(crl: OpenCrl): string {
    const key = `${crl.issuer.canonical}\n${scopeKey(crl)}\n${isDelta(crl) ? 'delta' : 'complete'}`;
    return join(this.folder, `${sha256(key).slice(0, 32)}.floor`);
  }

  async #write(path: string, content: string | Uint8Array): Promise<void> {
    const temporary = `${path}.${randomBytes(6).toString('hex')}.part`;
    try {
      await writeFile(temporary, content, { mode: 0o600, flush: true });
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }
}

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    // Absent or torn: as if it were not there.
    return undefined;
  }
}
