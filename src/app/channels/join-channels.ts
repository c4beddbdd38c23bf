import type { Store } from '../../platform/store/store.ts';
import type { AuditLog } from '../../service/audit/audit-log.ts';
import type { Anchors } from '../../service/inventory/anchors.ts';
import type { Appliances } from '../../service/inventory/appliances.ts';
import { ChannelOverrides } from '../../service/inventory/channel-overrides.ts';
import { Channels } from '../../service/inventory/channels.ts';
import type { CrlAttempts } from '../../service/inventory/crl-attempts.ts';
import type { Crls } from '../../service/inventory/crls.ts';
import type { Identities } from '../../service/inventory/identities.ts';
import { Partners } from '../../service/inventory/partners.ts';
import type { Logger } from '../logger.ts';
import { ChannelLinks } from './channel-links.ts';
import { LiveChannels, NO_PROCESSES, type ProcessTable } from './channel-view.ts';
import { CrlRefresh } from './crl-refresh.ts';
import { InventoryFeed } from './inventory-feed.ts';

export interface JoinedParts {
  readonly store: Store;
  readonly audit: AuditLog;
  readonly appliances: Appliances;
  readonly identities: Identities;
  readonly anchors: Anchors;
  readonly crls: Crls;
  readonly attempts: CrlAttempts;
  /** How often CRLs are asked for; 0: not by itself. */
  readonly crlsEveryMs: number;
}

export type JoinedChannels = ReturnType<typeof joinChannels>;

/** The inventory on the one side, the processes that run its channels on the other. */
export function joinChannels(parts: JoinedParts, log: Logger) {
  const { store, audit, appliances, crls, attempts, crlsEveryMs: everyMs } = parts;
  const partners = new Partners(store, audit);
  const channels = new Channels({ store, audit, appliances, partners });
  const channelOverrides = new ChannelOverrides(store, audit);
  let table = NO_PROCESSES;
  const feed = new InventoryFeed({ ...parts, partners, channels, channelOverrides }, (error) =>
    log.error({ err: error }, 'what channels are to do could not be read; it is tried again'),
  );
  const links = new ChannelLinks({ feed, crls, overrides: channelOverrides, log });
  const crlRefresh = new CrlRefresh({ feed, crls, attempts, everyMs, log });
  const processes = (): ProcessTable => table;
  const channelView = new LiveChannels({ channels, channelOverrides, crls, feed, links, crlRefresh, processes });
  return {
    feed,
    links,
    crlRefresh,
    /** The processes that this server runs; none until it says so. */
    setProcesses: (running: ProcessTable): void => void (table = running),
    services: { partners, channels, channelOverrides, channelView },
  };
}
