import type { z } from 'zod';
import type {
  channelConditionSchema,
  channelConnectionsSchema,
  channelForecastSchema,
  channelStateSchema,
} from '../../http/contract/channels.ts';
import { toTime } from '../../http/contract/values.ts';
import type { ChannelView } from '../../http/routes/services.ts';
import { openCrl } from '../../core/revocation/open-crl.ts';
import { Trust } from '../../platform/tls/trust.ts';
import type { ChannelEntry } from '../../service/inventory/channel-entry.ts';
import type { ChannelOverride, ChannelOverrides } from '../../service/inventory/channel-overrides.ts';
import type { Channels } from '../../service/inventory/channels.ts';
import type { Crls } from '../../service/inventory/crls.ts';
import type { ChannelLinks, Link } from './channel-links.ts';
import type { CrlRefresh } from './crl-refresh.ts';
import { ownForecast } from './channel-report.ts';
import { fromBase64, type Group, groupOf, identityOf } from './feed.ts';
import type { InventoryFeed, WholeFeed } from './inventory-feed.ts';
import {
  type ChannelSummary,
  connectionsAnswerSchema,
  type ForecastAnswer,
  forecastAnswerSchema,
} from './link-frames.ts';

type ChannelState = z.infer<typeof channelStateSchema>;
type Condition = z.infer<typeof channelConditionSchema>;
type Forecast = z.infer<typeof channelForecastSchema>;

/** The processes that the server itself started. */
export interface ProcessTable {
  of(group: Group): {
    readonly state: 'running' | 'starting' | 'restarting' | 'none';
    readonly pid: number | null;
    readonly restarts: number;
    readonly problem: string | null;
  };
}

export const NO_PROCESSES: ProcessTable = {
  of: () => ({ state: 'none', pid: null, restarts: 0, problem: null }),
};

export interface ViewParts {
  readonly channels: Channels;
  readonly channelOverrides: ChannelOverrides;
  readonly crls: Crls;
  readonly feed: InventoryFeed;
  readonly links: ChannelLinks;
  readonly crlRefresh: CrlRefresh;
  /** Changes when the server begins to run processes. */
  readonly processes: () => ProcessTable;
}

const DAY_MS = 86_400_000;

/** How channels fare: what the inventory wants and what the processes say, put together. */
export class LiveChannels implements ChannelView {
  readonly #parts: ViewParts;

  constructor(parts: ViewParts) {
    this.#parts = parts;
  }

