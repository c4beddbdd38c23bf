import type { Duplex } from 'node:stream';
import { z } from 'zod';
import type { ChannelOverrides } from '../../service/inventory/channel-overrides.ts';
import type { Crls } from '../../service/inventory/crls.ts';
import { digestOf, type Group, toBase64 } from './feed.ts';
import { FrameSocket } from './frames.ts';
import { feedOf, type InventoryFeed } from './inventory-feed.ts';
import {
  type Asked,
  type ChannelSummary,
  type ProcessFrame,
  processFrameSchema,
  type ServerFrame,
} from './link-frames.ts';

/** Who is at the other end, as whoever let it in knows. */
export interface LinkPeer {
  /** Null: this host; else the name of its token. */
  readonly node: string | null;
  /** Asked again and again: its token may be revoked. */
  readonly mayStay?: () => Promise<boolean>;
}

/** A process that runs channels and is connected. */
export interface Link {
  readonly node: string | null;
  readonly group: Group;
  readonly version: string;
  readonly pid: number;
  /** Milliseconds. */
  readonly heardAt: number;
  readonly clockTrusted: boolean;
  readonly serverAway: { readonly since: string; readonly until: string } | null;
  readonly summaries: ReadonlyMap<string, ChannelSummary>;
}

export interface LinkParts {
  readonly feed: InventoryFeed;
  readonly crls: Crls;
  readonly overrides: ChannelOverrides;
  readonly log: { info(details: object, message: string): void; warn(details: object, message: string): void };
}

const LONGEST_FRAME = 16 * 1024 * 1024;
const ANSWER_WITHIN_MS = 3000;
const MAY_STAY_EVERY_MS = 5000;

/** The processes that run channels, seen from the server: feeds them, and hears how the channels fare. */
export class ChannelLinks {
  readonly #parts: LinkParts;
  readonly #open = new Set<OpenLink>();
  readonly #listeners = new Set<() => void>();
  /** When each process that is gone was last heard. */
  readonly #lastHeard = new Map<string, number>();

