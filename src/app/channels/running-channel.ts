import type { Trust } from '../../platform/tls/trust.ts';
import type { Finding } from '../../core/base/finding.ts';
import type { BreakGlass, Override } from '../../service/channels/break-glass.ts';
import type { ChannelIdentity, LoggedEvent } from '../../service/channels/channel-context.ts';
import type { ChannelCore } from '../../service/channels/channel-core.ts';
import type { Address } from '../../service/channels/channel-settings.ts';
import { DiallingChannel } from '../../service/channels/dialling-channel.ts';
import { ListeningChannel } from '../../service/channels/listening-channel.ts';
import type { MonotonicClock } from '../../service/channels/trusted-time.ts';
import type { ConfiguredChannel } from './channel-config.ts';
import { CrlFeed } from './crl-feed.ts';
import { identityState, readIdentity, readTrust, trustState } from './channel-files.ts';

export type FileEvent =
  | { readonly event: 'listening'; readonly at: Address }
  | { readonly event: 'reloaded'; readonly what: 'certificate' | 'trust' }
  /** The ones held stay in force for as long as they are current. */
  | { readonly event: 'crl-unreachable'; readonly problems: readonly string[] }
  | { readonly event: 'reload-failed'; readonly what: 'certificate' | 'trust'; readonly problem: string };

export interface ChannelStatus {
  readonly id: string;
  readonly kind: string;
  readonly listening: Address;
  readonly target: Address;
  readonly validation: 'mandatory' | 'none';
  readonly observe: boolean;
  /** No data flows, and why. */
  readonly halted: boolean;
  /** What speaks against our own certificate. */
  readonly findings: readonly Finding[];
  /** When our own certificate's verdict changes by itself; absent where it does not. */
  readonly validUntil?: string;
  /** A file that could not be taken in; what was read before is in force. */
  readonly problems: readonly string[];
  readonly overrides: readonly Override[];
  readonly crls: readonly { issuer: string; thisUpdate: string; nextUpdate?: string }[];
  readonly accepted: number;
  readonly refused: Readonly<Record<string, number>>;
  /** Of all connections so far; in: from the side that speaks TLS. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly connections: readonly {
    peer: string;
    fingerprint?: string;
    since: string;
    validUntil?: string;
    bytesIn: number;
    bytesOut: number;
  }[];
  /** Live connections that would be closed at the time asked about. */
  readonly wouldClose?: readonly { peer: string; findings: readonly Finding[] }[];
}

export interface Surroundings {
  /** Where fetched CRLs are kept. */
  readonly crlFolder: string;
  readonly clock: MonotonicClock;
  readonly breakGlass: BreakGlass;
  readonly log: (event: (LoggedEvent | FileEvent) & { channel: string }) => void;
}

/** Whose CRLs are believed: the CAs above our own certificate, and the anchors. */
const signersOf = ({ identity, trust }: { identity: ChannelIdentity | undefined; trust: Trust }): Uint8Array[] => [
  ...(identity?.chain.slice(1) ?? []),
  ...trust.anchors,
];

/** A channel fed from files, and CRLs from URLs. */
export class RunningChannel {
  readonly #configured: ConfiguredChannel;
  readonly #around: Surroundings;
  readonly #channel: ListeningChannel | DiallingChannel;
  /** What it shows and trusts just now, and the state of the files when they were read. */
  readonly #held: { identity: ChannelIdentity | undefined; trust: Trust };
  readonly #seen: { identity: string; trust: string };
  readonly #feed: CrlFeed;
  readonly #problems = new Map<'certificate' | 'trust', string>();
  #listening: Address = { host: '', port: 0 };

  private constructor(
    configured: ConfiguredChannel,
    around: Surroundings,
    files: {
      held: { identity: ChannelIdentity | undefined; trust: Trust };
      seen: { identity: string; trust: string };
      feed: CrlFeed;
    },
  ) {
    this.#configured = configured;
    this.#around = around;
    const { held, seen, feed } = files;
    this.#held = held;
    this.#feed = feed;
    this.#seen = seen;
    const context = {
      identity: { current: () => held.identity },
      trust: () => held.trust,
      clock: around.clock,
      breakGlass: around.breakGlass,
      log: around.log,
    };
    const { settings } = configured;
    this.#channel =
      settings.kind === 'console' || settings.kind === 'ha-listener'
        ? new ListeningChannel(settings, context)
        : new DiallingChannel(settings as never, context);
  }