  async states(): Promise<ChannelState[]> {
    const [entries, open] = await Promise.all([this.#parts.channels.list(), this.#openOverrides()]);
    return entries.map((entry) => this.#stateOf(entry, open));
  }

  async state(entry: ChannelEntry): Promise<ChannelState> {
    return this.#stateOf(entry, await this.#openOverrides());
  }

  async #openOverrides(): Promise<ChannelOverride[]> {
    return (await this.#parts.channelOverrides.recent()).filter(({ closedAt }) => closedAt === null);
  }

  #stateOf(entry: ChannelEntry, open: readonly ChannelOverride[]): ChannelState {
    const link = this.#parts.links.ofChannel(entry.id);
    const summary = entry.enabled ? link?.summaries.get(entry.id) : undefined;
    const process = this.#processOf(entry, link);
    const condition = conditionOf(entry, summary);
    const { problem: processProblem, ...shownProcess } = process;
    return {
      ...(summary === undefined ? SILENT : timed(summary)),
      channelId: entry.id,
      condition,
      problem: summary?.problem ?? (condition === 'no-process' ? processProblem : this.#crlProblem(entry, summary)),
      process: shownProcess,
      overrides: open.filter(({ channelId }) => channelId === entry.id).map(shownOverride),
    };
  }

  /** Where CRLs come by hand, a server that nobody can reach is no news until the ones held are about to run out. */
  #crlProblem({ id, enabled }: ChannelEntry, summary: ChannelSummary | undefined): string | null {
    const soon = Date.now() + DAY_MS;
    const lasts = summary?.crls.every(({ nextUpdate }) => nextUpdate !== null && Date.parse(nextUpdate) > soon);
    if (lasts === true && summary?.findings.length === 0) return null;
    const order = this.#parts.feed.current?.channels.find(({ settings }) => settings.id === id);
    return (enabled && order !== undefined && this.#parts.crlRefresh.failureAt(order.crlUrls)) || null;
  }

  #processOf({ node, kind, enabled }: ChannelEntry, own: Link | undefined) {
    const { links, processes } = this.#parts;
    const group = groupOf(kind);
    const link = own ?? links.ofPlace(node, group);
    const heard = link?.heardAt ?? links.lastHeard(node, group);
    const table = node === null ? processes().of(group) : undefined;
    const state = link === undefined ? (table?.state ?? 'away') : 'running';
    return {
      node,
      state: enabled || link !== undefined ? state : 'none',
      pid: link?.pid ?? table?.pid ?? null,
      restarts: table?.restarts ?? 0,
      heardAt: heard === undefined ? null : toTime(heard),
      serverAway: link?.serverAway ?? null,
      clockTrusted: link?.clockTrusted ?? true,
      problem: table === undefined ? notConnected(node!) : (table.problem ?? NOT_RUNNING[table.state]),
    } as const;
  }

  async connections(entry: ChannelEntry): Promise<z.infer<typeof channelConnectionsSchema>> {
    const link = this.#parts.links.ofChannel(entry.id);
    const none = { channelId: entry.id, at: null, total: 0, live: [], refused: [] };
    if (link === undefined || !entry.enabled) return none;
    const asked = link.ask({ what: 'connections', channelId: entry.id }).catch(() => null);
    const answer = connectionsAnswerSchema.safeParse(await asked);
    if (!answer.success || answer.data === null) return none;
    return { ...answer.data, channelId: entry.id, at: toTime(Date.now()) };
  }

  /** @param at milliseconds */
  async forecast(at: number, channelId?: string): Promise<Forecast> {
    const { channels, links, feed } = this.#parts;
    const wanted = (await channels.list()).filter(({ id }) => channelId === undefined || id === channelId);
    const asked = await links.askAll({ what: 'forecast', at, ...(channelId !== undefined && { channelId }) });
    const answers = asked.flatMap((answer) => {
      const parsed = forecastAnswerSchema.safeParse(answer);
      return parsed.success ? parsed.data : [];
    });
    const unanswered = wanted.filter(({ id, enabled }) => enabled && !answers.some((one) => one.channelId === id));
    const whole = unanswered.length === 0 ? undefined : (feed.current ?? (await feed.read()));
    const worked = whole === undefined ? [] : await this.#forecastFrom(whole, at);
    return {
      at: toTime(at),
      channels: wanted.map(({ id, name, enabled }) => {
        const none = { channelId: id, findings: [], crlsUntil: null, connections: null };
        if (!enabled) return { ...none, name, outcome: 'disabled' as const };
        const found = answers.find((one) => one.channelId === id) ?? worked.find((one) => one.channelId === id);
        return { ...(found ?? { ...none, outcome: 'flows' as const }), name };
      }),
    };
  }

  /** Out of the inventory alone, for channels whose process is not heard of. */
  async #forecastFrom(
    whole: WholeFeed,
    at: number,
  ): Promise<(Omit<ForecastAnswer[number], 'connections'> & { connections: null })[]> {
    const opened = await Promise.all(whole.crls.map(({ id }) => this.#parts.crls.open(id)));
    const trust = new Trust(
      whole.anchors.map(fromBase64),
      opened.map((crl) => openCrl(crl.list.der)),
    );
    return whole.channels.map((order) => ({
      ...ownForecast(order.settings, { identity: identityOf(order), trust }, at),
      channelId: order.settings.id,
      connections: null,
    }));
  }
}

function conditionOf({ enabled }: ChannelEntry, summary: ChannelSummary | undefined): Condition {
  if (!enabled) return 'disabled';
  if (summary === undefined) return 'no-process';
  if (summary.listening === null) return 'not-listening';
  if (summary.blocked !== null) return 'blocked';
  if (summary.overridden) return 'overridden';
  return summary.findings.length > 0 ? 'observed' : 'flows';
}

const SILENT = {
  problem: null,
  listening: null,
  target: null,
  certificate: null,
  findings: [],
  blocked: null,
  connections: 0,
  bytesIn: 0,
  bytesOut: 0,
  handshakes: { accepted: 0, refused: [] },
  crls: [],
};

const notConnected = (node: string): string =>
  `The host ${node} is not connected. On it, start: certgate channel run --server https://THIS-SERVER:8443 --token-file TOKEN, with the API token named ${node} (scope channels:run). Channels that ran there go on with what they know.`;

const NOT_RUNNING = {
  running: 'Its process has not connected yet.',
  starting: 'Its process is starting.',
  restarting: 'Its process crashed and is started again; the log of the server says why.',
  none: 'The server does not run, or runs no channels itself (channels.run is false). What goes on without it, the processes on its host say: certgate channel status',
};

/** With what depends on when it is asked. */
function timed(full: ChannelSummary) {
  const { overridden: _overridden, hostOverrides: _opened, hostClosed: _closed, certificate, crls, ...summary } = full;
  const now = Date.now();
  return {
    ...summary,
    certificate: certificate && {
      ...certificate,
      daysLeft: Math.floor(((Date.parse(certificate.notAfter) - now) / DAY_MS) * 10) / 10,
    },
    crls: crls.map((crl) => ({
      ...crl,
      ageSeconds: Math.max(0, Math.floor((now - Date.parse(crl.thisUpdate)) / 1000)),
      current: crl.nextUpdate === null || Date.parse(crl.nextUpdate) > now,
    })),
  };
}

const shownOverride = ({ overlooks, openedAt, endsAt, ...override }: ChannelOverride) => ({
  id: override.id,
  channelId: override.channelId,
  overlooks: [...overlooks],
  fingerprint: override.fingerprint,
  reason: override.reason,
  openedBy: override.openedBy,
  openedAt: toTime(openedAt),
  endsAt: toTime(endsAt),
  closedAt: null,
  closedBy: null,
});
