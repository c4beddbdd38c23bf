import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Crypto } from '../../../core/base/ports.ts';
import type { OpenCrl } from '../../../core/revocation/open-crl.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { Change, ChangeFeed } from '../change-feed.ts';
import type { Crls } from '../crls.ts';
import { InventoryError } from '../inventory-error.ts';
import { ChainReader } from './material.ts';
import { AT_ONCE, idsInService, type Loaded, loadMembers, type Member } from './members.ts';
import { type Assessment, StandingJudge } from './standing-judge.ts';
import { isAbout, type Standing } from './standing.ts';

/** An appliance in service, and what its certificate is worth. */
export interface Ranked extends Member {
  readonly standing: Standing;
  /** What it is found by, lower case. */
  readonly text: string;
}

interface Entry extends Ranked {
  /** Canonical names whose CRLs concern it. */
  readonly issuers: readonly string[];
  readonly crlUrls: readonly string[];
  /** CRLs are asked about it. */
  readonly asksCrls: boolean;
}

export interface FleetParts {
  readonly store: Store;
  readonly feed: ChangeFeed;
  readonly crls: Pick<Crls, 'list' | 'open' | 'adopt' | 'onChange'>;
  readonly crypto: Crypto;
  /** What failed for reasons of our own; it is tried again. */
  readonly onError?: (error: unknown) => void;
}

/** What one appliance's certificate is worth, with everything that speaks for and against it. */
export interface Explained {
  readonly entry: Ranked;
  readonly assessment: Assessment;
  readonly loaded: Loaded;
  readonly judge: StandingJudge;
  /** Milliseconds. */
  readonly at: number;
}

/** Requests and connections of others must not wait longer. */
const SLICE_MS = 5;
const LONGEST_SLEEP = 30_000;
const AFTER_FAILURE = 5000;

/**
 * The appliances in service and what each one's certificate is worth now. Everything is in memory; a certificate is
 * judged again only when something that concerns it changes: its identity, the anchors, a CRL of its CAs, or a date.
 */
export class Fleet {
  readonly #parts: FleetParts;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  /** Appliances to be read and judged anew. */
  readonly #stale = new Set<string>();
  readonly #listeners = new Set<(ids: readonly string[]) => void>();
  readonly #chains = new ChainReader();
  #judge: StandingJudge | undefined;
  #trusted = { anchors: '', crls: new Map<string, string>() };
  #trustIsStale = true;
  #version = 0;
  /** The last time that was judged for. */
  #latest = 0;
  #working: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stop: (() => void) | undefined;

  constructor(parts: FleetParts, now: () => number = Date.now) {
    this.#parts = parts;
    this.#now = now;
  }

