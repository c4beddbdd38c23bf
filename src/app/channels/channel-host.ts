import { BreakGlass, type Override, OverrideError, type OverrideEvent } from '../../service/channels/break-glass.ts';
import type { OverrideRequest } from '../../service/channels/break-glass.ts';
import type { LoggedEvent } from '../../service/channels/channel-context.ts';
import type { MonotonicClock } from '../../service/channels/trusted-time.ts';
import { keptClock, keptOverrides } from './kept-state.ts';
import type { ChannelStatus, FeedEvent, RunningChannel } from './running-channel.ts';

export type ClockEvent =
  | { readonly event: 'clock-untrusted'; readonly clock: string; readonly highest: string; readonly fix: string }
  | { readonly event: 'clock-trusted' };

/** A process that the inventory feeds, and the server that does. */
export type LinkEvent =
  | { readonly event: 'server-connected' }
  | { readonly event: 'server-away'; readonly problem: string }
  /** What was kept of the last time; nothing of it is used. */
  | { readonly event: 'copy-refused'; readonly problem: string }
  | { readonly event: 'copy-failed'; readonly problem: string }
  | { readonly event: 'not-listening'; readonly channel: string; readonly name: string; readonly problem: string };

export type Untimed =
  | ((LoggedEvent | FeedEvent) & { readonly channel: string })
  | OverrideEvent
  | ClockEvent
  | LinkEvent;

/** One line of the log. */
export type ProcessEvent = Untimed & { readonly time: string };

export interface ProcessStatus {
  readonly clock: { readonly trusted: boolean; readonly now: string };
  /** Of a process that the inventory feeds. */
  readonly server?: { readonly connected: boolean; readonly since: string; readonly problem?: string };
  /** Channels that cannot listen, and why. */
  readonly silent?: readonly { readonly name: string; readonly problem: string }[];
  readonly channels: readonly ChannelStatus[];
}

/** What can be asked of a process that runs channels, whoever feeds it. */
export interface AnsweringProcess {
  readonly running: readonly RunningChannel[];
  /** Whether the server that feeds it is there; undefined: files feed it. */
  readonly serverConnected?: boolean | undefined;
  nameOf?(id: string): string;
  status(at?: number): ProcessStatus;
  /** @throws {OverrideError} */
  openOverride(request: OverrideRequest): Override;
  /** @throws {OverrideError} */
  closeOverride(id: string): void;
  acceptClock(): void;
}

/** What all channels of a process share: a clock that does not go back, exceptions, the log. */
export class ChannelHost {
  readonly clock: MonotonicClock;
  readonly breakGlass: BreakGlass;
  readonly #log: (event: ProcessEvent) => void;
  readonly #running: () => readonly RunningChannel[];
  readonly #leaving: () => readonly RunningChannel[];
  #clockTrusted = true;

  /**
   * @param state the folder in which time and exceptions are kept
   * @param leaving those that listen no more, while their connections end: they are judged like all others
   */
  constructor(
    state: string,
    log: (event: ProcessEvent) => void,
    running: () => readonly RunningChannel[],
    leaving: () => readonly RunningChannel[] = () => [],
  ) {
    this.#log = log;
    this.#running = running;
    this.#leaving = leaving;
    this.clock = keptClock(state);
    const { read, ...kept } = keptOverrides(state);
    this.breakGlass = new BreakGlass(read(), { clock: this.clock, ...kept, log: (event) => this.say(event) });
    this.#lookAtClock();
    this.breakGlass.expire();
  }

  say(event: Untimed): void {
    this.#log({ time: new Date().toISOString(), ...event });
  }

  /** To be called often: ends exceptions whose time is over, and looks at the clock. */
  look(): void {
    this.#lookAtClock();
    if (this.breakGlass.expire()) this.sweep();
  }

  #lookAtClock(): void {
    const { untrusted } = this.clock.read();
    if ((untrusted === undefined) === this.#clockTrusted) return;
    this.#clockTrusted = untrusted === undefined;
    if (untrusted === undefined) return this.say({ event: 'clock-trusted' });
    this.say({
      event: 'clock-untrusted',
      clock: new Date(untrusted.clock).toISOString(),
      highest: new Date(untrusted.highest).toISOString(),
      fix: "Set this machine's clock. If it is right and was wrong before: certgate channel trust-clock CONFIG",
    });
  }

  sweep(): void {
    for (const { core } of [...this.#running(), ...this.#leaving()]) core.sweep();
  }

  /** The system's clock is right, and the later time seen before was not. */
  acceptClock(): void {
    const before = this.clock.read().now;
    this.clock.accept();
    const back = before - this.clock.read().now;
    if (back > 0) this.breakGlass.clockWentBack(back);
    this.#lookAtClock();
    this.sweep();
  }

  /** @throws {OverrideError} */
  openOverride(request: OverrideRequest): Override {
    const ids = this.#running().map(({ core }) => core.settings.id);
    if (!ids.includes(request.channel)) {
      throw new OverrideError(`There is no channel ${request.channel}; there are ${ids.join(', ')}.`);
    }
    const override = this.breakGlass.open(request);
    this.sweep();
    return override;
  }

  /** @throws {OverrideError} */
  closeOverride(id: string): void {
    if (!this.breakGlass.close(id)) throw new OverrideError(`No exception ${id} is open.`);
    this.sweep();
  }

  /** @param at milliseconds: also says what would be closed then */
  status(at?: number): ProcessStatus {
    const { now, untrusted } = this.clock.read();
    return {
      clock: { trusted: untrusted === undefined, now: new Date(now).toISOString() },
      channels: this.#running().map((channel) => channel.status(at)),
    };
  }
}
