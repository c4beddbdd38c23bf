import { setTimeout as sleep } from 'node:timers/promises';
import type { Actor } from '../audit/audit-log.ts';
import type { CrlAttempt, CrlAttempts } from './crl-attempts.ts';
import type { Crls, HeldCrl, KeptCrl } from './crls.ts';
import { InventoryError } from './inventory-error.ts';
import type { Fleet } from './standing/fleet.ts';
import { Turns } from './turns.ts';

/** Where certificates in use say that their CRLs lie. Times in milliseconds. */
export interface CrlPoint {
  readonly url: string;
  /** How many certificates in use name it. */
  readonly identities: number;
  /** The CRL that came from there. */
  readonly held: HeldCrl | undefined;
  readonly lastAttempt: CrlAttempt | undefined;
  /** Undefined: it is not fetched by itself. */
  readonly nextAttempt: number | undefined;
}

export type FetchResult = CrlAttempt & { readonly outcome: KeptCrl['outcome'] | null };

export interface RefreshParts {
  readonly crls: Crls;
  readonly fleet: Fleet;
  readonly attempts: CrlAttempts;
  /** How often each is asked for; 0: only when people or uploads want it. */
  readonly everyMs: number;
  readonly onError?: (error: unknown) => void;
}

const LOOK_MS = 15_000;
const FIRST_LOOK_MS = 3000;
const AT_ONCE = 4;
const STOP_MS = 500;
/** One that is about to run out is asked for this often. */
const HURRY_MS = 5 * 60_000;
const AFTER_FAILURE_MS = 60_000;

/**
 * Fetches the CRLs that the certificates in use name, long before they run out: a revocation is known within the hour,
 * and a CRL server that is down is noticed while what is held still counts.
 */
export class CrlRefresher {
  readonly #parts: RefreshParts;
  readonly #now: () => number;
  readonly #turns = new Turns(AT_ONCE);
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> | undefined;

  constructor(parts: RefreshParts, now: () => number = Date.now) {
    this.#parts = parts;
    this.#now = now;
  }

  start(): void {
    if (this.#parts.everyMs > 0) this.#later(FIRST_LOOK_MS);
  }

  /** What is being fetched is waited for shortly: a server that does not answer must not hold up the end. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#running !== undefined) await Promise.race([this.#running, sleep(STOP_MS, undefined, { ref: false })]);
  }

  /** By URL. */
  async points(): Promise<CrlPoint[]> {
    const { crls, fleet, attempts } = this.#parts;
    const byUrl = new Map((await crls.list()).map((crl) => [crl.url, crl]));
    const points = [...fleet.crlUrls()].map(([url, { identities, asked }]) => {
      const held = byUrl.get(url);
      const lastAttempt = attempts.of(url);
      const nextAttempt = asked > 0 ? this.#nextAttempt(url, held, lastAttempt) : undefined;
      return { url, identities, held, lastAttempt, nextAttempt };
    });
    return points.toSorted((a, b) => (a.url < b.url ? -1 : 1));
  }

  /** Asks every URL that certificates in use name, or that a CRL held came from, now. */
  async fetchAll(actor: Actor): Promise<FetchResult[]> {
    const { crls, fleet } = this.#parts;
    await fleet.fresh();
    const held = (await crls.list()).flatMap(({ url }) => url ?? []);
    const urls = [...new Set([...fleet.crlUrls().keys(), ...held])].toSorted();
    return Promise.all(urls.map((url) => this.#fetch(url, actor)));
  }

  async refreshDue(): Promise<void> {
    const points = await this.points();
    const now = this.#now();
    const due = points.filter(({ nextAttempt }) => nextAttempt !== undefined && nextAttempt <= now);
    await Promise.all(due.map(({ url }) => this.#fetch(url, undefined)));
  }

  #fetch(url: string, actor: Actor | undefined): Promise<FetchResult> {
    const { crls, attempts } = this.#parts;
    return this.#turns.take(async () => {
      try {
        const { outcome } = await crls.fetch(url, actor);
        return { ...attempts.note(url), outcome };
      } catch (error) {
        if (!(error instanceof InventoryError)) throw error;
        const failed = attempts.of(url);
        // What the network said is noted already; what came and was not kept is not.
        if (failed !== undefined && !failed.ok) return { ...failed, outcome: null };
        const fix =
          error.code === 'crl-older'
            ? 'Ask the people who run that CA; after it was restored from a backup, allow an older CRL here.'
            : 'Upload the current CRL of that CA by hand.';
        return { ...attempts.note(url, { code: error.code, message: error.message, fix }), outcome: null };
      }
    });
  }

  #nextAttempt(url: string, held: HeldCrl | undefined, last: CrlAttempt | undefined): number | undefined {
    const { everyMs, attempts } = this.#parts;
    if (everyMs === 0 || !/^http:/i.test(url)) return undefined;
    if (last === undefined) return this.#now();
    if (!last.ok) return last.at + Math.min(AFTER_FAILURE_MS * 2 ** (attempts.failures(url) - 1), everyMs);
    // It came, and whoever signed it was not known here then.
    if (held === undefined) return last.at + Math.min(AFTER_FAILURE_MS, everyMs);
    const isPressing = held.freshness === 'due' || held.freshness === 'expired';
    return last.at + (isPressing ? Math.min(HURRY_MS, everyMs) : everyMs);
  }

  #later(pause: number): void {
    this.#timer = setTimeout(() => {
      this.#running = this.refreshDue()
        .catch((error: unknown) => {
          if (this.#timer !== undefined) this.#parts.onError?.(error);
        })
        .finally(() => {
          this.#running = undefined;
          if (this.#timer !== undefined) this.#later(LOOK_MS);
        });
    }, pause).unref();
  }
}
