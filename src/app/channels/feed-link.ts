import type { Duplex } from 'node:stream';
import type { LinkEvent } from './channel-host.ts';
import type { Feed } from './feed.ts';
import { FrameSocket } from './frames.ts';
import type { Asked, ChannelSummary, ProcessFrame, ServerFrame } from './link-frames.ts';

type Frame<T extends ProcessFrame['t']> = Omit<Extract<ProcessFrame, { t: T }>, 't'>;

export interface LinkPorts {
  readonly connect: () => Promise<Duplex>;
  readonly hello: () => Frame<'hello'>;
  readonly state: () => { clockTrusted: boolean; channels: readonly ChannelSummary[] };
  readonly say: (event: LinkEvent) => void;
  readonly onCrl: (fingerprint: string, der: string) => void;
  readonly onFeed: (feed: Feed) => void;
  readonly onAsk: (asked: Asked) => unknown;
  readonly onStop: () => void;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2000;
const REPORT_SOON_MS = 50;
/** Shorter absences are not told of. */
const NOTEWORTHY_MS = 1000;
/** A line may carry a CRL of a million entries. */
const LONGEST_FRAME = 256 * 1024 * 1024;

/** A process's connection to the server: made again whenever it is lost, and told of everything that changed. */
export class FeedLink {
  /** Why nothing runs, where the copy was refused. */
  problem: string | undefined;
  readonly #ports: LinkPorts;
  #frames: FrameSocket | undefined;
  #connectedSince: number | undefined;
  #awaySince: number | undefined = Date.now();
  #awayProblem: string | undefined;
  /** The last time without the server, told to it. */
  #away: { since: string; until: string } | null = null;
  #fed: (() => void) | undefined;
  /** What was reported of each channel. */
  #reported: Map<string, string> | undefined;
  #soon: NodeJS.Timeout | undefined;
  #wait: NodeJS.Timeout | undefined;
  #waitMs = FIRST_WAIT_MS;
  #stopped = false;

  constructor(ports: LinkPorts) {
    this.#ports = ports;
  }

  get connected(): boolean {
    return this.#connectedSince !== undefined;
  }

  /** How long the server has been away; 0: it is there. */
  get awayForMs(): number {
    return this.#awaySince === undefined ? 0 : Date.now() - this.#awaySince;
  }

  /** Tries once, then goes on trying. @returns whether the server said what is to be done within the time */
  async start(patienceMs: number): Promise<boolean> {
    const fed = new Promise<boolean>((resolve) => {
      this.#fed = () => resolve(true);
      setTimeout(() => resolve(false), patienceMs).unref();
    });
    if (!(await this.#connect())) return false;
    return fed;
  }

  async #connect(): Promise<boolean> {
    try {
      const socket = await this.#ports.connect();
      if (this.#stopped) {
        socket.destroy();
        return false;
      }
      this.#frames = new FrameSocket(socket, {
        longest: LONGEST_FRAME,
        onFrame: (frame) => this.#hear(frame as ServerFrame),
        onClose: () => this.#lost('The connection to the server ended.'),
      });
      this.#reported = undefined;
      this.#frames.send({ t: 'hello', ...this.#ports.hello() });
      return true;
    } catch (error) {
      this.#lost((error as Error).message);
      return false;
    }
  }

  #lost(problem: string): void {
    this.#frames = undefined;
    if (this.#stopped) return;
    // Once for each reason: the one that matters may come second (a token that was revoked).
    const isNews = this.#awayProblem !== problem;
    this.#awaySince ??= Date.now();
    this.#connectedSince = undefined;
    this.#awayProblem = problem;
    if (isNews) this.#ports.say({ event: 'server-away', problem });
    clearTimeout(this.#wait);
    this.#wait = setTimeout(() => void this.#connect(), this.#waitMs);
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
  }

  #hear(frame: ServerFrame): void {
    switch (frame.t) {
      case 'crl':
        return this.#ports.onCrl(frame.fingerprint, frame.der);
      case 'feed':
        this.#welcome();
        this.#ports.onFeed(frame.feed);
        return this.#fed?.();
      case 'ask': {
        const { n, t: _t, ...asked } = frame;
        return this.#frames?.send({ t: 'answer', n, answer: this.#answer(asked as Asked) });
      }
      case 'stop':
        return this.#ports.onStop();
      default:
        // A newer server's; nothing that this version needs.
        return undefined;
    }
  }

  /** A question that fails must not end the channels. */
  #answer(asked: Asked): unknown {
    try {
      return this.#ports.onAsk(asked);
    } catch {
      return null;
    }
  }

  /** Connected is whoever is fed: not before is it sure that the server knows what is to be done. */
  #welcome(): void {
    this.#waitMs = FIRST_WAIT_MS;
    if (this.connected) return;
    const now = Date.now();
    if (this.#awaySince !== undefined && now - this.#awaySince >= NOTEWORTHY_MS) {
      this.#away = { since: new Date(this.#awaySince).toISOString(), until: new Date(now).toISOString() };
    }
    this.#connectedSince = now;
    this.#awaySince = undefined;
    this.#awayProblem = undefined;
    this.problem = undefined;
    this.#ports.say({ event: 'server-connected' });
  }

  status(): { connected: boolean; since: string; problem?: string } {
    const problem = this.problem ?? this.#awayProblem;
    return {
      connected: this.connected,
      since: new Date(this.#connectedSince ?? this.#awaySince ?? Date.now()).toISOString(),
      ...(problem !== undefined && { problem }),
    };
  }

  /** What happens at once is told at once, in one go. */
  reportSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.report();
    }, REPORT_SOON_MS);
  }

  /** Tells the server what changed since the last time. */
  report(): void {
    if (this.#frames === undefined || !this.connected) return;
    const { clockTrusted, channels } = this.#ports.state();
    const now = new Map(channels.map((summary) => [summary.channelId, JSON.stringify(summary)]));
    const before = this.#reported;
    const changed = channels.filter(({ channelId }) => before?.get(channelId) !== now.get(channelId));
    const gone = [...(before?.keys() ?? [])].filter((id) => !now.has(id));
    this.#reported = now;
    if (before !== undefined && changed.length === 0 && gone.length === 0) return;
    this.#frames.send({ t: 'state', clockTrusted, serverAway: this.#away, channels: changed, gone });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#wait);
    clearTimeout(this.#soon);
    this.#frames?.close();
  }
}
