import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../core/base/finding.ts';
import type { Trust } from '../../platform/tls/trust.ts';
import type { ChannelIdentity, LoggedEvent } from '../../service/channels/channel-context.ts';
import type { Address } from '../../service/channels/channel-settings.ts';
import { DiallingChannel } from '../../service/channels/dialling-channel.ts';
import { ListeningChannel } from '../../service/channels/listening-channel.ts';
import { MonotonicClock } from '../../service/channels/trusted-time.ts';
import type { ChannelConfig, ConfiguredChannel } from './channel-config.ts';
import { readIdentity, readTrust, stateOf } from './channel-files.ts';

/** Seldom enough to cost nothing, often enough for a second between a file's change and its effect. */
const LOOK_EVERY_MS = 500;

export type ProcessEvent =
  | (LoggedEvent & { readonly time: string })
  | { readonly time: string; readonly channel: string; readonly event: 'listening'; readonly at: Address }
  | { readonly time: string; readonly channel: string; readonly event: 'reloaded' }
  | { readonly time: string; readonly channel: string; readonly event: 'reload-failed'; readonly problem: string };

export interface ChannelStatus {
  readonly id: string;
  readonly kind: string;
  readonly listening: Address;
  readonly validation: 'mandatory' | 'none';
  readonly observe: boolean;
  /** No data flows, and why. */
  readonly halted: boolean;
  /** What speaks against our own certificate. */
  readonly findings: readonly Finding[];
  readonly connections: readonly { peer: string; fingerprint?: string; since: string; validUntil?: string }[];
  /** Live connections that would be closed at the time asked about. */
  readonly wouldClose?: readonly { peer: string; findings: readonly Finding[] }[];
}

/** One process, any number of channels, fed from files: a changed file takes effect by itself. */
export class ChannelProcess {
  readonly #running: readonly RunningChannel[];
  readonly #timer: NodeJS.Timeout;

  private constructor(running: readonly RunningChannel[]) {
    this.#running = running;
    this.#timer = setInterval(() => void this.reload(), LOOK_EVERY_MS);
  }

  /** @throws {ChannelFileError} and errors of listening; then none of the channels runs */
  static async start(config: ChannelConfig, log: (event: ProcessEvent) => void): Promise<ChannelProcess> {
    const clock = keptClock(config.state);
    const running: RunningChannel[] = [];
    try {
      for (const channel of config.channels) running.push(await RunningChannel.start(channel, clock, log));
    } catch (error) {
      await Promise.all(running.map((channel) => channel.stop()));
      throw error;
    }
    return new ChannelProcess(running);
  }

  /** Takes in every file that changed since. */
  async reload(): Promise<void> {
    for (const channel of this.#running) await channel.reload();
  }

  /** @param at milliseconds: also says what would be closed then */
  status(at?: number): ChannelStatus[] {
    return this.#running.map((channel) => channel.status(at));
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#running.map((channel) => channel.stop()));
  }
}

/** What a channel shows and trusts just now. */
interface Held {
  identity: ChannelIdentity | undefined;
  trust: Trust;
}

class RunningChannel {
  readonly #configured: ConfiguredChannel;
  readonly #channel: ListeningChannel | DiallingChannel;
  readonly #held: Held;
  readonly #log: (event: ProcessEvent) => void;
  #state: string;
  #listening: Address = { host: '', port: 0 };

  private constructor(
    configured: ConfiguredChannel,
    held: Held,
    parts: { channel: ListeningChannel | DiallingChannel; state: string; log: (event: ProcessEvent) => void },
  ) {
    this.#configured = configured;
    this.#held = held;
    this.#channel = parts.channel;
    this.#state = parts.state;
    this.#log = parts.log;
  }

  static async start(
    configured: ConfiguredChannel,
    clock: MonotonicClock,
    log: (event: ProcessEvent) => void,
  ): Promise<RunningChannel> {
    const { settings, files } = configured;
    const state = stateOf(files);
    const held = { identity: await readIdentity(files), trust: readTrust(files) };
    const context = {
      identity: { current: () => held.identity },
      trust: () => held.trust,
      clock,
      log: (event: LoggedEvent) => log({ time: new Date().toISOString(), ...event }),
    };
    const listens = settings.kind === 'console' || settings.kind === 'ha-listener';
    const channel = listens ? new ListeningChannel(settings, context) : new DiallingChannel(settings as never, context);
    const running = new RunningChannel(configured, held, { channel, state, log });
    running.#listening = await channel.start();
    running.#say({ event: 'listening', at: running.#listening });
    return running;
  }

  #say(
    event: { event: 'listening'; at: Address } | { event: 'reloaded' } | { event: 'reload-failed'; problem: string },
  ): void {
    this.#log({ time: new Date().toISOString(), channel: this.#configured.settings.id, ...event });
  }

  /** What cannot be read leaves in force what was; it is tried again when the files change again. */
  async reload(): Promise<void> {
    const { files } = this.#configured;
    const state = stateOf(files);
    if (state === this.#state) return;
    this.#state = state;
    try {
      const [identity, trust] = [await readIdentity(files), readTrust(files)];
      this.#held.identity = identity;
      this.#held.trust = trust;
      await this.#channel.renew();
      this.#say({ event: 'reloaded' });
    } catch (error) {
      this.#say({ event: 'reload-failed', problem: (error as Error).message });
    }
  }

  status(at: number | undefined): ChannelStatus {
    const { core } = this.#channel;
    const { id, kind, validation, observe = false } = core.settings;
    return {
      id,
      kind,
      listening: this.#listening,
      validation,
      observe,
      halted: core.halted,
      findings: at === undefined ? core.ownFindings : core.ownFindingsAt(at),
      connections: core.connections.list().map(({ peer, fingerprint, since, validUntil }) => ({
        peer,
        since: new Date(since).toISOString(),
        ...(fingerprint !== undefined && { fingerprint }),
        ...(validUntil !== Infinity && { validUntil: new Date(validUntil).toISOString() }),
      })),
      ...(at !== undefined && { wouldClose: core.wouldCloseAt(at) }),
    };
  }

  stop(): Promise<void> {
    return this.#channel.stop();
  }
}

/** A clock that does not go back over restarts either: the highest time seen lies in a file. */
function keptClock(folder: string): MonotonicClock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'highest-time');
  return new MonotonicClock(Math.max(readHighest(path), BUILT_AFTER), (highest) => {
    writeFileSync(`${path}.new`, `${highest}\n`, { mode: 0o600, flush: true });
    renameSync(`${path}.new`, path);
  });
}

/** No true clock is before the time at which this was written. */
const BUILT_AFTER = Date.UTC(2026, 10, 1);

function readHighest(path: string): number {
  try {
    const value = Number(readFileSync(path, 'utf8'));
    return Number.isFinite(value) ? value : 0;
  } catch {
    return 0;
  }
}
