import type { Finding } from '../../core/base/finding.ts';
import type { Trust, TrustOptions } from '../../platform/tls/trust.ts';
import { overlooking } from './admission.ts';
import { type BreakGlass, type Overlooked, overlookedBy } from './break-glass.ts';
import type { ChannelIdentity } from './channel-context.ts';
import type { ChannelSettings } from './channel-settings.ts';

/** What is to be said of the certificate that a channel itself shows. */
export interface OwnVerdict {
  readonly findings: readonly Finding[];
  /** Milliseconds: when it has to be looked at again. */
  readonly validUntil: number;
  /** An exception carries it. */
  readonly overridden: boolean;
  /** There is none to show, and nothing can flow whatever the settings say. */
  readonly missing: boolean;
  /** SHA-256 of the certificate; undefined where none is shown. */
  readonly fingerprint: string | undefined;
  /** What an exception would have to overlook; empty: none is needed, or none helps. */
  readonly overlookable: readonly Overlooked[];
}

/** A certificate that does not hold may be one whose time is still to come: it is asked again so often. */
const LOOK_AGAIN_MS = 10_000;

export const trustOptionsOf = ({ crl, staleCrlGraceHours = 0 }: ChannelSettings): TrustOptions => ({
  crl,
  staleCrlGraceMs: staleCrlGraceHours * 3_600_000,
});

/** As if the CA went on publishing CRLs that list nothing new: for questions about the future. */
export const withRenewedCrls = (settings: ChannelSettings): TrustOptions => ({
  crl: settings.crl,
  staleCrlGraceMs: Infinity,
});

export const showsCertificate = (settings: ChannelSettings): boolean =>
  settings.kind !== 'partner' || settings.clientCertificate === true;

/** Judges a channel's own certificate at a time. @param now milliseconds */
export function judgeOwnCertificate(
  settings: ChannelSettings,
  held: { identity: ChannelIdentity | undefined; trust: Trust; breakGlass?: BreakGlass | undefined },
  now: number,
  options: TrustOptions = trustOptionsOf(settings),
): OwnVerdict {
  if (!showsCertificate(settings)) return { ...NOTHING_TO_SAY, validUntil: Infinity };
  if (held.identity === undefined) return { ...NOTHING_TO_SAY, ...NOTHING_TO_SHOW, validUntil: now + LOOK_AGAIN_MS };
  const { chain } = held.identity;
  const purpose = settings.kind === 'console' || settings.kind === 'ha-listener' ? 'server' : 'client';
  const expectation = { purpose } as const;
  const verdict = held.trust.judge(chain, expectation, now, options);
  const { fingerprint, findings } = verdict;
  if (verdict.valid) return { ...NOTHING_TO_SAY, fingerprint, validUntil: verdict.validUntil };
  const question = { chain, expectation, now, breakGlass: held.breakGlass };
  const override = overlooking(settings, held.trust, question, verdict);
  return {
    findings,
    fingerprint,
    validUntil: Math.min(now + LOOK_AGAIN_MS, override?.endsAt ?? Infinity),
    overridden: override !== undefined,
    missing: false,
    overlookable: overlookedBy(verdict.problems),
  };
}

const NOTHING_TO_SAY = { findings: [], fingerprint: undefined, overridden: false, missing: false, overlookable: [] };

const NOTHING_TO_SHOW = {
  missing: true,
  findings: [
    {
      rule: 'trust-path',
      status: 'refused',
      location: { file: 'crt' },
      found: 'no certificate',
      required: 'an active certificate of the appliance, with its key',
      message: 'The channel has no certificate to show: its appliance has no active one, or is retired.',
      fix: 'Upload and activate a certificate of that appliance, or let the channel show that of another.',
      source: { document: 'Certgate', section: 'channels' },
    } satisfies Finding,
  ],
};
