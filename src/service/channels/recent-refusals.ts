import type { Finding } from '../../core/base/finding.ts';
import type { Overlooked } from './break-glass.ts';
import type { LoggedEvent, RefusalReason } from './channel-context.ts';

/** A connection that was turned away, or ended by a verdict. */
export interface Refused {
  /** Milliseconds. */
  readonly at: number;
  readonly what: 'refused' | 'closed';
  readonly reason: RefusalReason;
  readonly peer: string | undefined;
  readonly fingerprint: string | undefined;
  readonly subject: string | undefined;
  readonly problem: string | undefined;
  readonly findings: readonly Finding[];
  readonly overlookable: readonly Overlooked[];
}

/** How many are remembered of each channel. */
const MOST = 50;

/** What a channel's log said of its peers of late, for whoever asks why nothing flows. */
export class RecentRefusals {
  #refused: readonly Refused[] = [];
  #last: { accepted: true; findings: readonly Finding[]; override: boolean } | Refused | undefined;

  note(event: LoggedEvent, at: number): void {
    if (event.event === 'accepted') {
      this.#last = { accepted: true, findings: event.findings, override: event.override !== undefined };
    }
    const refused = asRefused(event, at);
    if (refused === undefined) return;
    this.#refused = [refused, ...this.#refused.slice(0, MOST - 1)];
    if (refused.reason === 'peer-certificate' || refused.reason === 'refused-by-other-end') this.#last = refused;
  }

  /** Newest first. */
  list(): readonly Refused[] {
    return this.#refused;
  }

  /** The verdict on the other end at the last attempt: refused, or let through although something speaks against it. */
  get last(): { accepted: true; findings: readonly Finding[]; override: boolean } | Refused | undefined {
    return this.#last;
  }

  /** Something changed on which the last verdict rested. */
  forgetLast(): void {
    this.#last = undefined;
  }
}

function asRefused(event: LoggedEvent, at: number): Refused | undefined {
  const { peer, fingerprint, subject } = event;
  if (event.event === 'refused') {
    const { reason, problem, findings, overlookable = [] } = event;
    return { at, what: 'refused', reason, peer, fingerprint, subject, problem, findings, overlookable };
  }
  if (event.event !== 'closed' || event.verdict === undefined) return undefined;
  return { at, what: 'closed', peer, fingerprint, subject, problem: undefined, ...event.verdict };
}
