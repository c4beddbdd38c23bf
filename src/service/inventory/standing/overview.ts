import { CONSOLE_ID } from '../appliances.ts';
import type { Anchor } from '../anchors.ts';
import type { CrlPoint } from '../crl-refresh.ts';
import type { HeldCrl } from '../crls.ts';
import { sha256 } from '../fingerprint.ts';
import { noStates, type StateCounts } from './fleet-query.ts';
import type { Ranked } from './fleet.ts';
import { halts, STATES } from './standing.ts';

/** Something that is not as it should be. Times in milliseconds. */
export interface OverviewProblem {
  readonly what: 'appliance' | 'crl' | 'anchor' | 'console' | 'channel';
  readonly id: string;
  readonly name: string;
  readonly state: string;
  /** `critical`: something is blocked, or nobody is protected. */
  readonly severity: 'critical' | 'warning';
  readonly since: number | null;
  readonly message: string;
  readonly fix: string | null;
  /** How many appliances it concerns, where it is not one. */
  readonly appliances?: number;
}

export interface ExpiryBucket {
  readonly kind: 'expired' | 'week' | 'month' | 'later';
  readonly from: number | null;
  readonly to: number | null;
  readonly count: number;
}

/** The fleet in numbers, the console left out. */
export interface FleetSummary {
  readonly total: number;
  readonly ready: number;
  readonly blocked: number;
  readonly states: StateCounts;
  readonly buckets: readonly ExpiryBucket[];
  /** Those that end next and are not over yet. */
  readonly nearest: readonly Ranked[];
  /** The worst first. */
  readonly problems: readonly OverviewProblem[];
  /** How many certificates in use lead to each anchor. */
  readonly onAnchor: ReadonlyMap<string, number>;
}

const DAY = 86_400_000;
const WEEKS = 8;
const MONTHS = 11;
const NEAREST = 20;
const ANCHOR_SOON = 90 * DAY;

export function summaryOf(members: Iterable<Ranked>, now: number): FleetSummary {
  const states = noStates();
  const onAnchor = new Map<string, number>();
  const problems: OverviewProblem[] = [];
  const withCertificate: (Ranked & { identity: NonNullable<Ranked['identity']> })[] = [];
  let [total, blocked] = [0, 0];
  for (const member of members) {
    const { standing, identity, appliance } = member;
    if (standing.anchorId !== null) onAnchor.set(standing.anchorId, (onAnchor.get(standing.anchorId) ?? 0) + 1);
    if (appliance.id === CONSOLE_ID) continue;
    total++;
    states[standing.state]++;
    if (standing.blocks) blocked++;
    if (identity !== null) withCertificate.push({ ...member, identity });
    problems.push(...applianceProblems(member));
  }
  const ends = withCertificate.map(({ identity }) => identity.notAfter);
  const ahead = withCertificate.filter(({ identity }) => identity.notAfter >= now);
  return {
    total,
    ready: states.ready + states.expiring,
    blocked,
    states,
    buckets: bucketsOf(ends, now),
    nearest: ahead.toSorted((a, b) => a.identity.notAfter - b.identity.notAfter).slice(0, NEAREST),
    problems: problems.toSorted(worstFirst),
    onAnchor,
  };
}

/** Console first, then what concerns many, then appliances by what is the matter; the newest of a kind first. */
export function worstFirst(a: OverviewProblem, b: OverviewProblem): number {
  const places = (one: OverviewProblem): number[] => [
    one.severity === 'critical' ? 0 : 1,
    ORDER.indexOf(one.what),
    (STATES as readonly string[]).indexOf(one.state),
    -(one.since ?? 0),
  ];
  const [x, y] = [places(a), places(b)];
  const at = x.findIndex((place, i) => place !== y[i]);
  return at < 0 ? (a.name < b.name ? -1 : 1) : x[at]! - y[at]!;
}

const ORDER: readonly OverviewProblem['what'][] = ['console', 'anchor', 'crl', 'channel', 'appliance'];

function applianceProblems({ appliance, standing, staged }: Ranked): OverviewProblem[] {
  const { id, name } = appliance;
  const { state, blocks, since, message, fix } = standing;
  const shared = { what: 'appliance', id, name } as const;
  const problems: OverviewProblem[] = [];
  if (message !== null && state !== 'unsupported') {
    problems.push({ ...shared, state, severity: blocks ? 'critical' : 'warning', since, message, fix });
  }
  if (staged !== null && staged.activationRefusedAt !== null) {
    problems.push({
      ...shared,
      state: 'activation-refused',
      severity: 'warning',
      since: staged.activationRefusedAt,
      message: `The certificate "${staged.name}" was to be activated, and was no longer let in when its time had come.`,
      fix: 'Open the appliance: its report says why. Activate it when that is put right, or cancel it.',
    });
  }
  return problems;
}

