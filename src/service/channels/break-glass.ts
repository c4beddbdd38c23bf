import { randomBytes } from 'node:crypto';
import type { ProblemCode } from '../../core/path/problem.ts';
import type { MonotonicClock } from './trusted-time.ts';

/** What an exception may overlook. Never: a revoked certificate, a wrong name, no certificate. */
export const OVERLOOKED = {
  date: ['expired', 'not-yet-valid'],
  'stale-crl': ['revocation-unknown'],
  chain: ['issuer-unknown', 'untrusted-root', 'signature-invalid', 'path-too-long', 'key-identifier-mismatch'],
} as const satisfies Record<string, readonly ProblemCode[]>;

export type Overlooked = keyof typeof OVERLOOKED;

/** What an exception for these problems would have to overlook; empty where there are none, or none can. */
export function overlookedBy(problems: readonly ProblemCode[]): Overlooked[] {
  const kinds = Object.keys(OVERLOOKED) as Overlooked[];
  const of = (problem: ProblemCode): Overlooked | undefined =>
    kinds.find((kind) => (OVERLOOKED[kind] as readonly ProblemCode[]).includes(problem));
  const found = problems.map(of);
  return found.includes(undefined) ? [] : [...new Set(found as Overlooked[])];
}

export interface OverrideRequest {
  readonly channel: string;
  readonly overlooks: readonly Overlooked[];
  /** SHA-256 of the one certificate it is for, hex, with or without colons. */
  readonly fingerprint: string;
  readonly reason: string;
  /** Who asked, as the host knows him. */
  readonly by: string;
  /** Default 1, at most 24. */
  readonly hours?: number;
}

/** Data flows for so long although the certificate does not hold. */
export interface Override extends Required<OverrideRequest> {
  readonly id: string;
  /** Milliseconds of the channel's own clock, which does not go back. */
  readonly openedAt: number;
  readonly endsAt: number;
  /** `server`: opened there, and closed where the server no longer knows of it; default `host`. */
  readonly origin?: 'host' | 'server';
  /** Closed here before its time, and remembered until then: no order opens it again. */
  readonly closedAt?: number;
}

/** What the server says of one. */
export interface OrderedOverride extends Required<OverrideRequest> {
  readonly id: string;
  /** Closed before its time. */
  readonly closed: boolean;
  /** How long it still is to be open; the clocks of two hosts need not agree. */
  readonly remainingMs: number;
}

/** The request cannot be granted; the message says why. */
export class OverrideError extends Error {
  override readonly name = 'OverrideError';
}

export type OverrideEvent = { readonly event: 'override-opened' | 'override-closed' } & Override;

const HOUR_MS = 3_600_000;
const LONGEST_HOURS = 24;
const SHORTEST_REASON = 10;

/** Exceptions for a time, to be kept over restarts; every opening and closing is an event. */
export class BreakGlass {
  readonly #clock: MonotonicClock;
  readonly #keep: (overrides: readonly Override[]) => void;
  readonly #forget: () => void;
  readonly #log: (event: OverrideEvent) => void;
  #open: readonly Override[];
  /** Closed here before their time. */
  #closed: readonly Override[];
  /** Never opened again, whatever a clock that was set back elsewhere says. */
  readonly #over = new Set<string>();

  constructor(
    kept: readonly Override[],
    ports: {
      clock: MonotonicClock;
      /** Throws where it cannot be kept; then it is not opened either. */
      keep: (overrides: readonly Override[]) => void;
      /** What was kept must open nothing any more: what came after it cannot be written. */
      forget?: () => void;
      log: (event: OverrideEvent) => void;
    },
  ) {
    this.#clock = ports.clock;
    this.#keep = ports.keep;
    this.#forget = ports.forget ?? (() => undefined);
    this.#log = ports.log;
    const { now } = this.#clock.read();
    // Whatever became of the time that was kept beside it: from now on it lasts no longer than it was opened for.
    const within = kept.map((one) => ({ ...one, endsAt: Math.min(one.endsAt, now + one.hours * HOUR_MS) }));
    this.#open = within.filter(({ closedAt }) => closedAt === undefined);
    this.#closed = within.filter(({ closedAt }) => closedAt !== undefined);
  }

  /** @throws {OverrideError} */
  open(request: OverrideRequest): Override {
    const { channel, overlooks, reason, by, hours = 1 } = request;
    const fingerprint = request.fingerprint.replaceAll(':', '').toLowerCase();
    demand(
      /^[0-9a-f]{64}$/.test(fingerprint),
      'The fingerprint must be the SHA-256 of the certificate, 64 hex digits.',
    );
    demand(hours > 0 && hours <= LONGEST_HOURS, `It can be opened for ${LONGEST_HOURS} hours at most, not ${hours}.`);
    const known = overlooks.length > 0 && overlooks.every((kind) => Object.hasOwn(OVERLOOKED, kind));
    demand(known, 'An exception can overlook date, stale-crl or chain; nothing else.');
    demand(reason.trim().length >= SHORTEST_REASON, `Give a reason of at least ${SHORTEST_REASON} characters.`);
    const openedAt = this.#clock.read().now;
    const endsAt = openedAt + hours * HOUR_MS;
    const id = randomBytes(4).toString('hex');
    const override: Override = { id, channel, overlooks, fingerprint, reason, by, hours, openedAt, endsAt };
    this.#add([override]);
    return override;
  }

