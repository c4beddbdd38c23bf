import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { answers } from '../listen.ts';
import type { Logger } from '../logger.ts';
import type { ChannelLinks } from './channel-links.ts';
import type { ProcessTable } from './channel-view.ts';
import type { Group } from './feed.ts';
import type { InventoryFeed } from './inventory-feed.ts';

/** Where a process that runs channels keeps its state and its socket. */
export const processFolder = ({ dataFolder }: Pick<Config, 'dataFolder'>, group: Group): string =>
  join(dataFolder, 'channels', group);
export const processSocket = (config: Pick<Config, 'dataFolder'>, group: Group): string =>
  join(processFolder(config, group), 'channel.sock');

/** A storm of handshakes at the consoles must not delay the HA links: one process for each of these. */
const OWN_GROUPS = ['console', 'ha', 'partner'] as const;

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;
/** One that ran so long did not crash at once. */
const RAN_WELL_MS = 60_000;
/** Beside the time that its channels give to connections. */
const STOP_MS = 5000;
/** For one that was there before this server to connect. */
const ADOPT_MS = 1000;

export interface ProcessParts {
  readonly config: Config;
  readonly feed: InventoryFeed;
  readonly links: ChannelLinks;
  readonly log: Logger;
  readonly version: string;
}

/**
 * The processes of this server's own channels: started when there is a channel for them, again when they crash, and told
 * to end when there is none. One that outlived its server is taken over.
 */
export class ChannelProcesses implements ProcessTable {
  readonly #parts: ProcessParts;
  readonly #kept = new Map<Group, KeptProcess>();
  readonly #unsubscribe: (() => void)[] = [];

  constructor(parts: ProcessParts) {
    this.#parts = parts;
  }

  start(): void {
    const look = (): void => this.#look();
    this.#unsubscribe.push(this.#parts.feed.onChange(look), this.#parts.links.onChange(look));
    look();
  }

  of(group: Group): ReturnType<ProcessTable['of']> {
    return this.#kept.get(group)?.shown() ?? { state: 'none', pid: null, restarts: 0, problem: null };
  }

  #look(): void {
    const channels = this.#parts.feed.current?.channels ?? [];
    for (const group of OWN_GROUPS) {
      const mine = channels.filter((channel) => channel.node === null && channel.group === group);
      const kept = this.#kept.get(group);
      const drainMs = Math.max(0, ...mine.map(({ settings }) => settings.limits?.drainMs ?? 0));
      if (mine.length > 0) {
        if (kept === undefined) this.#kept.set(group, new KeptProcess(group, this.#parts, drainMs));
        else kept.look(drainMs);
      } else if (kept !== undefined) {
        this.#kept.delete(group);
        void kept.stop();
      } else if (this.#linkOf(group)) this.#parts.links.stopProcess(group);
    }
  }

  #linkOf(group: Group): boolean {
    return this.#parts.links.links.some((link) => link.node === null && link.group === group);
  }

  /** Lets connections end for as long as their channels say. */
  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    await Promise.all([...this.#kept.values()].map((kept) => kept.stop()));
    this.#kept.clear();
  }
}

class KeptProcess {
  readonly #group: Group;
  readonly #parts: ProcessParts;
  #child: ChildProcess | undefined;
  #startedAt = 0;
  #restarts = 0;
  #waitMs = FIRST_WAIT_MS;
  #timer: NodeJS.Timeout | undefined;
  #problem: string | null = null;
  #checking = false;
  #stopping = false;
  #drainMs: number;
  /** The pid of one of another version that was told to end. */
  #outdated: number | undefined;

  constructor(group: Group, parts: ProcessParts, drainMs: number) {
    this.#group = group;
    this.#parts = parts;
    this.#drainMs = drainMs;
    void this.#ensure();
  }

  get #link() {
    return this.#parts.links.links.find((link) => link.node === null && link.group === this.#group);
  }

  get #alive(): boolean {
    return this.#child !== undefined;
  }

  shown(): ReturnType<ProcessTable['of']> {
    const waits = this.#timer !== undefined && !this.#alive && this.#restarts > 0;
    const state = this.#link !== undefined ? 'running' : waits ? 'restarting' : 'starting';
    const pid = this.#link?.pid ?? this.#child?.pid ?? null;
    return { state, pid, restarts: this.#restarts, problem: this.#problem };
  }

  /** To be called when processes come or go, or the inventory changes. */
  look(drainMs: number): void {
    this.#drainMs = drainMs;
    const link = this.#link;
    if (link !== undefined) {
      this.#problem = null;
      if (link.version === this.#parts.version || link.pid === this.#outdated) return;
      // It outlived a server of another version; its successor is of this one.
      this.#outdated = link.pid;
      this.#parts.links.stopProcess(this.#group);
    } else if (!this.#alive && this.#timer === undefined) this.#again(FIRST_WAIT_MS);
  }

  #again(ms: number): void {
    if (this.#stopping) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#ensure();
    }, ms);
    this.#timer.unref();
  }

  async #ensure(): Promise<void> {
    if (this.#alive || this.#checking || this.#stopping) return;
    this.#checking = true;
    // A server that was killed leaves its processes running; they connect by themselves.
    const outlived = await answers(processSocket(this.#parts.config, this.#group));
    this.#checking = false;
    if (this.#stopping) return;
    if (this.#link !== undefined) return;
    if (outlived) {
      const socket = processSocket(this.#parts.config, this.#group);
      this.#problem = `A process from before answers at ${socket}, and has not connected yet. If it does not, end it.`;
      return this.#again(ADOPT_MS);
    }
    this.#spawn();
  }

  #spawn(): void {
    const { config, log } = this.#parts;
    const args = ['channel', 'run', '--kind', this.#group, '--data', config.dataFolder];
    if (config.file !== undefined) args.push('--config', config.file);
    this.#startedAt = Date.now();
    // In a session of its own: a terminal's Ctrl-C is for the server, which tells its processes itself. Its output goes
    // where the server's log goes, and outlives the server.
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...args], {
      stdio: ['ignore', 2, 2],
      detached: true,
    });
    this.#child = child;
    log.info({ group: this.#group, process: child.pid }, 'a process for channels was started');
    child.once('error', (error) => this.#ended(error.message));
    child.once('exit', (code, signal) => this.#ended(signal ?? `code ${code}`));
  }

  #ended(how: string): void {
    if (this.#child === undefined) return;
    this.#child = undefined;
    if (this.#stopping) return;
    if (Date.now() - this.#startedAt > RAN_WELL_MS) this.#waitMs = FIRST_WAIT_MS;
    this.#restarts++;
    this.#problem = `Its process ended (${how}) and is started again; the log of the server says why.`;
    this.#parts.log.error({ group: this.#group, how, againInMs: this.#waitMs }, 'a process for channels ended');
    this.#again(this.#waitMs);
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    // Told twice, it would not wait for its connections to end.
    if (child === undefined) this.#parts.links.stopProcess(this.#group);
    else child.kill('SIGTERM');
    const patience = Date.now() + this.#drainMs + STOP_MS;
    while ((this.#alive || this.#link !== undefined) && Date.now() < patience) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    this.#child?.kill('SIGKILL');
  }
}
