import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { CONSOLE_ID } from '../../service/inventory/appliances.ts';
import type { HeldCrl } from '../../service/inventory/crls.ts';
import type { Ranked } from '../../service/inventory/standing/fleet.ts';
import {
  anchorProblems,
  consoleSeverity,
  crlProblems,
  type FleetSummary,
  type OverviewProblem,
  summaryOf,
  worstFirst,
} from '../../service/inventory/standing/overview.ts';
import { overviewSchema } from '../contract/overview.ts';
import { toTime, toTimeOrNull } from '../contract/values.ts';
import { bannerOf } from './console.ts';
import type { Services } from './services.ts';
import { shownStanding } from './standing.ts';

type Overview = z.input<typeof overviewSchema>;

const MOST_PROBLEMS = 50;
const MOST_CRLS = 20;
const A_YEAR = 365 * 86_400_000;

/** Everything that the first page shows, in one answer. */
export const overviewRoutes =
  (services: Services): FastifyPluginAsyncZod =>
  async (server) => {
    server.get(
      '/overview',
      { config: { access: 'inventory:read', compress: true }, schema: { response: { 200: overviewSchema } } },
      async (): Promise<Overview> => {
        const { fleet, crls, crlRefresher, anchors, console } = services;
        await fleet.fresh();
        const [held, points, trusted, channels] = await Promise.all([
          crls.list(),
          crlRefresher.points(),
          anchors.list(),
          channelProblems(services),
        ]);
        const now = Date.now();
        const summary = summaryOf(fleet.members(), now);
        const { total, ready, blocked, states, onAnchor } = summary;
        const own = fleet.member(CONSOLE_ID);
        const problems = [
          ...consoleProblems(console, own, now),
          ...anchorProblems(trusted, onAnchor, now),
          ...crlProblems(held, points, states['stale-crl']),
          ...channels,
          ...summary.problems,
        ].toSorted(worstFirst);
        return {
          at: toTime(now),
          pending: fleet.pending,
          total,
          ready: { count: ready, percent: total === 0 ? 100 : Math.floor((ready / total) * 100) },
          blocked,
          states,
          console: shownConsole(console, own),
          expiry: shownExpiry(summary),
          problems: { total: problems.length, items: problems.slice(0, MOST_PROBLEMS).map(shownProblem) },
          crls: shownCrls(held),
          anchors: {
            total: trusted.length,
            expiring: trusted
              .filter(({ notAfter }) => notAfter < now + A_YEAR)
              .toSorted((a, b) => a.notAfter - b.notAfter)
              .map(({ id, name, notAfter }) => ({
                id,
                name,
                notAfter: toTime(notAfter),
                identities: onAnchor.get(id) ?? 0,
              })),
          },
        };
      },
    );
  };

const shownProblem = (problem: OverviewProblem): Overview['problems']['items'][number] => ({
  ...problem,
  since: toTimeOrNull(problem.since),
});

const shownExpiry = ({ buckets, nearest }: FleetSummary): Overview['expiry'] => ({
  buckets: buckets.map(({ kind, from, to, count }) => ({
    kind,
    from: toTimeOrNull(from),
    to: toTimeOrNull(to),
    count,
  })),
  nearest: nearest.map(({ appliance: { id, name, hostname, site }, identity, standing: { state } }) => ({
    id,
    name,
    hostname,
    site,
    notAfter: toTime(identity!.notAfter),
    state,
  })),
});

function shownCrls(held: readonly HeldCrl[]): Overview['crls'] {
  const counts = { current: 0, due: 0, expired: 0, 'without-end': 0 };
  for (const { freshness } of held) counts[freshness]++;
  const first = held.toSorted((a, b) => (a.nextUpdate ?? Infinity) - (b.nextUpdate ?? Infinity)).slice(0, MOST_CRLS);
  const items = first.map(({ id, issuer, url, nextUpdate, freshness }) => ({
    id,
    issuer,
    url,
    nextUpdate: toTimeOrNull(nextUpdate),
    freshness,
  }));
  return { counts, items };
}

function shownConsole(console: Services['console'], own: Ranked | undefined): Overview['console'] {
  const { origin, notAfter } = console.presented();
  const banner = bannerOf(console, Date.now()) ?? null;
  const standing =
    own === undefined
      ? ({
          state: 'no-certificate',
          blocks: false,
          since: null,
          until: null,
          rule: null,
          message: null,
          fix: null,
        } as const)
      : shownStanding(own.standing);
  // Nothing halts the console itself: it has to stay open to be mended.
  return {
    ...standing,
    blocks: false,
    message: banner ?? standing.message,
    id: CONSOLE_ID,
    origin,
    notAfter: toTime(notAfter),
  };
}

function consoleProblems(console: Services['console'], own: Ranked | undefined, now: number): OverviewProblem[] {
  const { origin } = console.presented();
  const message = bannerOf(console, now) ?? own?.standing.message ?? null;
  const state = origin === 'emergency' ? 'emergency' : (own?.standing.state ?? 'no-certificate');
  if (message === null || state === 'unsupported') return [];
  const severity = state === 'emergency' ? 'critical' : consoleSeverity(state);
  const { since = null, fix = null } = own?.standing ?? {};
  return [{ what: 'console', id: CONSOLE_ID, name: 'Certgate console', state, severity, since, message, fix }];
}

const CALM = new Set(['flows', 'disabled']);

async function channelProblems({ channels, channelView }: Services): Promise<OverviewProblem[]> {
  const [all, states] = await Promise.all([channels.list(), channelView.states()]);
  const nameOf = new Map(all.map(({ id, name }) => [id, name]));
  return states
    .filter(({ condition }) => !CALM.has(condition))
    .map(({ channelId, condition, problem, findings, blocked }) => ({
      what: 'channel',
      id: channelId,
      name: nameOf.get(channelId) ?? channelId,
      state: condition,
      severity: condition === 'observed' || condition === 'overridden' ? 'warning' : 'critical',
      since: blocked === null ? null : Date.parse(blocked.since),
      message: problem ?? findings[0]?.message ?? 'The channel does not work as it should.',
      fix: findings[0]?.fix ?? null,
    }));
}