  constructor(parts: LinkParts) {
    this.#parts = parts;
    parts.feed.onChange(() => {
      for (const link of this.#open) void link.push();
    });
  }

  /** Called when a process comes, goes, or says something new. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes over a connection that is authenticated. */
  accept(socket: Duplex, peer: LinkPeer): void {
    const link: OpenLink = new OpenLink(socket, peer, {
      ...this.#parts,
      changed: () => this.#announce(),
      closed: () => {
        this.#open.delete(link);
        if (link.hello === undefined) return;
        this.#lastHeard.set(placeOf(link), link.heardAt);
        const { node, group, pid } = link;
        this.#parts.log.warn({ node, group, process: pid }, 'a process that runs channels is no longer connected');
        this.#announce();
      },
    });
    this.#open.add(link);
  }

  /** Those that have said who they are. */
  get links(): readonly Link[] {
    return [...this.#open].filter(({ hello }) => hello !== undefined);
  }

  /** The process that runs this channel: the one that listens, where two say they do. */
  ofChannel(channelId: string): (Link & { ask(asked: Asked): Promise<unknown> }) | undefined {
    const all = [...this.#open].filter(({ summaries }) => summaries.has(channelId));
    return all.find(({ summaries }) => summaries.get(channelId)!.listening !== null) ?? all[0];
  }

  /** Those that run channels of this place, whether or not they have this one yet. */
  ofPlace(node: string | null, group: Group): Link | undefined {
    return this.links.find((link) => link.node === node && (link.group === group || link.group === 'all'));
  }

  /** Milliseconds; undefined: never. */
  lastHeard(node: string | null, group: Group): number | undefined {
    const heard = [group, 'all' as const].flatMap((one) => this.#lastHeard.get(placeOf({ node, group: one })) ?? []);
    return heard.length === 0 ? undefined : Math.max(...heard);
  }

  /** Every process that is connected, each asked; those that do not answer in time are left out. */
  async askAll(asked: Asked): Promise<unknown[]> {
    const answers = await Promise.allSettled([...this.#open].map((link) => link.ask(asked)));
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  }

  /** Lets its connections end, and ends it. */
  stopProcess(group: Group): void {
    for (const link of this.#open) if (link.node === null && link.group === group) link.say({ t: 'stop' });
  }

  close(): void {
    for (const link of this.#open) link.close();
  }

  #announce(): void {
    for (const listener of this.#listeners) listener();
  }
}

const placeOf = ({ node, group }: { node: string | null; group: Group }): string => `${group} ${node ?? ''}`;

interface OpenLinkParts extends LinkParts {
  readonly changed: () => void;
  readonly closed: () => void;
}

class OpenLink implements Link {
  readonly node: string | null;
  readonly summaries = new Map<string, ChannelSummary>();
  hello: Extract<ProcessFrame, { t: 'hello' }> | undefined;
  heardAt = Date.now();
  clockTrusted = true;
  serverAway: Link['serverAway'] = null;
  readonly #parts: OpenLinkParts;
  readonly #frames: FrameSocket;
  readonly #waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  readonly #mayStay: NodeJS.Timeout | undefined;
  /** CRLs that it has. */
  #held = new Set<string>();
  #said = '';
  #next = 1;
  #pushing = false;
  /** One after the other, or one exception would be written down twice. */
  #noting: Promise<void> = Promise.resolve();
  #again = false;

  constructor(socket: Duplex, { node, mayStay }: LinkPeer, parts: OpenLinkParts) {
    this.node = node;
    this.#parts = parts;
    this.#frames = new FrameSocket(socket, {
      longest: LONGEST_FRAME,
      onFrame: (frame) => this.#hear(frame),
      onClose: () => this.#closed(),
    });
    if (mayStay === undefined) return;
    const look = async (): Promise<void> => {
      if (!(await mayStay().catch(() => true))) this.close();
    };
    this.#mayStay = setInterval(() => void look(), MAY_STAY_EVERY_MS);
  }

  get group(): Group {
    return this.hello?.group ?? 'all';
  }

  get version(): string {
    return this.hello?.version ?? '';
  }

  get pid(): number {
    return this.hello?.pid ?? 0;
  }

  say(frame: ServerFrame): void {
    this.#frames.send(frame);
  }

  close(): void {
    this.#frames.close();
  }

  #closed(): void {
    clearInterval(this.#mayStay);
    for (const { reject } of this.#waiting.values()) reject(new Error('the process is gone'));
    this.#waiting.clear();
    this.#parts.closed();
  }

  /** @throws where it does not answer in time */
  ask(asked: Asked): Promise<unknown> {
    const n = this.#next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(n);
        reject(new Error('the process did not answer in time'));
      }, ANSWER_WITHIN_MS);
      const settle =
        <T>(done: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          done(value);
        };
      this.#waiting.set(n, { resolve: settle(resolve), reject: settle(reject) });
      this.say({ t: 'ask', n, ...asked });
    });
  }

  #hear(heard: unknown): void {
    this.heardAt = Date.now();
    const parsed = processFrameSchema.safeParse(heard);
    if (!parsed.success) {
      const problem = z.prettifyError(parsed.error).slice(0, 500);
      this.#parts.log.warn({ node: this.node, problem }, 'a process that runs channels said what cannot be understood');
      return this.close();
    }
    const frame = parsed.data;
    if (frame.t === 'hello') {
      this.hello = frame;
      this.#held = new Set(frame.crls);
      const { group, pid } = frame;
      this.#parts.log.info({ node: this.node, group, process: pid }, 'a process that runs channels is connected');
      void this.push();
    } else if (frame.t === 'answer') {
      this.#waiting.get(frame.n)?.resolve(frame.answer);
      this.#waiting.delete(frame.n);
    } else this.#hearState(frame);
    this.#parts.changed();
  }

  #hearState({ clockTrusted, serverAway, channels, gone }: Extract<ProcessFrame, { t: 'state' }>): void {
    this.clockTrusted = clockTrusted;
    this.serverAway = serverAway;
    for (const id of gone) this.summaries.delete(id);
    const whole = this.#parts.feed.current;
    // It speaks for the channels that it is given, and for no others.
    const own = new Set(whole === undefined ? [] : feedOf(whole, this.node, this.group).channels.map(idOf));
    for (const summary of channels.filter(({ channelId }) => own.has(channelId))) {
      const before = this.summaries.get(summary.channelId);
      this.summaries.set(summary.channelId, summary);
      this.#noting = this.#noting
        .then(() => this.#noteOverrides(summary, before))
        .catch((error: unknown) =>
          this.#parts.log.warn({ err: error }, 'an exception that was opened at a channel could not be written down'),
        );
    }
  }

  /** Those that somebody opened or closed at the process's own socket are audited like all others. */
  async #noteOverrides(summary: ChannelSummary, before: ChannelSummary | undefined): Promise<void> {
    const { overrides } = this.#parts;
    const { channelId } = summary;
    for (const { by, ...override } of summary.hostOverrides) {
      await overrides.noteFromHost({ ...override, channelId, openedBy: `host (${by})` });
    }
    const open = new Set(summary.hostOverrides.map(({ id }) => id));
    for (const { id, by, endsAt } of before?.hostOverrides ?? []) {
      if (open.has(id) || endsAt <= Date.now()) continue;
      // Closed here meanwhile, or never written down.
      await overrides.close(channelId, id, `host (${by})`).catch(() => undefined);
    }
    // Closed while nobody here listened, or opened here and closed there: it must not be ordered again.
    for (const id of summary.hostClosed ?? []) {
      if (before?.hostClosed?.includes(id) !== true)
        await overrides.close(channelId, id, 'host').catch(() => undefined);
    }
  }

  /** Sends what it does not know yet: CRLs first, so that nothing is judged without them. */
  async push(): Promise<void> {
    this.#again = true;
    if (this.#pushing || this.hello === undefined) return;
    this.#pushing = true;
    try {
      while (this.#again) {
        this.#again = false;
        await this.#pushOnce();
      }
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'a process that runs channels could not be fed; it is tried again');
      // Its next connection begins anew.
      this.close();
    } finally {
      this.#pushing = false;
    }
  }

  async #pushOnce(): Promise<void> {
    const whole = this.#parts.feed.current;
    if (whole === undefined) return;
    const feed = feedOf(whole, this.node, this.group);
    const digest = digestOf(feed);
    if (digest === this.#said) return;
    for (const { id, fingerprint } of whole.crls) {
      if (this.#held.has(fingerprint)) continue;
      const crl = await this.#parts.crls.open(id);
      this.say({ t: 'crl', fingerprint, der: toBase64(crl.list.der) });
      this.#held.add(fingerprint);
    }
    this.say({ t: 'feed', feed });
    // It forgets those that are not named; one that comes again is sent again.
    this.#held = new Set(feed.crls);
    this.#said = digest;
  }
}

const idOf = ({ settings }: { readonly settings: { readonly id: string } }): string => settings.id;
