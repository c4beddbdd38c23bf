import type { ChannelEvent, RefusalReason } from './channel-context.ts';

/** What a channel has done since it started. */
export class Counters {
  accepted = 0;
  readonly refused = new Map<RefusalReason, number>();
  /** Of connections that are over. */
  bytesIn = 0;
  bytesOut = 0;

  count(event: ChannelEvent): void {
    switch (event.event) {
      case 'accepted':
        this.accepted++;
        break;
      case 'refused':
        this.refused.set(event.reason, (this.refused.get(event.reason) ?? 0) + 1);
        break;
      case 'closed':
        this.bytesIn += event.bytesIn;
        this.bytesOut += event.bytesOut;
        break;
      default:
    }
  }
}
