import { join } from 'node:path';
import { BreakGlass, type Override, OverrideError, type OverrideRequest } from '../../service/channels/break-glass.ts';
import type { LoggedEvent } from '../../service/channels/channel-context.ts';
import type { OverrideEvent } from '../../service/channels/break-glass.ts';
import type { MonotonicClock } from '../../service/channels/trusted-time.ts';
import type { ChannelConfig } from './channel-config.ts';
import { keptClock, keptOverrides } from './kept-state.ts';
import { type ChannelStatus, type FileEvent, RunningChannel } from './running-channel.ts';

export type { Overlooked, Override } from '../../service/channels/break-glass.ts';
export type { ChannelStatus } from './running-channel.ts';

/** Seldom enough to cost nothing, often enough for a second between a file's change and its effect. */
const LOOK_EVERY_MS = 500;

export type ClockEvent =
  | { readonly event: 'clock-untrusted'; readonly clock: string; readonly highest: string; readonly fix: string }
  | { readonly event: 'clock-trusted' };

type Untimed = ((LoggedEvent | FileEvent) & { readonly channel: string }) | OverrideEvent | ClockEvent;

/** One line of the log. */
export type ProcessEvent = Untimed & { readonly time: string };

export interface ProcessStatus {
  readonly clock: { readonly trusted: boolean; readonly now: string };
  readonly channels: readonly ChannelStatus[];
}

/** One process, any number of channels, fed from files: a changed file takes effect by itself. */
export class ChannelProcess {
  readonly #log: (event: ProcessEvent) => void;
  readonly #clock: MonotonicClock;
  readonly #breakGlass: BreakGlass;
  readonly #running: RunningChannel[] = [];
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #clockTrusted = true;

  private constructor(config: ChannelConfig, log: (event: ProcessEvent) => void) {
    this.#log = log;
    this.#clock = keptClock(config.state);
    const { read, keep } = keptOverrides(config.state);
    const say = (event: OverrideEvent): void => this.#say(event);
    this.#breakGlass = new BreakGlass(read(), { clock: this.#clock, keep, log: say });
  }

  /** @throws {ChannelFileError} and errors of listening; then none of the channels runs */
  static async start(config: ChannelConfig, log: (event: ProcessEvent) => void): Promise<ChannelProcess> {
    const started = new ChannelProcess(config, log);
    started.#lookAtClock();
    started.#breakGlass.expire();
    const around = {
      crlFolder: join(config.state, 'crls'),
      clock: started.#clock,
      breakGlass: started.#breakGlass,
      log: (event: (LoggedEvent | FileEvent) & { channel: string }) => started.#say(event),
    };
    try {
      for (const channel of config.channels) started.#running.push(await RunningChannel.start(channel, around));
    } catch (error) {
      await started.stop();
      throw error;
    }
    started.#timer = setInterval(() => void started.look(), LOOK_EVERY_MS);
    return started;
  }

  get running(): readonly RunningChannel[] {
    return this.#running;
  }

  #say(event: Untimed): void {
    this.#log({ time: new Date().toISOString(), ...event });
  }

  /** Takes in every file that changed since, ends exceptions whose time is over, and looks at the clock. */
  async look(): Promise<void> {
    this.#lookAtClock();
    if (this.#breakGlass.expire()) this.#sweep();
    for (const channel of this.#running) void channel.fetchCrls();
    if (this.#looking) return;
    this.#looking = true;
    try {
      for (const channel of this.#running) await channel.reload();
    } finally {
      this.#looking = false;
    }
  }

  #lookAtClock(): void {
    const { untrusted } = this.#clock.read();
    if ((untrusted === undefined) === this.#clockTrusted) return;
    this.#clockTrusted = untrusted === undefined;
    if (untrusted === undefined) return this.#say({ event: 'clock-trusted' });
    this.#say({
      event: 'clock-untrusted',
      clock: new Date(untrusted.clock).toISOString(),
      highest: new Date(untrusted.highest).toISOString(),
      fix: "Set this machine's clock. If it is right and was wrong before: certgate channel trust-clock CONFIG",
    });
  }

  #sweep(): void {
    for (const { core } of this.#running) core.sweep();
  }

  /** The system's clock is right, and the later time seen before was not. */
  acceptClock(): void {
    this.#clock.accept();
    this.#lookAtClock();
    this.#sweep();
  }

  /** @throws {OverrideError} */
  openOverride(request: OverrideRequest): Override {
    const ids = this.#running.map(({ core }) => core.settings.id);
    if (!ids.includes(request.channel)) {
      throw new OverrideError(`There is no channel ${request.channel}; there are ${ids.join(', ')}.`);
    }
    const override = this.#breakGlass.open(request);
    this.#sweep();
    return override;
  }

  /** @throws {OverrideError} */
  closeOverride(id: string): void {
    if (!this.#breakGlass.close(id)) throw new OverrideError(`No exception ${id} is open.`);
    this.#sweep();
  }

  /** @param at milliseconds: also says what would be closed then */
  status(at?: number): ProcessStatus {
    const { now, untrusted } = this.#clock.read();
    return {
      clock: { trusted: untrusted === undefined, now: new Date(now).toISOString() },
      channels: this.#running.map((channel) => channel.status(at)),
    };
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#running.map((channel) => channel.stop()));
  }
}