  /** Begins to judge all of them. */
  start(): void {
    if (this.#stop !== undefined) return;
    this.#stop = this.#parts.feed.onChange((changes) => this.#heard(changes));
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stop?.();
    this.#stop = undefined;
    clearTimeout(this.#timer);
    await this.#working;
  }

  /** Called with the appliances whose standing is another one than before. Returns how to stop that. */
  onStanding(listener: (ids: readonly string[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Grows with every change of what `members` gives. */
  get version(): number {
    return this.#version;
  }

  /** How many are being judged anew. */
  get pending(): number {
    return this.#stale.size;
  }

  /** Everything in service, the console among them, in no order. */
  members(): Iterable<Ranked> {
    return this.#entries.values();
  }

  member(id: string): Ranked | undefined {
    return this.#entries.get(id);
  }

  /** Where CRLs lie, as certificates in use say: how many name it, and how many of these are held against CRLs. */
  crlUrls(): Map<string, { identities: number; asked: number }> {
    const found = new Map<string, { identities: number; asked: number }>();
    for (const { crlUrls, asksCrls } of this.#entries.values()) {
      for (const url of crlUrls) {
        const { identities, asked } = found.get(url) ?? { identities: 0, asked: 0 };
        found.set(url, { identities: identities + 1, asked: asked + (asksCrls ? 1 : 0) });
      }
    }
    return found;
  }

  get judge(): StandingJudge | undefined {
    return this.#judge;
  }

  /** Resolves when what was committed before this call is known and judged, or after `patienceMs`. */
  async fresh(patienceMs = 500): Promise<void> {
    await this.#parts.feed.look();
    if (this.#working === undefined) return;
    const patience = new AbortController();
    const waited = sleep(patienceMs, undefined, { signal: patience.signal }).catch(() => {});
    await Promise.race([this.#idle(), waited]);
    patience.abort();
  }

  /** Judges one appliance now, with every detail; undefined where there is none such in service. */
  async explain(id: string): Promise<Explained | undefined> {
    await this.fresh();
    const { judge } = this;
    const loaded = (await loadMembers(this.#parts.store, [id], this.#chains)).get(id);
    if (loaded === undefined || judge === undefined) return undefined;
    const at = this.#now();
    const mandatory = loaded.member.appliance.validation === 'mandatory';
    const assessment = judge.judge(loaded.material, { mandatory, now: at });
    return { entry: { ...loaded.member, standing: assessment.standing, text: '' }, assessment, loaded, judge, at };
  }

  async #idle(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  #heard(changes: readonly Change[]): void {
    for (const { topic, id } of changes) {
      if (topic === 'anchors' || topic === 'crls') this.#trustIsStale = true;
      if ((topic === 'appliances' || topic === 'identities') && id !== undefined) this.#stale.add(id);
    }
    if (this.#trustIsStale || this.#stale.size > 0) this.#wake();
  }

  #wake(): void {
    if (this.#working !== undefined || this.#stop === undefined) return;
    clearTimeout(this.#timer);
    this.#working = this.#run();
  }

  async #run(): Promise<void> {
    let failed = false;
    try {
      await this.#work();
    } catch (error) {
      failed = true;
      this.#parts.onError?.(error);
    }
    this.#working = undefined;
    if (this.#stop === undefined) return;
    if (!failed && (this.#trustIsStale || this.#stale.size > 0)) return this.#wake();
    this.#timer = setTimeout(() => this.#wake(), failed ? AFTER_FAILURE : this.#nextDue());
    this.#timer.unref();
  }

  async #work(): Promise<void> {
    if (this.#judge === undefined) {
      // The feed must have begun: what changes from here on it tells.
      await this.#parts.feed.look();
      for await (const ids of idsInService(this.#parts.store)) for (const id of ids) this.#stale.add(id);
    }
    for (;;) {
      if (this.#stale.size > 0) await this.#adoptCrls();
      if (this.#trustIsStale) await this.#renewTrustOrRemember();
      this.#findDue();
      const ids = [...this.#stale].slice(0, AT_ONCE);
      if (ids.length === 0) return;
      await this.#judgeAnew(ids);
    }
  }

  #findDue(): void {
    const now = this.#now();
    // A clock that was put back makes everything earlier than it was judged for.
    const isPutBack = now < this.#latest - 1000;
    this.#latest = now;
    for (const [id, { standing }] of this.#entries) {
      if (isPutBack || (standing.until !== null && standing.until <= now)) this.#stale.add(id);
    }
  }

  #nextDue(): number {
    const now = this.#now();
    let next = now + LONGEST_SLEEP;
    for (const { standing } of this.#entries.values()) {
      if (standing.until !== null && standing.until < next) next = standing.until;
    }
    return Math.max(0, next - now);
  }

  async #renewTrustOrRemember(): Promise<void> {
    // First, so that what changes while we read is read once more.
    this.#trustIsStale = false;
    try {
      await this.#renewTrust();
    } catch (error) {
      this.#trustIsStale = true;
      throw error;
    }
  }

  async #renewTrust(): Promise<void> {
    const { store, crls, crypto } = this.#parts;
    const rows = await store.db.selectFrom('anchors').select(['id', 'der']).where('removed_at', 'is', null).execute();
    const held = await crls.list();
    const opened: OpenCrl[] = [];
    const byCrl = new Map<string, string>();
    for (const { id, fingerprint } of held) {
      await nextTurn();
      const crl = await this.#open(id);
      if (crl === undefined) continue;
      opened.push(crl);
      byCrl.set(fingerprint, crl.issuer.canonical);
    }
    const anchors = rows.map(({ id, der }) => ({ id, der: new Uint8Array(der) }));
    this.#judge = new StandingJudge(anchors, opened, crypto);
    const before = this.#trusted;
    this.#trusted = {
      anchors: anchors
        .map(({ id }) => id)
        .toSorted()
        .join(' '),
      crls: byCrl,
    };
    if (before.anchors !== this.#trusted.anchors) {
      for (const id of this.#entries.keys()) this.#stale.add(id);
      return;
    }
    const changed = new Set(difference(before.crls, byCrl));
    if (changed.size === 0) return;
    const fresh = opened.filter((crl) => changed.has(crl.issuer.canonical));
    const concerned = [...this.#entries].filter(([, { issuers }]) => issuers.some((one) => changed.has(one)));
    // What is revoked is known at once, however many others hang on the same CRL.
    for (const [id, entry] of concerned) if (isListed(entry, fresh)) this.#stale.add(id);
    for (const [id] of concerned) this.#stale.add(id);
  }

  /** Before a new identity is judged: the CRLs that came with it must count. */
  async #adoptCrls(): Promise<void> {
    const { crls } = this.#parts;
    const stop = crls.onChange(() => (this.#trustIsStale = true));
    await crls.adopt().finally(stop);
  }

  async #open(id: string): Promise<OpenCrl | undefined> {
    try {
      return await this.#parts.crls.open(id);
    } catch (error) {
      if (!(error instanceof InventoryError)) throw error;
      // Removed since the list was read.
      this.#trustIsStale = true;
      return undefined;
    }
  }

  async #judgeAnew(ids: readonly string[]): Promise<void> {
    const failed = await this.#tryToJudge(ids);
    if (failed === undefined) return;
    // One that cannot be read must not keep the others as they were.
    let first = ids.length === 1 ? failed : undefined;
    if (ids.length > 1) for (const id of ids) first = (await this.#tryToJudge([id])) ?? first;
    if (first !== undefined) throw first;
  }

  /** @returns what went wrong; they then stay to be judged */
  async #tryToJudge(ids: readonly string[]): Promise<Error | undefined> {
    try {
      await this.#judgeTogether(ids);
      return undefined;
    } catch (error) {
      for (const id of ids) this.#stale.add(id);
      return error as Error;
    }
  }

  async #judgeTogether(ids: readonly string[]): Promise<void> {
    const judge = this.#judge!;
    // First, so that what changes while we read is read once more.
    for (const id of ids) this.#stale.delete(id);
    const loaded = await loadMembers(this.#parts.store, ids, this.#chains);
    await nextTurn();
    const changed: string[] = [];
    let begun = performance.now();
    for (const id of ids) {
      if (this.#put(id, loaded.get(id), judge)) changed.push(id);
      if (performance.now() - begun < SLICE_MS) continue;
      await nextTurn();
      begun = performance.now();
    }
    this.#version++;
    if (changed.length > 0) for (const listener of this.#listeners) listener(changed);
    await nextTurn();
  }

  /** @returns whether its standing is another one than before */
  #put(id: string, loaded: Loaded | undefined, judge: StandingJudge): boolean {
    const before = this.#entries.get(id);
    if (loaded === undefined) return this.#entries.delete(id);
    const { member, material, issuers, crlUrls } = loaded;
    const asksCrls = material?.identity.crl === 'on';
    const now = this.#now();
    const mandatory = member.appliance.validation === 'mandatory';
    const { standing } = judge.judge(material, { mandatory, now });
    const isOther = before !== undefined && !isAbout(before.standing, standing);
    // Where the certificates do not tell since when: since it was noticed.
    const since = standing.since ?? (isOther ? now : (before?.standing.since ?? null));
    const { appliance, identity, staged, lastUpload } = member;
    // Spelled out: objects made by spreading are ten times slower to read, and lists read ten thousand at each key.
    this.#entries.set(id, {
      appliance,
      identity,
      staged,
      lastUpload,
      issuers,
      crlUrls,
      asksCrls,
      standing: standing.since === since ? standing : { ...standing, since },
      text: textOf(member),
    });
    return before === undefined || isOther;
  }
}

/** Whether one of the CRLs lists its serial number: not yet a verdict. */
const isListed = ({ identity }: Member, crls: readonly OpenCrl[]): boolean =>
  identity !== null && crls.some((crl) => crl.isRevoked(Buffer.from(identity.serial, 'hex')).revoked);

function textOf({ appliance, identity }: Member): string {
  const { name, hostname, site, zone, sensorId } = appliance;
  const values = [name, hostname, site, zone, sensorId, identity?.cn, identity?.fingerprint, identity?.serial];
  return values
    .filter((value) => value != null)
    .join('\n')
    .toLowerCase();
}

/** The issuers of the CRLs that only one of both has. */
function difference(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): string[] {
  const only = (x: ReadonlyMap<string, string>, y: ReadonlyMap<string, string>): string[] =>
    [...x].filter(([fingerprint]) => !y.has(fingerprint)).map(([, issuer]) => issuer);
  return [...only(a, b), ...only(b, a)];
}
