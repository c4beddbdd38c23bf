import type { Crls } from '../../service/inventory/crls.ts';
import { InventoryError } from '../../service/inventory/inventory-error.ts';
import type { Logger } from '../logger.ts';
import type { InventoryFeed } from './inventory-feed.ts';

const LOOK_EVERY_MS = 5000;
const FETCH_EVERY_MS = 10 * 60_000;
/** After a failure it is tried again sooner. */
const AGAIN_MS = 60_000;

/** Keeps the CRLs current on which channels rest: asks for each again and again, long before it runs out. */
export class CrlRefresh {
  readonly #parts: { readonly feed: InventoryFeed; readonly crls: Crls; readonly log: Logger };
  readonly #next = new Map<string, number>();
  readonly #failures = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe = (): void => undefined;
  #running: Promise<void> | undefined;

  constructor(parts: { feed: InventoryFeed; crls: Crls; log: Logger }) {
    this.#parts = parts;
  }

  /** Why the last attempt at one of these URLs failed; undefined: none did. */
  failureAt(urls: readonly string[]): string | undefined {
    return urls.map((url) => this.#failures.get(url)).find((failure) => failure !== undefined);
  }

  start(): void {
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
    const wanted = this.#parts.feed.current?.crlUrls ?? [];
    for (const url of this.#failures.keys()) if (!wanted.includes(url)) this.#failures.delete(url);
    const now = performance.now();
    const due = wanted.filter((url) => (this.#next.get(url) ?? 0) <= now);
    await Promise.all(due.map((url) => this.#fetch(url)));
  }

  async #fetch(url: string): Promise<void> {
    const { crls, log } = this.#parts;
    try {
      await crls.fetch(url, 'system');
      this.#failures.delete(url);
      this.#next.set(url, performance.now() + FETCH_EVERY_MS);
    } catch (error) {
      this.#next.set(url, performance.now() + AGAIN_MS);
      if (!(error instanceof InventoryError)) return log.error({ err: error, url }, 'a CRL could not be fetched');
      if (!this.#failures.has(url)) log.warn({ url, problem: error.message }, 'a CRL of a channel cannot be fetched');
      this.#failures.set(url, error.message);
    }
  }
}
