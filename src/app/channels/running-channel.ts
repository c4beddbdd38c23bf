import type { Finding } from '../../core/base/finding.ts';
import type { Trust } from '../../platform/tls/trust.ts';
import type { BreakGlass, Override } from '../../service/channels/break-glass.ts';
import type { ChannelContext, ChannelIdentity, LoggedEvent } from '../../service/channels/channel-context.ts';
import type { ChannelCore } from '../../service/channels/channel-core.ts';
import type { Address, ChannelSettings } from '../../service/channels/channel-settings.ts';
import { DiallingChannel } from '../../service/channels/dialling-channel.ts';
import { ListeningChannel } from '../../service/channels/listening-channel.ts';
import type { MonotonicClock } from '../../service/channels/trusted-time.ts';

export type FeedEvent =
  | { readonly event: 'listening'; readonly at: Address }
  | { readonly event: 'reloaded'; readonly what: Fed }
  /** The ones held stay in force for as long as they are current. */
  | { readonly event: 'crl-unreachable'; readonly problems: readonly string[] }
  | { readonly event: 'reload-failed'; readonly what: Fed; readonly problem: string };

/** What a channel is given from outside, while it runs. */
export type Fed = 'certificate' | 'trust' | 'settings';

export interface ChannelStatus {
  readonly id: string;
  /** As people call it, where that is not its id. */
  readonly name?: string;
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
  /** What could not be taken in; what was in force before still is. */
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
  readonly clock: MonotonicClock;
  readonly breakGlass: BreakGlass;
  readonly log: (event: (LoggedEvent | FeedEvent) & { channel: string }) => void;
}

/** What it shows and trusts just now; whoever feeds it changes this, then asks it to look. */
export interface Held {
  identity: ChannelIdentity | undefined;
  trust: Trust;
}

/** A channel that listens, wherever what it shows and trusts comes from. */
export class RunningChannel {
  readonly held: Held;
  /** What could not be taken in. */
  readonly problems = new Map<string, string>();
  readonly #channel: ListeningChannel | DiallingChannel;
  readonly #around: Surroundings;
  #listening: Address = { host: '', port: 0 };

  private constructor(settings: ChannelSettings, around: Surroundings, held: Held) {
    this.held = held;
    this.#around = around;
    const context: ChannelContext = {
      identity: { current: () => held.identity },
      trust: () => held.trust,
      clock: around.clock,
      breakGlass: around.breakGlass,
      log: around.log,
    };
    this.#channel =
      settings.kind === 'console' || settings.kind === 'ha-listener'
        ? new ListeningChannel(settings, context)
        : new DiallingChannel(settings, context);
  }

  /** @throws errors of listening, and where there is no certificate to show */
  static async start(settings: ChannelSettings, around: Surroundings, held: Held): Promise<RunningChannel> {
    const running = new RunningChannel(settings, around, held);
    try {
      running.#listening = await running.#channel.start();
    } catch (error) {
      running.core.giveUp();
      throw error;
    }
    running.say({ event: 'listening', at: running.#listening });
    return running;
  }

  get core(): ChannelCore {
    return this.#channel.core;
  }

  get listening(): Address {
    return this.#listening;
  }

  say(event: FeedEvent): void {
    this.#around.log({ channel: this.core.settings.id, ...event });
  }

  /** How strict to be from now on; kind and addresses stay. What is live is judged by it at the next sweep. */
  reconfigure(settings: ChannelSettings): void {
    if (this.#channel instanceof ListeningChannel) this.#channel.reconfigure(settings as never);
    else this.#channel.reconfigure(settings as never);
  }

  /** Shows this certificate from now on. @throws {TlsIdentityError}, and the one before stays */
  async present(identity: ChannelIdentity | undefined): Promise<void> {
    await this.#channel.present(identity);
    this.held.identity = identity;
  }

  /** Does `work`, which changes what is held, and judges everything by it; what fails changes nothing and is said. */
  async take(what: Fed, work: () => Promise<void> | void): Promise<void> {
    try {
      await work();
      this.core.sweep();
      this.problems.delete(what);
      this.say({ event: 'reloaded', what });
    } catch (error) {
      const problem = (error as Error).message;
      this.problems.set(what, problem);
      this.say({ event: 'reload-failed', what, problem });
    }
  }

  /** Bytes so far, live connections among them. */
  traffic(): { bytesIn: number; bytesOut: number } {
    const { counters, connections } = this.core;
    let { bytesIn, bytesOut } = counters;
    for (const connection of connections.list()) {
      const traffic = connection.traffic();
      bytesIn += traffic.bytesIn;
      bytesOut += traffic.bytesOut;
    }
    return { bytesIn, bytesOut };
  }

  status(at: number | undefined): ChannelStatus {
    const { core } = this;
    const { id, kind, target, validation, observe = false } = core.settings;
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
      problems: [...this.problems.values()],
      overrides: this.#around.breakGlass.of(id),
      crls: this.held.trust.crls.map(({ issuer, list: { thisUpdate, nextUpdate } }) => ({
        issuer: issuer.toString(),
        thisUpdate: new Date(thisUpdate.seconds * 1000).toISOString(),
        ...(nextUpdate !== undefined && { nextUpdate: new Date(nextUpdate.seconds * 1000).toISOString() }),
      })),
      accepted: core.counters.accepted,
      refused: Object.fromEntries(core.counters.refused),
      ...this.traffic(),
      connections: core.connections.list().map(({ peer, fingerprint, since, validUntil, traffic }) => ({
        peer,
        since: new Date(since).toISOString(),
        ...(fingerprint !== undefined && { fingerprint }),
        ...(validUntil !== Infinity && { validUntil: new Date(validUntil).toISOString() }),
        ...traffic(),
      })),
      ...(at !== undefined && {
        wouldClose: core.wouldCloseAt(at).map(({ peer, findings }) => ({ peer, findings })),
      }),
    };
  }

  stop(): Promise<void> {
    return this.#channel.stop();
  }
}
