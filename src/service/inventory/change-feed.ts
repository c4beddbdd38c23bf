import type { Store } from '../../platform/store/store.ts';
import type { AuditEntry, AuditLog } from '../audit/audit-log.ts';

/** What a change concerns; each names a part of the API. */
export type ChangeTopic =
  | 'appliances'
  | 'identities'
  | 'anchors'
  | 'crls'
  | 'partners'
  | 'channels'
  | 'users'
  | 'settings'
  | 'audit';

export interface Change {
  readonly topic: ChangeTopic;
  /** Undefined: several, or not one thing. */
  readonly id?: string | undefined;
  /** Milliseconds. */
  readonly at: number;
}

const EVERY_MS = 1000;
const AT_ONCE = 1000;
/** More of one kind in one look are told as one change without id. */
const TOLD_APART = 50;

const TOPIC_OF: Readonly<Record<string, ChangeTopic>> = {
  appliance: 'appliances',
  certificate: 'identities',
  upload: 'identities',
  csr: 'identities',
  console: 'identities',
  anchor: 'anchors',
  crl: 'crls',
  partner: 'partners',
  channel: 'channels',
  user: 'users',
  token: 'users',
  settings: 'settings',
};

/**
 * Says what was changed, here or by another node: both write an audit entry with every change. CRLs that come without
 * anybody's doing leave none; they are compared.
 */
export class ChangeFeed {
  readonly #store: Store;
  readonly #audit: AuditLog;
  readonly #onError: (error: unknown) => void;
  readonly #listeners = new Set<(changes: readonly Change[]) => void>();
  readonly #now: () => number;
  #seq: number | undefined;
  #crls: string | undefined;
  #looking: Promise<void> | undefined;
  #again: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #fails = false;

  constructor(
    parts: { store: Store; audit: AuditLog; onError?: (error: unknown) => void },
    now: () => number = Date.now,
  ) {
    this.#store = parts.store;
    this.#audit = parts.audit;
    this.#onError = parts.onError ?? (() => {});
    this.#now = now;
  }

  /** Called with what was found by one look. Returns how to stop that. */
  onChange(listener: (changes: readonly Change[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Looks at once when `source` says so. Returns how to stop that. */
  follow(source: { onChange(listener: () => void): () => void }): () => void {
    return source.onChange(() => void this.#lookQuietly());
  }

  /** Looks each second from now on. */
  start(): void {
    this.#timer ??= setInterval(() => {
      if (this.#looking === undefined) void this.#lookQuietly();
    }, EVERY_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await Promise.allSettled([this.#looking, this.#again]);
  }

  /** Resolves when everything committed before this call has been told. The first look only finds out where to begin. */
  look(): Promise<void> {
    if (this.#looking === undefined) {
      this.#looking = this.#look().finally(() => (this.#looking = undefined));
      return this.#looking;
    }
    // What is under way may have asked already: one more look serves all who call meanwhile.
    this.#again ??= this.#looking
      .catch(() => {})
      .then(() => {
        this.#again = undefined;
        return this.look();
      });
    return this.#again;
  }

  /** A database that is away is told once, not each second. */
  async #lookQuietly(): Promise<void> {
    try {
      await this.look();
      this.#fails = false;
    } catch (error) {
      if (!this.#fails) this.#onError(error);
      this.#fails = true;
    }
  }

  async #look(): Promise<void> {
    const crls = await this.#heldCrls();
    if (this.#seq === undefined) {
      this.#crls = crls;
      this.#seq = (await this.#audit.head()).seq;
      return;
    }
    const changes: Change[] = crls === this.#crls ? [] : [{ topic: 'crls', at: this.#now() }];
    let seq = this.#seq;
    for (;;) {
      const entries = await this.#audit.after(seq, AT_ONCE);
      changes.push(...changesOf(entries));
      seq = entries.at(-1)?.seq ?? seq;
      if (entries.length < AT_ONCE) break;
    }
    // Not before: what was not told, because the database went away in between, is asked for again.
    this.#crls = crls;
    this.#seq = seq;
    if (changes.length > 0) for (const listener of this.#listeners) listener(changes);
  }

  async #heldCrls(): Promise<string> {
    const rows = await this.#store.db.selectFrom('crls').select(['id', 'fingerprint']).orderBy('id').execute();
    return rows.map(({ id, fingerprint }) => `${id} ${fingerprint}`).join('\n');
  }
}

function changesOf(entries: readonly Pick<AuditEntry, 'at' | 'action' | 'subject'>[]): Change[] {
  const changes: Change[] = entries.flatMap(({ at, action, subject }) => {
    const topic = TOPIC_OF[action.split('.')[0]!];
    return topic === undefined ? [] : [{ topic, id: subject.slice(subject.indexOf(':') + 1), at }];
  });
  const last = entries.at(-1);
  return last === undefined ? changes : [...changes, { topic: 'audit', at: last.at }];
}

/** The same told shortly: each thing once, and many of one kind as one change without id. */
export function condensed<T extends { readonly topic: string; readonly id?: string | undefined }>(
  changes: readonly T[],
): T[] {
  const byTopic = new Map<string, Map<string | undefined, T>>();
  for (const change of changes) {
    const known = byTopic.get(change.topic) ?? new Map<string | undefined, T>();
    byTopic.set(change.topic, known.set(change.id, change));
  }
  return [...byTopic.values()].flatMap((known) => {
    const all = [...known.values()];
    return all.length > TOLD_APART ? [{ ...all.at(-1)!, id: undefined }] : all;
  });
}
