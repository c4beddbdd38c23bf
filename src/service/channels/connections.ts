import type { ClosingVerdict } from './channel-context.ts';
import type { Traffic } from './join.ts';

/** A live connection as the sweep sees it. */
export interface LiveConnection {
  readonly id: number;
  readonly peer: string;
  /** SHA-256 of the peer's certificate, hex; undefined where it shows none. */
  readonly fingerprint: string | undefined;
  /** The chain as the peer sent it, to be judged again when trust changes. */
  readonly chain: readonly Uint8Array[];
  readonly since: number;
  /** Milliseconds: over by itself then. */
  validUntil: number;
  /** So far. */
  readonly traffic: () => Traffic;
  /** The exception that carries it. */
  override?: string | undefined;
  /** Ends both sides at once. */
  close(reason: string, verdict?: ClosingVerdict): void;
}

/** Timers count on when the clock is set: what waits for a time of day looks at the clock at least so often. */
export const LONGEST_WAIT_MS = 500;

/**
 * Every connection that was let through. OpenSSL never looks again at one that is open: one timer waits for the earliest
 * expiry, and `sweep` judges all anew when anchors, CRLs or policy change.
 */
export class Connections {
  readonly #live = new Map<number, LiveConnection>();
  readonly #now: () => number;
  readonly #expired: (connection: LiveConnection) => void;
  #timer: NodeJS.Timeout | undefined;
  /** What the timer waits for. */
  #earliest = Infinity;
  #nextId = 1;

  /** @param expired called when a connection's time is over; it decides, and closes it or gives it more time */
  constructor(now: () => number, expired: (connection: LiveConnection) => void) {
    this.#now = now;
    this.#expired = expired;
  }

  get size(): number {
    return this.#live.size;
  }

  /** Takes a connection in. Returns it with its number. */
  add(connection: Omit<LiveConnection, 'id'>): LiveConnection {
    const live: LiveConnection = { ...connection, id: this.#nextId++ };
    this.#live.set(live.id, live);
    if (live.validUntil < this.#earliest) this.#arm();
    return live;
  }

  remove(id: number): void {
    if (this.#live.delete(id) && this.#live.size === 0) this.#disarm();
  }

  list(): readonly LiveConnection[] {
    return [...this.#live.values()];
  }

  /** Shows each to `judge`, which may close it or change its `validUntil`. */
  sweep(judge: (connection: LiveConnection) => void): void {
    for (const connection of this.list()) judge(connection);
    this.#arm();
  }

  closeAll(reason: string, verdict?: ClosingVerdict): void {
    for (const connection of this.list()) connection.close(reason, verdict);
  }

  #arm(): void {
    this.#disarm();
    for (const { validUntil } of this.#live.values()) this.#earliest = Math.min(this.#earliest, validUntil);
    if (this.#earliest === Infinity) return;
    const wait = Math.min(Math.max(this.#earliest - this.#now(), 0), LONGEST_WAIT_MS);
    this.#timer = setTimeout(() => this.#expire(), wait);
    this.#timer.unref();
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#earliest = Infinity;
  }

  #expire(): void {
    const now = this.#now();
    for (const connection of this.list()) {
      if (connection.validUntil > now) continue;
      // Whoever is let go on after its time is not asked about again.
      connection.validUntil = Infinity;
      this.#expired(connection);
    }
    this.#arm();
  }
}