  /** @throws {ChannelFileError} and errors of listening */
  static async start(configured: ConfiguredChannel, around: Surroundings): Promise<RunningChannel> {
    const { files } = configured;
    const seen = { identity: identityState(files), trust: trustState(files) };
    const held = { identity: await readIdentity(files), trust: readTrust(files) };
    const now = (): number => around.clock.read().now;
    const feed = new CrlFeed(around.crlFolder, { urls: files.crlUrls, everyMs: files.crlRefreshMs, now });
    if (files.crlUrls.length > 0) {
      await feed.begin(signersOf(held));
      held.trust = readTrust(files, feed.crls);
    }
    const running = new RunningChannel(configured, around, { held, seen, feed });
    running.#listening = await running.#channel.start();
    running.#say({ event: 'listening', at: running.#listening });
    return running;
  }

  get core(): ChannelCore {
    return this.#channel.core;
  }

  get trust(): Trust {
    return this.#held.trust;
  }

  #say(event: FileEvent): void {
    this.#around.log({ channel: this.#configured.settings.id, ...event });
  }

  /**
   * Takes in what changed. Trust first and by itself: a revocation does not wait for a key file that is half written.
   * What cannot be read leaves in force what was; it is tried again when its files change again.
   */
  async reload(): Promise<void> {
    const { files } = this.#configured;
    const trust = trustState(files);
    if (trust !== this.#seen.trust) {
      this.#seen.trust = trust;
      await this.#take('trust', async () => {
        this.#held.trust = readTrust(files, this.#feed.crls);
      });
    }
    const identity = identityState(files);
    if (identity !== this.#seen.identity) {
      this.#seen.identity = identity;
      await this.#take('certificate', async () => {
        const read = await readIdentity(files);
        await this.#channel.present(read);
        this.#held.identity = read;
      });
    }
  }

  /** Asks for CRLs where it is time to; whoever calls need not wait. */
  async fetchCrls(): Promise<void> {
    const { files } = this.#configured;
    if (files.crlUrls.length === 0 || !(await this.#feed.look(signersOf(this.#held), this.core.now()))) return;
    if (this.#feed.failures.length > 0) this.#say({ event: 'crl-unreachable', problems: this.#feed.failures });
    await this.#take('trust', async () => {
      this.#held.trust = readTrust(files, this.#feed.crls);
    });
  }

  async #take(what: 'certificate' | 'trust', work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.core.sweep();
      this.#problems.delete(what);
      this.#say({ event: 'reloaded', what });
    } catch (error) {
      const problem = (error as Error).message;
      this.#problems.set(what, problem);
      this.#say({ event: 'reload-failed', what, problem });
    }
  }

  status(at: number | undefined): ChannelStatus {
    const { core } = this;
    const { id, kind, target, validation, observe = false } = core.settings;
    const live = core.connections.list().map((connection) => ({ ...connection, ...connection.traffic() }));
    const sum = (which: 'bytesIn' | 'bytesOut'): number =>
      live.reduce((total, connection) => total + connection[which], core.counters[which]);
    return {
      id,
      kind,
      listening: this.#listening,
      target,
      validation,
      observe,
      halted: core.halted,
      findings: at === undefined ? core.ownFindings : core.ownFindingsAt(at),
      ...(core.ownValidUntil !== Infinity && { validUntil: new Date(core.ownValidUntil).toISOString() }),
      problems: [...this.#problems.values(), ...this.#feed.failures],
      overrides: this.#around.breakGlass.of(id),
      crls: this.#held.trust.crls.map(({ issuer, list: { thisUpdate, nextUpdate } }) => ({
        issuer: issuer.toString(),
        thisUpdate: new Date(thisUpdate.seconds * 1000).toISOString(),
        ...(nextUpdate !== undefined && { nextUpdate: new Date(nextUpdate.seconds * 1000).toISOString() }),
      })),
      accepted: core.counters.accepted,
      refused: Object.fromEntries(core.counters.refused),
      bytesIn: sum('bytesIn'),
      bytesOut: sum('bytesOut'),
      connections: live.map(({ peer, fingerprint, since, validUntil, bytesIn, bytesOut }) => ({
        peer,
        since: new Date(since).toISOString(),
        ...(fingerprint !== undefined && { fingerprint }),
        ...(validUntil !== Infinity && { validUntil: new Date(validUntil).toISOString() }),
        bytesIn,
        bytesOut,
      })),
      ...(at !== undefined && { wouldClose: core.wouldCloseAt(at) }),
    };
  }

  stop(): Promise<void> {
    return this.#channel.stop();
  }
}
