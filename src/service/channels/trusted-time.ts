/** What the clock says, and whether it can be believed: plants boot in 1970, and batteries run out. */
export interface TrustedTime {
  /** Milliseconds: never before the highest seen. */
  readonly now: number;
  /** Set while the clock is behind; no verdict may become better by it. */
  readonly untrusted: { readonly clock: number; readonly highest: number } | undefined;
}

// A clock corrected by NTP steps back a little; that is no reason for an alarm.
const TOLERATED_STEP_BACK_MS = 60_000;

/**
 * A clock that does not go back. The highest time seen is the caller's to keep over restarts: `keep` is called with it at
 * most once a minute.
 */
export class MonotonicClock {
  readonly #clock: () => number;
  readonly #keep: (highest: number) => void;
  #highest: number;
  #kept: number;

  /** @param atLeast the highest time kept, or when this program was built: no true clock is before it */
  constructor(atLeast: number, keep: (highest: number) => void = () => undefined, clock: () => number = Date.now) {
    this.#highest = this.#kept = atLeast;
    this.#keep = keep;
    this.#clock = clock;
  }

  read(): TrustedTime {
    const clock = this.#clock();
    if (clock >= this.#highest) {
      this.#highest = clock;
      if (clock - this.#kept >= 60_000) {
        this.#kept = clock;
        this.#keep(clock);
      }
      return { now: clock, untrusted: undefined };
    }
    if (clock >= this.#highest - TOLERATED_STEP_BACK_MS) return { now: this.#highest, untrusted: undefined };
    return { now: this.#highest, untrusted: { clock, highest: this.#highest } };
  }
}
