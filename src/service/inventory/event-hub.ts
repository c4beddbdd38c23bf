import { randomBytes } from 'node:crypto';
import { type Change, type ChangeTopic, condensed } from './change-feed.ts';

export type HubTopic = ChangeTopic | 'standing' | 'all';

export interface HubEvent {
  /** Of this process alone; tells a reader who comes back what he missed. */
  readonly position: string;
  readonly topic: HubTopic;
  readonly id?: string | undefined;
  /** Milliseconds. */
  readonly at: number;
}

/** What a reader who was away for some minutes may have missed. */
const KEPT = 1000;

/** Tells whoever listens what is to be read again, and remembers it for a while. */
export class EventHub {
  readonly #boot = randomBytes(6).toString('hex');
  readonly #kept: HubEvent[] = [];
  readonly #listeners = new Set<(event: HubEvent) => void>();
  readonly #now: () => number;
  #count = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Where a reader who has everything stands. */
  get position(): string {
    return `${this.#boot}-${this.#count}`;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Returns how to stop it. */
  subscribe(listener: (event: HubEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(changes: readonly (Omit<Change, 'topic'> & { readonly topic: HubTopic })[]): void {
    for (const { topic, id, at } of condensed(changes)) this.#tell({ topic, id, at });
  }

  /** Everything after `position`; undefined where that is no longer known, and all has to be read again. */
  since(position: string): readonly HubEvent[] | undefined {
    const [boot, count] = position.split('-');
    const missed = this.#count - Number(count);
    if (boot !== this.#boot || !Number.isInteger(missed) || missed < 0 || missed > this.#kept.length) return undefined;
    return missed === 0 ? [] : this.#kept.slice(-missed);
  }

  /** For whoever's position is not known. */
  all(): HubEvent {
    return { position: this.position, topic: 'all', at: this.#now() };
  }

  #tell(change: Omit<HubEvent, 'position'>): void {
    this.#count++;
    const event = { ...change, position: this.position };
    this.#kept.push(event);
    if (this.#kept.length > KEPT) this.#kept.shift();
    for (const listener of this.#listeners) listener(event);
  }
}
