import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { OpenCrl } from '../../core/revocation/open-crl.ts';
import { Trust } from '../../platform/tls/trust.ts';
import type { Vault } from '../../platform/vault/vault.ts';
import { type Override, OverrideError, type OverrideRequest } from '../../service/channels/break-glass.ts';
import type { LoggedEvent } from '../../service/channels/channel-context.ts';
import {
  type AnsweringProcess,
  ChannelHost,
  type ProcessEvent,
  type ProcessStatus,
  type Untimed,
} from './channel-host.ts';
import { LOOK_EVERY_MS } from './channel-process.ts';
import type { CrlFetching } from '../crl-fetching.ts';
import { CrlFeed } from './crl-feed.ts';
import { connectionsOf } from './channel-report.ts';
import { FedChannel } from './fed-channel.ts';
import { type Feed, fromBase64, type Group, overridesOf, sha256Hex } from './feed.ts';
import { FeedLink } from './feed-link.ts';
import type { Asked } from './link-frames.ts';
import { type RunningChannel, type Surroundings } from './running-channel.ts';
import { CopyError, SealedCopy } from './sealed-copy.ts';

export interface FedOptions {
  /** Its own, 0700: the sealed copy, CRLs, the highest time seen, exceptions. */
  readonly folder: string;
  readonly vault: Vault;
  readonly group: Group;
  readonly version: string;
  /** An authenticated connection to the server. @throws where there is none; the message is shown */
  readonly connect: () => Promise<Duplex>;
  readonly log: (event: ProcessEvent) => void;
  /** Whom it asks for CRLs while the server is away. */
  readonly fetching?: CrlFetching;
  /** The server says that it is enough. */
  readonly onStop: () => void;
}

/** What could not listen is tried again so often. */
const AGAIN_MS = 2000;
/** The server fetches CRLs for all; where it is away for so long, the process does itself. */
const FETCH_AFTER_MS = 60_000;
const FETCH_EVERY_MS = 10 * 60_000;
/** For the first answer of the server, before what was kept is used. */
const FIRST_FEED_MS = 3000;

/** One process whose channels the inventory feeds; without the server it goes on with what it was told last. */
export class FedProcess implements AnsweringProcess {
  readonly #host: ChannelHost;
  readonly #folder: string;
  readonly #fetching: CrlFetching | undefined;
  readonly #copy: SealedCopy;
  readonly #link: FeedLink;
  readonly #channels = new Map<string, FedChannel>();
  readonly #crls = new Map<string, OpenCrl>();
  /** Channels that are gone while their connections end. */
  readonly #draining = new Map<FedChannel, Promise<void>>();
  /** While the server is away CRLs are asked for here; what came stays until the server names its own. */
  #fetched: { readonly key: string; readonly feed: CrlFeed } | undefined;
  #trust = new Trust([], []);
  #trustOf = '';
  #wanted: Feed | undefined;
  #settling: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #triedAgain = 0;
  #stopped = false;

  private constructor(options: FedOptions) {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    this.#folder = options.folder;
    this.#fetching = options.fetching;
    this.#copy = new SealedCopy(options.folder, options.group, options.vault);
    this.#host = new ChannelHost(
      options.folder,
      options.log,
      () => this.running,
      () => this.#leaving,
    );
    this.#link = new FeedLink({
      connect: options.connect,
      hello: () => ({ group: options.group, version: options.version, pid: process.pid, crls: this.#heldCrls() }),
      state: () => ({
        clockTrusted: this.#host.clock.read().untrusted === undefined,
        channels: [...this.#channels.values()].map((channel) => channel.summary()),
      }),
      say: (event) => this.#host.say(event),
      onCrl: (fingerprint, der) => this.#takeCrl(fingerprint, fromBase64(der)),
      onFeed: (feed) => void this.#take(feed).catch((error: unknown) => this.#failed(error)),
      onAsk: (asked) => this.#answer(asked),
      onStop: options.onStop,
    });
  }

  /** Begins with what the server says; where it cannot be reached, with what it said last. */
  static async start(options: FedOptions): Promise<FedProcess> {
    const started = new FedProcess(options);
    const fed = await started.#link.start(FIRST_FEED_MS);
    if (!fed) await started.#useCopy();
    await started.#settling;
    started.#timer = setInterval(() => started.#look(), LOOK_EVERY_MS);
    return started;
  }

