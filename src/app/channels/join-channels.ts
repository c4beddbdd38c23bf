import type { Logger } from '../logger.ts';
import { ChannelLinks } from './channel-links.ts';
import { CrlRefresh } from './crl-refresh.ts';
import { LiveChannels, NO_PROCESSES, type ProcessTable } from './channel-view.ts';
import { type FeedParts, InventoryFeed } from './inventory-feed.ts';

export interface JoinedChannels {
  readonly feed: InventoryFeed;
  readonly links: ChannelLinks;
  readonly view: LiveChannels;
  readonly crlRefresh: CrlRefresh;
  /** The processes that this server runs; none until it says so. */
  setProcesses(table: ProcessTable): void;
}

/** The inventory on the one side, the processes that run its channels on the other. */
export function joinChannels(parts: FeedParts, log: Logger): JoinedChannels {
  let table = NO_PROCESSES;
  const feed = new InventoryFeed(parts, (error) =>
    log.error({ err: error }, 'what channels are to do could not be read; it is tried again'),
  );
  const links = new ChannelLinks({ feed, crls: parts.crls, overrides: parts.channelOverrides, log });
  const crlRefresh = new CrlRefresh({ feed, crls: parts.crls, log });
  const view = new LiveChannels({ ...parts, feed, links, crlRefresh, processes: () => table });
  return { feed, links, view, crlRefresh, setProcesses: (processes) => void (table = processes) };
}
