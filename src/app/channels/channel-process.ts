import { join } from 'node:path';
import type { Override, OverrideRequest } from '../../service/channels/break-glass.ts';
import type { ChannelConfig } from './channel-config.ts';
import { type AnsweringProcess, ChannelHost, type ProcessEvent, type ProcessStatus } from './channel-host.ts';
import { FileFedChannel } from './file-fed-channel.ts';
import type { RunningChannel } from './running-channel.ts';

/** Seldom enough to cost nothing, often enough for a second between a file's change and its effect. */
export const LOOK_EVERY_MS = 500;

/** One process, any number of channels, fed from files: a changed file takes effect by itself. */
export class ChannelProcess implements AnsweringProcess {
  readonly #host: ChannelHost;
  readonly #channels: FileFedChannel[] = [];
  #timer: NodeJS.Timeout | undefined;
  #looking = false;

  private constructor(config: ChannelConfig, log: (event: ProcessEvent) => void) {
    this.#host = new ChannelHost(config.state, log, () => this.running);
  }

  /** @throws {ChannelFileError} and errors of listening; then none of the channels runs */
  static async start(config: ChannelConfig, log: (event: ProcessEvent) => void): Promise<ChannelProcess> {
    const started = new ChannelProcess(config, log);
    const { clock, breakGlass } = started.#host;
    const around = {
      crlFolder: join(config.state, 'crls'),
      clock,
      breakGlass,
      log: (event: Parameters<ChannelHost['say']>[0]) => started.#host.say(event),
    };
    try {
      for (const channel of config.channels) started.#channels.push(await FileFedChannel.start(channel, around));
    } catch (error) {
      await started.stop();
      throw error;
    }
    started.#timer = setInterval(() => void started.look(), LOOK_EVERY_MS);
    return started;
  }

  get running(): readonly RunningChannel[] {
    return this.#channels.map(({ running }) => running);
  }

  /** Takes in every file that changed since, ends exceptions whose time is over, and looks at the clock. */
  async look(): Promise<void> {
    this.#host.look();
    for (const channel of this.#channels) void channel.fetchCrls();
    if (this.#looking) return;
    this.#looking = true;
    try {
      for (const channel of this.#channels) await channel.reload();
    } finally {
      this.#looking = false;
    }
  }

  acceptClock(): void {
    this.#host.acceptClock();
  }

  /** @throws {OverrideError} */
  openOverride(request: OverrideRequest): Override {
    return this.#host.openOverride(request);
  }

  /** @throws {OverrideError} */
  closeOverride(id: string): void {
    this.#host.closeOverride(id);
  }

  /** @param at milliseconds: also says what would be closed then */
  status(at?: number): ProcessStatus {
    return this.#host.status(at);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.running.map((channel) => channel.stop()));
  }
}
