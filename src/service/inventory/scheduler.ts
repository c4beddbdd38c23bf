import type { Gate } from './gate.ts';
import type { Identities } from './identities.ts';
import { InventoryError } from './inventory-error.ts';

export interface SchedulerParts {
  readonly gate: Gate;
  readonly identities: Identities;
  /** What failed for reasons of our own (database, vault); it is tried again. */
  readonly onError?: (error: unknown, applianceId: string | undefined) => void;
}

/** Other nodes plan, too, and clocks are put right: it looks again after this time at the latest. */
const LONGEST_SLEEP = 30_000;
const AFTER_FAILURE = 5000;

/**
 * Activates what is planned and rolls back what was not confirmed, at its time. What is due lies in the database alone:
 * after a restart it goes on where it was, and of several nodes one does it.
 */
export class Scheduler {
  readonly #parts: SchedulerParts;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #failed = false;
  #stop: (() => void) | undefined;

  constructor(parts: SchedulerParts, now: () => number = Date.now) {
    this.#parts = parts;
    this.#now = now;
  }

  /** Does at once what became due while nobody looked. */
  start(): void {
    this.#stop ??= this.#parts.identities.onChange(() => this.#wake());
    this.#wake();
  }

  /** Resolves when what was begun is done. */
  async stop(): Promise<void> {
    this.#stop?.();
    this.#stop = undefined;
    clearTimeout(this.#timer);
    await this.#running;
  }

  /** What is due now. Roll-backs first: they give back what worked. */
  async runDue(): Promise<void> {
    const { identities, gate } = this.#parts;
    const due = await identities.due();
    for (const id of due.rollBack) await this.#attempt(id, () => identities.rollBackUnconfirmed(id));
    for (const id of due.activate) await this.#attempt(id, () => gate.activate(id, 'system'));
  }

  async #attempt(applianceId: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // Done by another node, or undone by somebody, meanwhile.
      if (error instanceof InventoryError) return;
      this.#failed = true;
      this.#parts.onError?.(error, applianceId);
    }
  }

  #wake(): void {
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (this.#again && this.#stop !== undefined) this.#wake();
    });
  }

  async #run(): Promise<void> {
    this.#again = false;
    this.#failed = false;
    let next: number | undefined;
    try {
      await this.runDue();
      next = await this.#parts.identities.nextDue();
    } catch (error) {
      this.#failed = true;
      this.#parts.onError?.(error, undefined);
    }
    if (this.#stop === undefined) return;
    const sleep = this.#failed ? AFTER_FAILURE : (next ?? Infinity) - this.#now();
    // What is still due was refused by things as they stand, and is tried again without haste.
    this.#timer = setTimeout(() => this.#wake(), Math.min(sleep > 0 ? sleep : 1000, LONGEST_SLEEP));
    // The process may end when nothing else keeps it.
    this.#timer.unref();
  }
}
