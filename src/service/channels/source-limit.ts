const WINDOW_MS = 60_000;
/** Addresses remembered at once: a scan must not fill the memory. */
const MOST_SOURCES = 10_000;

/** Counts attempts by address over a sliding minute, in two half-minute buckets of constant size. */
export class SourceLimit {
  readonly #limit: number;
  #current = new Map<string, number>();
  #previous = new Map<string, number>();
  #since = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether one more attempt from `source` is within the limit; counts it. */
  allows(source: string, now: number): boolean {
    if (now - this.#since >= WINDOW_MS / 2 || now < this.#since) {
      this.#previous = now - this.#since < WINDOW_MS ? this.#current : new Map();
      this.#current = new Map();
      this.#since = now;
    }
    const count = (this.#current.get(source) ?? 0) + 1;
    if (count > 1 || this.#current.size < MOST_SOURCES) this.#current.set(source, count);
    return count + (this.#previous.get(source) ?? 0) <= this.#limit;
  }
}
