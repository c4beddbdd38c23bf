import { nodeCrypto } from '../platform/crypto/node-crypto.ts';
import type { Store } from '../platform/store/store.ts';
import type { ChannelView } from '../http/routes/services.ts';
import type { AuditLog } from '../service/audit/audit-log.ts';
import type { Anchors } from '../service/inventory/anchors.ts';
import { ChangeFeed } from '../service/inventory/change-feed.ts';
import type { CrlAttempts } from '../service/inventory/crl-attempts.ts';
import { CrlRefresher } from '../service/inventory/crl-refresh.ts';
import type { Crls } from '../service/inventory/crls.ts';
import { EventHub } from '../service/inventory/event-hub.ts';
import type { Identities } from '../service/inventory/identities.ts';
import { FleetList } from '../service/inventory/standing/fleet-query.ts';
import { Fleet } from '../service/inventory/standing/fleet.ts';
import type { Logger } from './logger.ts';

export interface WatchParts {
  readonly store: Store;
  readonly audit: AuditLog;
  readonly identities: Identities;
  readonly anchors: Anchors;
  readonly crls: Crls;
  readonly attempts: CrlAttempts;
  /** How often CRLs are asked for; 0: not by itself. */
  readonly crlsEveryMs: number;
}

/** What looks at everything all the time: changes, here and by other nodes, what certificates are worth, and who is told. */
export class Watch {
  readonly fleet: Fleet;
  readonly fleetList: FleetList;
  readonly events = new EventHub();
  readonly refresher: CrlRefresher;
  readonly #feed: ChangeFeed;
  readonly #parts: WatchParts;
  readonly #log: Logger;
  readonly #stops: (() => void)[] = [];

  constructor(parts: WatchParts, log: Logger) {
    this.#parts = parts;
    this.#log = log;
    const failed = (what: string) => (error: unknown) => log.error({ err: error }, `${what}; it is tried again`);
    const { store, audit, crls, attempts, crlsEveryMs: everyMs } = parts;
    this.#feed = new ChangeFeed({ store, audit, onError: failed('the database does not say what changed') });
    this.fleet = new Fleet({
      store,
      feed: this.#feed,
      crls,
      crypto: nodeCrypto,
      onError: failed('what certificates are worth could not be judged'),
    });
    this.fleetList = new FleetList(this.fleet);
    const onError = failed('CRLs could not be fetched');
    this.refresher = new CrlRefresher({ crls, fleet: this.fleet, attempts, everyMs, onError });
  }

  start(channels: Pick<ChannelView, 'states'>): void {
    const { identities, anchors, crls } = this.#parts;
    const { events, fleet } = this;
    this.#stops.push(
      this.#feed.onChange((changes) => events.publish(changes)),
      fleet.onStanding((ids) => events.publish(ids.map((id) => ({ topic: 'standing', id, at: Date.now() })))),
      ...[identities, anchors, crls].map((source) => this.#feed.follow(source)),
      this.#watchChannels(channels),
    );
    fleet.start();
    this.#feed.start();
    this.refresher.start();
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    await this.refresher.stop();
    await this.fleet.stop();
    await this.#feed.stop();
  }

  /** How channels fare is nobody's change: it is compared, as long as anybody listens. */
  #watchChannels(channels: Pick<ChannelView, 'states'>): () => void {
    let before: ReadonlyMap<string, string> | undefined;
    const look = async (): Promise<void> => {
      if (this.events.listeners === 0) return void (before = undefined);
      const states = await channels.states();
      const now = new Map(states.map(({ channelId, condition, problem }) => [channelId, `${condition} ${problem}`]));
      const known = before;
      before = now;
      if (known === undefined) return;
      const changed = [...now].filter(([id, state]) => known.get(id) !== state);
      this.events.publish(changed.map(([id]) => ({ topic: 'channels', id, at: Date.now() })));
    };
    const timer = setInterval(() => {
      look().catch((error: unknown) => this.#log.error({ err: error }, 'how channels fare could not be read'));
    }, CHANNELS_MS).unref();
    return () => clearInterval(timer);
  }
}

const CHANNELS_MS = 2000;