/** What is over; the weeks from today; the months after them; the rest. Days begin at midnight UTC. */
function bucketsOf(ends: readonly number[], now: number): ExpiryBucket[] {
  const today = Math.floor(now / DAY) * DAY;
  const weeks = Array.from({ length: WEEKS + 1 }, (_, i) => today + i * 7 * DAY);
  const last = new Date(weeks.at(-1)!);
  const months = Array.from({ length: MONTHS }, (_, i) =>
    Date.UTC(last.getUTCFullYear(), last.getUTCMonth() + i + 1, 1),
  );
  const borders = [...weeks, ...months];
  const counts = Array.from({ length: borders.length }, () => 0);
  let expired = 0;
  for (const end of ends) {
    if (end < now) expired++;
    else counts[borders.findLastIndex((border) => border <= end)]!++;
  }
  return [
    { kind: 'expired', from: null, to: now, count: expired },
    ...borders.slice(0, -1).map((from, i): ExpiryBucket => ({
      kind: i < WEEKS ? 'week' : 'month',
      from,
      to: borders[i + 1]!,
      count: counts[i]!,
    })),
    { kind: 'later', from: borders.at(-1)!, to: null, count: counts.at(-1)! },
  ];
}

/** @param waiting appliances whose revocation cannot be told now */
export function crlProblems(crls: readonly HeldCrl[], points: readonly CrlPoint[], waiting: number): OverviewProblem[] {
  const failedFor = (id: string | undefined): string | null =>
    points.find(({ held, lastAttempt }) => held?.id === id && lastAttempt?.ok === false)?.lastAttempt?.reason ?? null;
  const ending = crls.filter(({ freshness }) => freshness === 'expired' || freshness === 'due');
  const held = ending.map(({ id, issuer, url, freshness, nextUpdate }): OverviewProblem => {
    const over = freshness === 'expired';
    const when = new Date(nextUpdate!).toISOString();
    const why = failedFor(id);
    return {
      what: 'crl',
      id,
      name: issuer,
      state: freshness,
      severity: over && waiting > 0 ? 'critical' : 'warning',
      since: over ? nextUpdate! + 1000 : null,
      message: over
        ? `The CRL of "${issuer}" ran out at ${when}, and no newer one came: whether its certificates are revoked can no longer be told.${why === null ? '' : ` The last attempt: ${why}`}`
        : `The CRL of "${issuer}" runs out at ${when}, and no newer one came yet.${why === null ? '' : ` The last attempt: ${why}`}`,
      fix: `Fetch it now (Trust, CRLs), or upload the current one there by hand${url === null ? '' : `; it came from ${url}`}.`,
      ...(over && waiting > 0 && { appliances: waiting }),
    };
  });
  const told = new Set(ending.map(({ id }) => id));
  return [...held, ...points.filter((point) => !told.has(point.held?.id ?? '')).flatMap(unreachable)];
}

function unreachable({ url, identities, held, lastAttempt, nextAttempt }: CrlPoint): OverviewProblem[] {
  if (lastAttempt?.ok !== false || nextAttempt === undefined) return [];
  const until = held?.nextUpdate == null ? '' : ` The one held lasts until ${new Date(held.nextUpdate).toISOString()}.`;
  return [
    {
      what: 'crl',
      id: held?.id ?? sha256(url),
      name: url,
      state: 'unreachable',
      severity: 'warning',
      since: lastAttempt.at,
      message: `No CRL comes from ${url}: ${lastAttempt.reason}${until}`,
      fix: lastAttempt.fix,
      appliances: identities,
    },
  ];
}

export function anchorProblems(
  anchors: readonly Anchor[],
  onAnchor: ReadonlyMap<string, number>,
  now: number,
): OverviewProblem[] {
  return anchors.flatMap(({ id, name, notAfter }): OverviewProblem[] => {
    if (notAfter >= now + ANCHOR_SOON) return [];
    const over = notAfter < now;
    const when = new Date(notAfter).toISOString();
    const resting = onAnchor.get(id) ?? 0;
    return [
      {
        what: 'anchor',
        id,
        name,
        state: over ? 'expired' : 'expiring',
        severity: over ? 'critical' : 'warning',
        since: over ? notAfter + 1000 : null,
        message: over
          ? `The trust anchor "${name}" expired at ${when}: nothing below it is valid any more.`
          : `The trust anchor "${name}" expires at ${when}; certificates that rest on it: ${resting}.`,
        fix: 'Ask the people who run that CA for its renewed certificate, add it as trust anchor, then remove the old one.',
        appliances: resting,
      },
    ];
  });
}

/** Only of the console: nobody is blocked by it, since it must stay open to be mended. */
export const consoleSeverity = (state: Ranked['standing']['state']): OverviewProblem['severity'] =>
  halts(state) ? 'critical' : 'warning';
