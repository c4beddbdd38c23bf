import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { systemReason } from './failure.ts';
import { readUpTo } from './read.ts';

/** The files of one bundle, as they lie on the disk. */
export interface BundleFiles {
  /** What the report calls it: the path of its certificate, or of its key where there is no certificate. */
  readonly name: string;
  readonly crt: string | undefined;
  readonly key: string | undefined;
  /** Several only where a folder has several .pem files for all its bundles: they are read one after the other. */
  readonly chain: readonly string[];
}

/** A path that could not be opened; the others are judged all the same. */
export interface PathProblem {
  readonly path: string;
  readonly reason: string;
}

export interface Found {
  readonly bundles: readonly BundleFiles[];
  readonly problems: readonly PathProblem[];
}

type Role = 'crt' | 'key' | 'pem';

// `.cer` and `.der` are what Windows and CAs call a `.crt`.
const ROLES: Readonly<Record<string, Role>> = {
  '.crt': 'crt',
  '.cer': 'crt',
  '.der': 'crt',
  '.key': 'key',
  '.pem': 'pem',
};

/** Files by folder, in the order in which they were met; no file twice. */
class Pool {
  readonly folders = new Map<string, string[]>();
  readonly problems: PathProblem[] = [];
  readonly #seen = new Set<string>();

  add(path: string, identity: string): void {
    if (this.#seen.has(identity)) return;
    this.#seen.add(identity);
    const folder = dirname(path);
    const files = this.folders.get(folder);
    if (files === undefined) this.folders.set(folder, [path]);
    else files.push(path);
  }

  problem(path: string, error: unknown): void {
    this.problems.push({ path, reason: systemReason(error) });
  }
}

/**
 * The bundles that `paths` name. A folder counts with everything below it. Files that share a base name are a bundle,
 * and so is the one .crt/.key/.pem set of a folder; a .pem that shares no base name serves every bundle of its folder.
 */
export async function findBundles(paths: readonly string[]): Promise<Found> {
  const pool = new Pool();
  const wanted: string[] = [];
  for (const path of paths) {
    try {
      if ((await stat(path)).isDirectory()) {
        const before = pool.folders.size;
        await walk(path, pool);
        if (pool.folders.size === before) wanted.push(path);
      } else pool.add(path, await identityOf(path));
    } catch (error) {
      pool.problem(path, error);
    }
  }
  const bundles = [...pool.folders.values()].flatMap(bundlesOfFolder);
  // A folder may have been named twice; only one that has nothing at all is worth a word.
  for (const path of wanted) {
    if (bundles.some(({ name }) => name.startsWith(join(path, '/')))) continue;
    pool.problems.push({ path, reason: 'the folder holds no .crt, .key or .pem file' });
  }
  return { bundles, problems: pool.problems };
}

async function walk(folder: string, pool: Pool): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  const byName = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of byName) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.')) continue;
    try {
      // Links to folders are not followed: they lead in circles, and what they lead to can be named itself.
      if (entry.isDirectory()) await walk(path, pool);
      else if (roleOf(path) !== undefined && (await stat(path)).isFile()) pool.add(path, await identityOf(path));
    } catch (error) {
      pool.problem(path, error);
    }
  }
}

// A pipe of the shell (/dev/fd/63) can be opened and has no path of its own.
const identityOf = (path: string): Promise<string> => realpath(path).catch(() => path);

const roleOf = (path: string): Role | undefined => ROLES[extname(path).toLowerCase()];
const baseOf = (path: string): string => basename(path, extname(path));

function bundlesOfFolder(files: readonly string[]): BundleFiles[] {
  // A file that was named and has no known ending is taken for a certificate: what it really is, the report says.
  const of = (role: Role) => files.filter((file) => (roleOf(file) ?? 'crt') === role);
  const [crts, keys, pems] = [of('crt'), of('key'), of('pem')];
  if (crts.length === 1 && keys.length <= 1) return [bundle(crts[0], keys[0], pems)];

  const bases = new Set([...crts, ...keys].map(baseOf));
  const shared = pems.filter((pem) => !bases.has(baseOf(pem)));
  // Nothing but .pem files: each must be the certificate itself.
  if (bases.size === 0) return pems.map((pem) => bundle(pem, undefined, []));
  return [...bases].flatMap((base) => bundlesOfBase(base, { crts, keys, pems, shared }));
}

interface Sorted {
  readonly crts: readonly string[];
  readonly keys: readonly string[];
  readonly pems: readonly string[];
  readonly shared: readonly string[];
}

function bundlesOfBase(base: string, { crts, keys, pems, shared }: Sorted): BundleFiles[] {
  const own = (list: readonly string[]) => list.filter((file) => baseOf(file) === base);
  const [crt, ...more] = own(crts);
  const key = own(keys)[0];
  const pem = own(pems);
  // A .pem of the key's name where there is no .crt is the certificate: no chain comes without one.
  if (crt === undefined && pem.length > 0) return [bundle(pem[0], key, shared)];
  const chain = pem.length > 0 ? pem : shared;
  return [bundle(crt, key, chain), ...more.map((other) => bundle(other, key, chain))];
}

const bundle = (crt: string | undefined, key: string | undefined, chain: readonly string[]): BundleFiles => ({
  name: (crt ?? key)!,
  crt,
  key,
  chain,
});

/** The bytes of several PEM files as one, a line end between them. */
export async function readTogether(paths: readonly string[]): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (const path of paths) {
    if (parts.length > 0) parts.push(new Uint8Array([0x0a]));
    parts.push(await readUpTo(path));
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}
