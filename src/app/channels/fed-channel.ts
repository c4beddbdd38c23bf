import type { Trust } from '../../platform/tls/trust.ts';
import type { LoggedEvent } from '../../service/channels/channel-context.ts';
import type { ChannelSettings } from '../../service/channels/channel-settings.ts';
import { RecentRefusals } from '../../service/channels/recent-refusals.ts';
import { forecastOf, ownForecast, summaryOf, summaryOfSilent } from './channel-report.ts';
import { type ChannelOrder, identityOf } from './feed.ts';
import type { ChannelSummary, ForecastAnswer } from './link-frames.ts';
import { RunningChannel, type Surroundings } from './running-channel.ts';

/** One channel of a process that the inventory feeds, whether or not it can listen just now. */
export class FedChannel {
  readonly recent = new RecentRefusals();
  readonly #around: Surroundings;
  #order: ChannelOrder;
  #running: RunningChannel | undefined;
  /** Those that listened elsewhere before, while their connections end. */
  readonly #leaving = new Map<RunningChannel, Promise<void>>();
  #problem = 'It is starting.';
  /** What the listener shows; undefined: nothing yet. */
  #presented: string | undefined;
  #stopped = false;

  constructor(order: ChannelOrder, around: Surroundings) {
    this.#order = order;
    this.#around = around;
  }

  get running(): RunningChannel | undefined {
    return this.#running;
  }

  get leaving(): readonly RunningChannel[] {
    return [...this.#leaving.keys()];
  }

  get name(): string {
    return this.#order.name;
  }

  get problem(): string | undefined {
    return this.#running === undefined ? this.#problem : undefined;
  }

  note(event: LoggedEvent, at: number): void {
    this.recent.note(event, at);
  }

  summary(): ChannelSummary {
    return this.#running === undefined
      ? summaryOfSilent(this.#order.settings, this.#problem)
      : summaryOf(this.#running, this.recent);
  }

  /** Anchors and CRLs, settings, and that a certificate is no longer to be shown: what must not wait for anything. */
  takeAtOnce(order: ChannelOrder, trust: Trust): void {
    const running = this.#running;
    this.trustAtOnce(trust);
    if (order.identity === null) for (const { held } of this.#leaving.keys()) held.identity = undefined;
    const changed = JSON.stringify(order) !== JSON.stringify(this.#order);
    if (running !== undefined) {
      if (changed) this.recent.forgetLast();
      if (order.identity === null) {
        running.held.identity = undefined;
        this.#presented = undefined;
      }
      if (!needsRestart(order.settings, running.core.settings)) running.reconfigure(order.settings);
    }
    this.#order = order;
  }

  /** What its connections are judged by at the next sweep, those of listeners that are gone among them. */
  trustAtOnce(trust: Trust): void {
    for (const { held } of this.#leaving.keys()) held.trust = trust;
    const held = this.#running?.held;
    if (held === undefined || held.trust === trust) return;
    held.trust = trust;
    this.recent.forgetLast();
  }

  /** Listens, elsewhere or anew where that is needed, and shows what it is to show. Never throws. */
  async settle(trust: Trust): Promise<void> {
    const { settings } = this.#order;
    const old = this.#running;
    if (old !== undefined && needsRestart(settings, old.core.settings)) {
      this.#running = undefined;
      this.#presented = undefined;
      this.#leave(old);
    }
    if (this.#stopped) return;
    if (this.#running === undefined) await this.#start(trust);
    else await this.#present(this.#running);
  }

  #leave(old: RunningChannel): void {
    this.#leaving.set(
      old,
      old.stop().finally(() => this.#leaving.delete(old)),
    );
  }

  async #start(trust: Trust): Promise<void> {
    const { settings } = this.#order;
    const identity = identityOf(this.#order);
    if (identity === undefined && settings.kind !== 'partner') {
      this.#problem =
        'There is no certificate to show: the appliance has no active one, or is retired. Upload one for it and activate it.';
      return;
    }
    // What is found while it does not listen yet is worth a line only if it comes to that.
    const early: Parameters<Surroundings['log']>[0][] = [];
    let log: Surroundings['log'] = (event) => void early.push(event);
    const around = { ...this.#around, log: (event: (typeof early)[number]) => log(event) };
    try {
      this.#running = await RunningChannel.start(settings, around, { identity, trust });
      ({ log } = this.#around);
      for (const event of early) log(event);
      this.#presented = presentedBy(this.#order);
      // Given up while it was about to listen.
      if (this.#stopped) await this.#running.stop();
    } catch (error) {
      this.#problem = explain(error as NodeJS.ErrnoException, settings);
    }
  }

  async #present(running: RunningChannel): Promise<void> {
    const wanted = presentedBy(this.#order);
    if (wanted === this.#presented) return;
    const identity = identityOf(this.#order);
    // Nothing to show: takeAtOnce has said so already; a partner is dialled without one.
    if (identity === undefined && this.#order.settings.kind !== 'partner') return;
    await running.take('certificate', async () => {
      await running.present(identity);
      this.#presented = wanted;
    });
  }

  /** What would be blocked at a time. @param at milliseconds */
  forecast(at: number, trust: Trust): ForecastAnswer[number] {
    if (this.#running !== undefined) return forecastOf(this.#running, at);
    const { settings } = this.#order;
    const own = ownForecast(settings, { identity: identityOf(this.#order), trust }, at);
    return { channelId: settings.id, ...own, connections: { live: 0, wouldClose: [] } };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([this.#running?.stop(), ...this.#leaving.values()]);
  }
}

const presentedBy = ({ identity, settings }: ChannelOrder): string =>
  `${identity === null ? 'none' : identity.chain.join()} ${'clientCertificate' in settings && settings.clientCertificate === true}`;

/** What only a new listener can change. */
const needsRestart = (wanted: ChannelSettings, is: ChannelSettings): boolean =>
  JSON.stringify(placeOf(wanted)) !== JSON.stringify(placeOf(is));

const placeOf = (settings: ChannelSettings): unknown[] => [
  settings.kind,
  [settings.listen.host, settings.listen.port],
  [settings.target.host, settings.target.port],
  settings.kind === 'console' && [settings.http === true, settings.targetTls !== undefined],
];

function explain({ code, message }: NodeJS.ErrnoException, { listen: { host, port } }: ChannelSettings): string {
  const at = `${host}:${port}`;
  if (code === 'EADDRINUSE')
    return `It cannot listen at ${at}: another program does. Choose another port, or stop that one.`;
  if (code === 'EACCES') {
    return `It may not listen at ${at}: ports below 1024 need a privilege (CAP_NET_BIND_SERVICE). Choose a higher port.`;
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `It cannot listen at ${at}: this host has no such address.`;
  return `It cannot listen at ${at}: ${message}`;
}
