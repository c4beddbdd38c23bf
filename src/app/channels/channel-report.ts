import type { z } from 'zod';
import type { Finding } from '../../core/base/finding.ts';
import { parseCertificate } from '../../core/x509/certificate.ts';
import type { findingSchema } from '../../http/contract/report.ts';
import { toTime } from '../../http/contract/values.ts';
import type { Trust } from '../../platform/tls/trust.ts';
import { blocks } from '../../service/channels/admission.ts';
import type { ChannelIdentity } from '../../service/channels/channel-context.ts';
import { type ChannelCore, subjectOf } from '../../service/channels/channel-core.ts';
import type { ChannelSettings } from '../../service/channels/channel-settings.ts';
import { judgeOwnCertificate, showsCertificate, withRenewedCrls } from '../../service/channels/own-verdict.ts';
import type { RecentRefusals, Refused } from '../../service/channels/recent-refusals.ts';
import type { TlsTarget } from '../../service/channels/tls-target.ts';
import { sha256Hex } from './feed.ts';
import type { ChannelSummary, ConnectionsAnswer, ForecastAnswer } from './link-frames.ts';
import type { RunningChannel } from './running-channel.ts';

/** Live connections told at once. */
const MOST_LIVE = 200;

type FindingOnWire = z.infer<typeof findingSchema>;
const wire = (findings: readonly Finding[]): FindingOnWire[] => [...findings] as FindingOnWire[];

/** Why a channel that is wanted does not listen. */
export const summaryOfSilent = (settings: ChannelSettings, problem: string): ChannelSummary => ({
  channelId: settings.id,
  problem,
  listening: null,
  target: { ...settings.target },
  certificate: null,
  findings: [],
  blocked: null,
  connections: 0,
  bytesIn: 0,
  bytesOut: 0,
  handshakes: { accepted: 0, refused: [] },
  crls: [],
  overridden: false,
  hostOverrides: [],
});

/** How a running channel fares. */
export function summaryOf(channel: RunningChannel, recent: RecentRefusals): ChannelSummary {
  const { core, held, listening } = channel;
  const peer = peerVerdict(core, recent);
  const own = core.ownFindings;
  const blockedBy = core.halted ? ownBlock(core) : peer.blocked;
  return {
    channelId: core.settings.id,
    problem: [...channel.problems.values()][0] ?? null,
    listening: { ...listening },
    target: { ...core.settings.target },
    certificate: certificateOf(core.settings, held.identity),
    findings: wire(own.length > 0 ? own : peer.findings),
    blocked: blockedBy,
    connections: core.connections.size,
    ...channel.traffic(),
    handshakes: { accepted: core.counters.accepted, refused: [...core.counters.byRule.values()] },
    crls: crlsOf(core.settings, held),
    overridden: (own.length > 0 && core.own?.overridden === true) || peer.overridden,
    hostOverrides: (core.context.breakGlass?.of(core.settings.id) ?? [])
      .filter(({ origin }) => origin !== 'server')
      .map(({ id, overlooks, fingerprint, reason, by, openedAt, endsAt }) => ({
        id,
        overlooks: [...overlooks],
        fingerprint,
        reason,
        by,
        openedAt,
        endsAt,
      })),
    hostClosed: (core.context.breakGlass?.closedOf(core.settings.id) ?? []).map(({ id }) => id),
  };
}

function ownBlock(core: ChannelCore): ChannelSummary['blocked'] {
  return {
    since: toTime(core.haltedSince ?? core.now()),
    whose: 'own',
    fingerprint: core.own?.fingerprint ?? null,
    overlookable: [...(core.own?.overlookable ?? [])],
  };
}

/** Those that dial have one other end: its last verdict is the channel's. Of listeners, one client is not all. */
function peerVerdict(core: ChannelCore, recent: RecentRefusals) {
  const { kind } = core.settings;
  const behind = core.target?.verdict();
  if (behind !== undefined) return targetVerdict(behind);
  const last = kind === 'partner' || kind === 'ha-connector' ? recent.last : undefined;
  if (last === undefined) return { findings: [], blocked: null, overridden: false };
  const { findings } = last;
  if ('accepted' in last) return { findings, blocked: null, overridden: last.override };
  const blocked = {
    since: toTime(last.at),
    whose: 'peer' as const,
    fingerprint: last.fingerprint ?? null,
    overlookable: [...last.overlookable],
  };
  return { findings, blocked: blocks(core.settings) ? blocked : null, overridden: false };
}

