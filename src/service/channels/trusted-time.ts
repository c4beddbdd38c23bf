/** What the clock says, and whether it can be believed: plants boot in 1970, and batteries run out. */
export interface TrustedTime {
  /** Milliseconds: never before the highest seen. */
  readonly now: number;
  /** Set while the clock is behind; no verdict may become better by it. */
  readonly untrusted: { readonly clock: number; readonly highest: number } | undefined;
}

// A clock corrected by NTP steps back a little; that is no reason for an alarm.
const TOLERATED_STEP_BACK_MS = 60_000;
const KEEP_EVERY_MS = 60_000;

/**
 * A clock that does not go back. While the system's clock is behind the highest time seen, time goes on from there as
 * this process counts it, so that what expires still does. The highest time is the caller's to keep over restarts:
 * `keep` is called with it at most once a minute.
 */
export class MonotonicClock {
  readonly #clock: () => number;
  readonly #elapsed: () => number;
  readonly #keep: (highest: number) => void;
  #highest: number;
  /** What `#elapsed` said when `#highest` was seen. */
  #at: number;
  #kept: number;

  /**
   * @param atLeast the highest time kept, or when this program was built: no true clock is before it
   * @param sources milliseconds: the system's clock, and one that only ever goes on, from wherever it began
   */
  constructor(
    atLeast: number,
    keep: (highest: number) => void = () => undefined,
    sources: { clock?: () => number; elapsed?: () => number } = {},
  ) {
    this.#clock = sources.clock ?? Date.now;
    this.#elapsed = sources.elapsed ?? performance.now.bind(performance);
    this.#highest = this.#kept = atLeast;
    this.#at = this.#elapsed();
    this.#keep = keep;
  }

  read(): TrustedTime {
    const clock = this.#clock();
    const elapsed = this.#elapsed();
    const highest = this.#highest + Math.floor(elapsed - this.#at);
    const now = Math.max(clock, highest);
    // Whole milliseconds only, or what is cut off at every reading would add up.
    this.#at = clock >= highest ? elapsed : this.#at + (now - this.#highest);
    this.#highest = now;
    if (now - this.#kept >= KEEP_EVERY_MS) {
      this.#kept = now;
      this.#keep(now);
    }
    return { now, untrusted: clock < now - TOLERATED_STEP_BACK_MS ? { clock, highest: now } : undefined };
  }

  /** Somebody has looked: the system's clock is right and what was seen before was not. Verdicts may become better. */
  accept(): void {
    this.#highest = this.#kept = this.#clock();
    this.#at = this.#elapsed();
    this.#keep(this.#highest);
  }
}
