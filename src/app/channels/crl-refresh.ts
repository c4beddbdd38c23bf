import type { CrlAttempts } from '../../service/inventory/crl-attempts.ts';
import type { Crls } from '../../service/inventory/crls.ts';
import { InventoryError } from '../../service/inventory/inventory-error.ts';
import type { Logger } from '../logger.ts';
import type { InventoryFeed } from './inventory-feed.ts';

export interface RefreshParts {
  readonly feed: InventoryFeed;
  readonly crls: Crls;
  /** Of everybody who fetches: nobody asks again what somebody has asked just now. */
  readonly attempts: CrlAttempts;
  /** 0: only when people want it. */
  readonly everyMs: number;
  readonly log: Logger;
}

const LOOK_EVERY_MS = 2000;
const AGAIN_MS = 60_000;
const SOON_MS = 2000;

/**
 * Gets at once the CRLs that a channel needs and nobody has yet: those of a new CA could not be kept while it was not
 * known whose they are. Those of partners, which no certificate in use names, it keeps current.
 */
export class CrlRefresh {
  readonly #parts: RefreshParts;
  readonly #now: () => number;
  /** Those that were asked for because they were missing. */
  readonly #tried = new Set<string>();
  /** Why it failed the last time: once in the log is enough. */
  readonly #said = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe = (): void => undefined;
  #running: Promise<void> | undefined;

  constructor(parts: RefreshParts, now: () => number = Date.now) {
    this.#parts = parts;
    this.#now = now;
  }

  /** Why the last attempt at one of these URLs failed; undefined: none did. */
  failureAt(urls: readonly string[]): string | undefined {
    const failed = urls.map((url) => this.#parts.attempts.of(url)).find((attempt) => attempt?.ok === false);
    return failed === undefined ? undefined : `No CRL comes from ${failed.url}: ${failed.reason} ${failed.fix}`;
  }

  start(): void {
    if (this.#parts.everyMs === 0) return;
    const look = (): void => void (this.#running ??= this.#look().finally(() => (this.#running = undefined)));
    this.#unsubscribe = this.#parts.feed.onChange(look);
    this.#timer = setInterval(look, LOOK_EVERY_MS);
    this.#timer.unref();
    look();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#unsubscribe();
    await this.#running;
  }

  async #look(): Promise<void> {
    const { feed, crls, log } = this.#parts;
    const wanted = feed.current?.crlUrls ?? [];
    for (const url of this.#tried) if (!wanted.includes(url)) this.#tried.delete(url);
    if (wanted.length === 0) return;
    try {
      const held = new Set((await crls.list()).flatMap(({ url }) => url ?? []));
      const due = wanted.filter((url) => this.#isDue(url, held.has(url)));
      await Promise.all(due.map((url) => this.#fetch(url, held.has(url))));
    } catch (error) {
      log.error({ err: error }, 'CRLs of channels could not be fetched; it is tried again');
    }
  }

  #isDue(url: string, isHeld: boolean): boolean {
    const { attempts, everyMs } = this.#parts;
    const last = attempts.of(url);
    if (last === undefined || (!isHeld && !this.#tried.has(url))) return true;
    const again = Math.min(AGAIN_MS, everyMs);
    // Nothing flows without it: it is tried again soon, then less and less often.
    const missing = Math.min(SOON_MS * 2 ** attempts.failures(url), again);
    return last.at + (isHeld ? (last.ok ? everyMs : again) : missing) <= this.#now();
  }

  async #fetch(url: string, isHeld: boolean): Promise<void> {
    this.#tried.add(url);
    try {
      // The first one of a CA: whose it is was learnt just now, and that it came stands in the log.
      await this.#parts.crls.fetch(url, isHeld ? undefined : 'system');
      this.#said.delete(url);
    } catch (error) {
      if (!(error instanceof InventoryError)) throw error;
      if (this.#said.get(url) !== error.message) {
        this.#parts.log.warn({ url, problem: error.message }, 'a CRL that a channel needs does not come');
      }
      this.#said.set(url, error.message);
      if (this.#parts.attempts.of(url)?.ok !== false) {
        this.#parts.attempts.note(url, { code: error.code, message: error.message, fix: '' });
      }
    }
  }
}
