import type { ChannelEvent, RefusalReason } from './channel-context.ts';

/** What a channel has done since it started. */
export class Counters {
  accepted = 0;
  readonly refused = new Map<RefusalReason, number>();
  /** The same by reason and rule of the first finding. */
  readonly byRule = new Map<string, { reason: RefusalReason; rule: string | null; count: number }>();
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
        this.#countRule(event.reason, event.findings[0]?.rule ?? null);
        break;
      case 'closed':
        this.bytesIn += event.bytesIn;
        this.bytesOut += event.bytesOut;
        break;
      default:
    }
  }

  #countRule(reason: RefusalReason, rule: string | null): void {
    const key = `${reason} ${rule ?? ''}`;
    const count = (this.byRule.get(key)?.count ?? 0) + 1;
    this.byRule.set(key, { reason, rule, count });
  }
}
