import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of the console, as it is sent. */
export interface WebFile {
  readonly bytes: Buffer;
  readonly type: string;
  /** Undefined: as it is. */
  readonly encoding: 'br' | 'gzip' | undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  json: 'application/json',
  svg: 'image/svg+xml',
  png: 'image/png',
  woff2: 'font/woff2',
  wasm: 'application/wasm',
  txt: 'text/plain; charset=utf-8',
};
const SUFFIX = { br: '.br', gzip: '.gz' } as const;

/**
 * The built console: `index.html`, `assets/` (each name with the hash of its content) and files to take away beside
 * them. A name that the folder's listing does not have is not looked for, so that no path leads out of it. What was read
 * once stays in memory, and is served on after a new build has replaced it: pages that are open still ask for it.
 */
export class WebFiles {
  readonly #folder: string;
  readonly #read = new Map<string, Promise<Buffer>>();
  #listed = new Set<string>();
  #index: { readonly builtAt: number; readonly html: string } | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Undefined where there is no build. */
  async index(): Promise<string | undefined> {
    const path = join(this.#folder, 'index.html');
    try {
      const { mtimeMs } = await stat(path);
      if (this.#index?.builtAt !== mtimeMs) {
        this.#index = { builtAt: mtimeMs, html: await readFile(path, 'utf8') };
        await this.#list();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      // While a new build is put in place there is none for a moment.
    }
    return this.#index?.html;
  }

  /** @param name `assets/NAME`, or `NAME` beside index.html */
  async file(name: string, encoding: 'br' | 'gzip' | undefined): Promise<WebFile | undefined> {
    await this.index();
    const type = TYPES[name.slice(name.lastIndexOf('.') + 1)];
    if (type === undefined || !this.#listed.has(name)) return undefined;
    const compressed = encoding !== undefined && this.#listed.has(`${name}${SUFFIX[encoding]}`);
    const chosen = compressed ? encoding : undefined;
    return {
      type,
      encoding: chosen,
      bytes: await this.#bytes(chosen === undefined ? name : `${name}${SUFFIX[chosen]}`),
    };
  }

  #bytes(name: string): Promise<Buffer> {
    let bytes = this.#read.get(name);
    if (bytes === undefined) {
      bytes = readFile(join(this.#folder, name));
      this.#read.set(name, bytes);
      bytes.catch(() => this.#read.delete(name));
    }
    return bytes;
  }

  async #list(): Promise<void> {
    const names = async (folder: string): Promise<string[]> =>
      (await readdir(join(this.#folder, folder), { withFileTypes: true }).catch(() => []))
        .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
        .map(({ name }) => name);
    const [beside, assets] = await Promise.all([names(''), names('assets')]);
    // Only what has its content's hash in its name can be kept over a new build.
    for (const name of this.#read.keys()) if (!name.startsWith('assets/')) this.#read.delete(name);
    this.#listed = new Set([...this.#read.keys(), ...beside, ...assets.map((name) => `assets/${name}`)]);
  }
}