/** By the certificate that what stands behind the channel showed last. */
function targetVerdict({ admission, since }: NonNullable<ReturnType<TlsTarget['verdict']>>) {
  const { admitted, findings, fingerprint = null, overlookable, override } = admission;
  const blocked = { since: toTime(since), whose: 'peer' as const, fingerprint, overlookable: [...overlookable] };
  return { findings, blocked: admitted ? null : blocked, overridden: override !== undefined };
}

function certificateOf(
  settings: ChannelSettings,
  identity: ChannelIdentity | undefined,
): ChannelSummary['certificate'] {
  const leaf = showsCertificate(settings) ? identity?.chain[0] : undefined;
  if (leaf === undefined) return null;
  const { subject, notAfter } = parseCertificate(leaf);
  return { fingerprint: sha256Hex(leaf), subject: subject.toString(), notAfter: toTime(notAfter.seconds * 1000) };
}

const crlsOf = ({ crl }: ChannelSettings, { trust }: { trust: Trust }): ChannelSummary['crls'] =>
  crl === 'off'
    ? []
    : trust.crls.map(({ issuer, list: { thisUpdate, nextUpdate } }) => ({
        issuer: issuer.toString(),
        thisUpdate: toTime(thisUpdate.seconds * 1000),
        nextUpdate: nextUpdate === undefined ? null : toTime(nextUpdate.seconds * 1000),
      }));

/** Live connections, newest first, and those that were turned away of late. */
export function connectionsOf({ core }: RunningChannel, recent: RecentRefusals): ConnectionsAnswer {
  const live = core.connections.list().toReversed();
  return {
    channelId: core.settings.id,
    total: live.length,
    live: live.slice(0, MOST_LIVE).map(({ peer, fingerprint, chain, since, validUntil, override, traffic }) => ({
      peer,
      fingerprint: fingerprint ?? null,
      subject: subjectOf(chain) ?? null,
      since: toTime(since),
      validUntil: validUntil === Infinity ? null : toTime(validUntil),
      ...traffic(),
      overrideId: override ?? null,
    })),
    refused: recent.list().map(shownRefused),
  };
}

const shownRefused = ({ at, peer, fingerprint, subject, problem, findings, overlookable, ...refused }: Refused) => ({
  ...refused,
  at: toTime(at),
  peer: peer ?? null,
  fingerprint: fingerprint ?? null,
  subject: subject ?? null,
  problem: problem ?? null,
  findings: wire(findings),
  overlookable: [...overlookable],
});

/** What would be blocked at a time. @param at milliseconds */
export function forecastOf({ core, held }: RunningChannel, at: number): ForecastAnswer[number] {
  const { settings } = core;
  const close = core.wouldCloseAt(at, withRenewedCrls(settings));
  return {
    channelId: settings.id,
    ...ownForecast(settings, held, at),
    connections: {
      live: core.connections.size,
      wouldClose: close.map(({ peer, fingerprint, subject, findings }) => ({
        peer,
        fingerprint: fingerprint ?? null,
        subject: subject ?? null,
        findings: wire(findings),
      })),
    },
  };
}

/** What is to be said of a channel as a whole, by the certificate that it shows itself. */
export function ownForecast(
  settings: ChannelSettings,
  held: { identity: ChannelIdentity | undefined; trust: Trust },
  at: number,
): Pick<ForecastAnswer[number], 'outcome' | 'findings' | 'crlsUntil'> {
  // Exceptions are for hours: what comes after them counts.
  const { findings, missing } = judgeOwnCertificate(settings, held, at, withRenewedCrls(settings));
  const halts = findings.length > 0 && (blocks(settings) || (missing && settings.kind !== 'partner'));
  const outcome = halts ? 'blocked' : findings.length > 0 ? 'observed' : 'flows';
  return { outcome, findings: wire(findings), crlsUntil: crlsUntil(settings, held) };
}

/** The first moment at which an issuer of the own chain has no current CRL any more. */
function crlsUntil(
  settings: ChannelSettings,
  { identity, trust }: { identity: ChannelIdentity | undefined; trust: Trust },
): string | null {
  if (settings.crl === 'off') return null;
  const issuers = new Set(
    showsCertificate(settings) ? identity?.chain.map((der) => parseCertificate(der).issuer.toString()) : [],
  );
  const lasts = new Map<string, number>();
  for (const { issuer, list } of trust.crls) {
    const name = issuer.toString();
    const until = list.nextUpdate === undefined ? Infinity : list.nextUpdate.seconds * 1000;
    if (issuers.size === 0 || issuers.has(name)) lasts.set(name, Math.max(lasts.get(name) ?? 0, until));
  }
  const first = Math.min(...lasts.values());
  return Number.isFinite(first) ? toTime(first) : null;
}