  /**
   * Does what the server orders for its channels: opens what is new, closes what was closed there or is no longer known
   * there. One that is open keeps its end. @returns whether anything changed
   */
  follow(ordered: readonly OrderedOverride[]): boolean {
    const byId = new Map(ordered.map((order) => [order.id, order]));
    const over = this.#open.filter(({ id, origin }) => byId.get(id)?.closed ?? origin === 'server');
    const known = new Set([...this.#open, ...this.#closed].map(({ id }) => id));
    const now = this.#clock.read().now;
    const added = ordered
      .filter(({ id, closed, remainingMs }) => !closed && remainingMs > 0 && !known.has(id) && !this.#over.has(id))
      .map(({ closed: _closed, remainingMs, ...order }): Override => {
        const lasts = Math.min(remainingMs, order.hours * HOUR_MS, LONGEST_HOURS * HOUR_MS);
        return { ...order, openedAt: now, endsAt: now + lasts, origin: 'server' };
      });
    // What closes first, and whatever becomes of the rest.
    if (over.length > 0) this.#end(over);
    if (added.length > 0) this.#add(added);
    return over.length > 0 || added.length > 0;
  }

  /** Before its time. @returns whether there was one */
  close(id: string): boolean {
    const found = this.#open.find((override) => override.id === id);
    if (found === undefined) return false;
    this.#closed = [...this.#closed, { ...found, closedAt: this.#clock.read().now }];
    this.#end([found]);
    return true;
  }

  /** Closes those whose time is over. @returns whether there were any */
  expire(): boolean {
    const { now } = this.#clock.read();
    for (const { id, endsAt } of this.#closed) if (endsAt <= now) this.#over.add(id);
    this.#closed = this.#closed.filter(({ endsAt }) => endsAt > now);
    const over = this.#open.filter(({ endsAt }) => endsAt <= now);
    if (over.length === 0) return false;
    for (const override of over) this.#over.add(override.id);
    this.#end(over);
    return true;
  }

  /** The clock was ahead and is believed again: what is open stays open no longer for that. @param ms how far it went back */
  clockWentBack(ms: number): void {
    const moved = (one: Override): Override => ({ ...one, openedAt: one.openedAt - ms, endsAt: one.endsAt - ms });
    this.#closed = this.#closed.map(moved);
    this.#open = this.#open.map(moved);
    this.#keepWhatIsLeft();
  }

  /** Closed here before their time, which is not over yet. */
  closedOf(channel: string): readonly Override[] {
    return this.#closed.filter((override) => override.channel === channel);
  }

  /** Those open for a channel. */
  of(channel: string): readonly Override[] {
    const { now } = this.#clock.read();
    return this.#open.filter((override) => override.channel === channel && override.endsAt > now);
  }

  /** The one under which a certificate with these problems is let through. */
  covering(
    channel: string,
    fingerprint: string | undefined,
    problems: readonly ProblemCode[],
    now: number,
  ): Override | undefined {
    if (problems.length === 0) return undefined;
    return this.#open.find((override) => {
      const overlooked: readonly ProblemCode[] = override.overlooks.flatMap((kind) => OVERLOOKED[kind]);
      const isFor = override.channel === channel && override.fingerprint === fingerprint;
      return isFor && now < override.endsAt && problems.every((problem) => overlooked.includes(problem));
    });
  }

  /** @throws where it cannot be kept; then none is open */
  #add(overrides: readonly Override[]): void {
    const open = [...this.#open, ...overrides];
    this.#keep([...open, ...this.#closed]);
    this.#open = open;
    for (const override of overrides) this.#log({ event: 'override-opened', ...override });
  }

  /** At once, whether or not it can be written down. */
  #end(overrides: readonly Override[]): void {
    this.#open = this.#open.filter((override) => !overrides.includes(override));
    for (const override of overrides) this.#log({ event: 'override-closed', ...override });
    this.#keepWhatIsLeft();
  }

  #keepWhatIsLeft(): void {
    try {
      this.#keep([...this.#open, ...this.#closed]);
    } catch {
      // A full disk: after a restart nothing is open, rather than what was closed.
      this.#forget();
    }
  }
}

function demand(holds: boolean, message: string): asserts holds {
  if (!holds) throw new OverrideError(message);
}