  get running(): readonly RunningChannel[] {
    return [...this.#channels.values()].flatMap(({ running }) => running ?? []);
  }

  /** Listeners that are gone, while their connections end. */
  get #leaving(): readonly RunningChannel[] {
    const gone = [...this.#draining.keys()];
    return [
      ...gone.flatMap(({ running }) => running ?? []),
      ...[...this.#channels.values(), ...gone].flatMap(({ leaving }) => leaving),
    ];
  }

  get serverConnected(): boolean {
    return this.#link.connected;
  }

  nameOf(id: string): string {
    return this.#channels.get(id)?.name ?? id;
  }

  #look(): void {
    this.#host.look();
    this.#link.report();
    void this.#fetchCrls().catch((error: unknown) => this.#failed(error));
    const now = performance.now();
    const silent = [...this.#channels.values()].some(({ problem }) => problem !== undefined);
    if (!silent || now - this.#triedAgain < AGAIN_MS || this.#settling !== undefined) return;
    this.#triedAgain = now;
    void this.#settle();
  }

  async #fetchCrls(): Promise<void> {
    const feed = this.#wanted;
    if (feed === undefined || feed.crlUrls.length === 0 || this.#link.awayForMs < FETCH_AFTER_MS) return;
    const key = feed.crlUrls.join(' ');
    if (this.#fetched?.key !== key) {
      const now = (): number => this.#host.clock.read().now;
      const folder = join(this.#folder, 'fetched');
      const asking = { urls: feed.crlUrls, everyMs: FETCH_EVERY_MS, now, fetching: this.#fetching };
      this.#fetched = { key, feed: new CrlFeed(folder, asking) };
    }
    const chains = feed.channels.flatMap(({ identity }) => identity?.chain.slice(1) ?? []);
    const signers = [...chains, ...feed.anchors].map(fromBase64);
    const { feed: fetched } = this.#fetched;
    if (!(await fetched.look(signers, this.#host.clock.read().now)) || this.#wanted !== feed) return;
    this.#trustOf = '';
    this.#apply(feed);
  }

  async #useCopy(): Promise<void> {
    try {
      const feed = this.#copy.load();
      if (feed === undefined || this.#wanted !== undefined) return;
      for (const fingerprint of feed.crls) this.#openCrl(fingerprint, this.#copy.crl(fingerprint)!);
      // Exceptions are kept apart, with the end that this process gave them.
      this.#apply(feed);
      await this.#settle();
    } catch (error) {
      if (!(error instanceof CopyError)) throw error;
      this.#host.say({ event: 'copy-refused', problem: error.message });
      this.#link.problem = error.message;
    }
  }

  #takeCrl(fingerprint: string, der: Uint8Array): void {
    if (sha256Hex(der) !== fingerprint) return;
    this.#attempt(() => this.#openCrl(fingerprint, der));
    this.#attempt(() => this.#copy.keepCrl(fingerprint, der));
  }

  /** Those that are whole: what it says it has is not sent again. */
  #heldCrls(): string[] {
    return this.#copy.heldCrls().filter((one) => this.#crls.has(one) || this.#copy.crl(one) !== undefined);
  }

  #openCrl(fingerprint: string, der: Uint8Array): void {
    if (!this.#crls.has(fingerprint)) this.#crls.set(fingerprint, new OpenCrl(der, { index: 'now' }));
  }

  /** A full disk must not close a channel: what was kept stays as it was. */
  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#host.say({ event: 'copy-failed', problem: (error as Error).message });
  }

  async #take(feed: Feed): Promise<void> {
    for (const fingerprint of feed.crls) {
      const held = this.#crls.has(fingerprint) ? undefined : this.#copy.crl(fingerprint);
      if (held !== undefined) this.#attempt(() => this.#openCrl(fingerprint, held));
    }
    this.#attempt(() => this.#host.breakGlass.follow(overridesOf(feed)));
    this.#apply(feed);
    this.#attempt(() => this.#copy.save(feed));
    await this.#settle();
    this.#link.report();
  }

  /** At once, nothing awaited: whom to trust, how strictly, and what is over. */
  #apply(feed: Feed): void {
    this.#wanted = feed;
    this.#renewTrust(feed);
    for (const channel of this.#draining.keys()) channel.trustAtOnce(this.#trust);
    const wanted = new Map(feed.channels.map((order) => [order.settings.id, order]));
    for (const [id, channel] of this.#channels) {
      const order = wanted.get(id);
      if (order !== undefined) channel.takeAtOnce(order, this.#trust);
      else this.#drop(id, channel);
    }
    for (const [id, order] of wanted) {
      if (!this.#channels.has(id)) this.#channels.set(id, new FedChannel(order, this.#surroundings(id)));
    }
    this.#host.sweep();
  }

  #renewTrust({ anchors, crls }: Feed): void {
    const key = JSON.stringify([anchors, crls]);
    if (key === this.#trustOf) return;
    this.#trustOf = key;
    for (const held of this.#crls.keys()) if (!crls.includes(held)) this.#crls.delete(held);
    this.#trust = new Trust(anchors.map(fromBase64), [...this.#crls.values(), ...(this.#fetched?.feed.crls ?? [])]);
  }

  #drop(id: string, channel: FedChannel): void {
    this.#channels.delete(id);
    this.#draining.set(
      channel,
      channel.stop().finally(() => this.#draining.delete(channel)),
    );
  }

  #surroundings(id: string): Surroundings {
    const { clock, breakGlass } = this.#host;
    return {
      clock,
      breakGlass,
      log: (event) => {
        const channel = this.#channels.get(id);
        channel?.note(event as LoggedEvent, clock.read().now);
        this.#host.say({ ...event, ...(channel && { name: channel.name }) } as Untimed);
        this.#link.reportSoon();
      },
    };
  }

  /** Listeners and certificates, which take a moment; one after the other, and again where more was said meanwhile. */
  async #settle(): Promise<void> {
    if (this.#settling !== undefined) {
      await this.#settling;
      if (this.#settling !== undefined) return;
    }
    this.#settling = this.#settleAll().finally(() => (this.#settling = undefined));
    await this.#settling;
  }

  async #settleAll(): Promise<void> {
    for (let feed: Feed | undefined; feed !== this.#wanted && !this.#stopped;) {
      feed = this.#wanted;
      for (const [id, channel] of this.#channels) {
        const before = channel.problem;
        await channel.settle(this.#trust);
        const { problem } = channel;
        if (problem !== undefined && problem !== before) {
          this.#host.say({ event: 'not-listening', channel: id, name: channel.name, problem });
        }
      }
    }
    this.#link.reportSoon();
  }

  #answer(asked: Asked): unknown {
    if (asked.what === 'connections') {
      const channel = this.#channels.get(asked.channelId);
      if (channel?.running === undefined) return null;
      return connectionsOf(channel.running, channel.recent);
    }
    return [...this.#channels]
      .filter(([id]) => asked.channelId === undefined || id === asked.channelId)
      .map(([, channel]) => channel.forecast(asked.at, this.#trust));
  }

  /** By id or name. @throws {OverrideError} */
  openOverride(request: OverrideRequest): Override {
    const found = [...this.#channels].find(([id, { name }]) => id === request.channel || name === request.channel);
    if (found === undefined) {
      const names = [...this.#channels.values()].map(({ name }) => name).join(', ');
      throw new OverrideError(`There is no channel ${request.channel}; there are ${names || 'none'}.`);
    }
    const override = this.#host.openOverride({ ...request, channel: found[0] });
    this.#link.reportSoon();
    return override;
  }

  /** @throws {OverrideError} */
  closeOverride(id: string): void {
    this.#host.closeOverride(id);
    this.#link.reportSoon();
  }

  acceptClock(): void {
    this.#host.acceptClock();
  }

  /** @param at milliseconds: also says what would be closed then */
  status(at?: number): ProcessStatus {
    const status = this.#host.status(at);
    const silent = [...this.#channels.values()].flatMap(({ name, problem }) =>
      problem === undefined ? [] : [{ name, problem }],
    );
    return {
      ...status,
      server: this.#link.status(),
      silent,
      channels: status.channels.map((channel) => ({ ...channel, name: this.nameOf(channel.id) })),
    };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#link.stop();
    await Promise.all([...[...this.#channels.values()].map((channel) => channel.stop()), ...this.#draining.values()]);
  }
}
