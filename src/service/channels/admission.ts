import type { Finding } from '../../core/base/finding.ts';
import { parseCertificate } from '../../core/x509/certificate.ts';
import { subjectAltName } from '../../core/x509/extensions/subject-alt-name.ts';
import { ATTRIBUTE } from '../../core/x509/name.ts';
import type { PeerExpectation, PeerVerdict } from '../../platform/tls/peer-judge.ts';
import type { Trust, TrustOptions } from '../../platform/tls/trust.ts';
import { createHash } from 'node:crypto';
import { type BreakGlass, type Overlooked, overlookedBy, type Override } from './break-glass.ts';
import { type AllowList, type ChannelSettings, pinsOf } from './channel-settings.ts';

/** Whether a connection may carry data, why, and until when. */
export interface Admission {
  readonly admitted: boolean;
  /** Everything that speaks against it, whether or not it was let through (validation none, observe). */
  readonly findings: readonly Finding[];
  readonly fingerprint: string | undefined;
  readonly validUntil: number;
  /** The exception under which it is let through. */
  readonly override?: string;
  /** What an exception would have to overlook; empty: none is needed, or none helps. */
  readonly overlookable: readonly Overlooked[];
}

export interface Question {
  /** DER, its own certificate first. */
  readonly chain: readonly Uint8Array[];
  readonly expectation: PeerExpectation;
  /** Milliseconds. */
  readonly now: number;
  readonly breakGlass?: BreakGlass | undefined;
}

/** Judges one end of a channel by trust and allow-list; under validation `none`, or while observing, admits all the same. */
export function admit(settings: ChannelSettings, trust: Trust, question: Question, options: TrustOptions): Admission {
  const { chain, expectation, now } = question;
  const pinned = pinsOf(settings);
  const verdict =
    pinned === undefined ? trust.judge(chain, expectation, now, options) : byFingerprint(chain, pinned, now);
  const override = verdict.valid ? undefined : overlooking(settings, trust, question, verdict);
  // A certificate that is refused already may not even be readable.
  const disallowed = verdict.valid || override !== undefined ? notAllowed(chain[0]!, settings.allow) : [];
  const findings = [...verdict.findings, ...disallowed];
  const { fingerprint } = verdict;
  if (findings.length === 0) {
    return { admitted: true, findings, fingerprint, validUntil: verdict.validUntil, overlookable: [] };
  }
  const overlookable = disallowed.length > 0 ? [] : overlookedBy(verdict.problems);
  if (override !== undefined && disallowed.length === 0) {
    return { admitted: true, findings, fingerprint, validUntil: override.endsAt, override: override.id, overlookable };
  }
  return { admitted: !blocks(settings), findings, fingerprint, validUntil: Infinity, overlookable };
}

/** Whether what is found stops anything, or is only shown. */
export const blocks = ({ validation, observe }: ChannelSettings): boolean =>
  validation === 'mandatory' && observe !== true;

/** The exception that is open for this certificate and covers everything that is wrong with it. */
export function overlooking(
  settings: ChannelSettings,
  trust: Trust,
  { chain, expectation, now, breakGlass }: Question,
  { fingerprint, problems }: PeerVerdict,
): Override | undefined {
  const override = breakGlass?.covering(settings.id, fingerprint, problems, now);
  return override !== undefined && trust.holdsApartFromPath(chain, expectation) ? override : undefined;
}

/** RFC 5425 §5.2.1: a fingerprint configured on this side stands for path and name; an expired certificate is expired. */
function byFingerprint([leaf]: readonly Uint8Array[], pinned: readonly string[], now: number): PeerVerdict {
  const fingerprint = leaf === undefined ? undefined : sha256(leaf);
  if (leaf !== undefined && pinned.some((pin) => normal(pin) === fingerprint)) return byDates(leaf, fingerprint!, now);
  const finding: Finding = {
    rule: 'trust-path',
    status: 'refused',
    location: { file: 'leaf' },
    found: fingerprint ?? 'no certificate',
    required: `a certificate with the SHA-256 fingerprint ${pinned.join(' or ')}`,
    message: 'The other end shows another certificate than the one whose fingerprint is configured.',
    fix: 'If the other end has a new certificate, compare its fingerprint with whoever runs it by another way, then configure the new one.',
    source: { document: 'RFC 5425', section: '5.2.1' },
  };
  return { valid: false, findings: [finding], problems: [], fingerprint, validUntil: now };
}

function byDates(leaf: Uint8Array, fingerprint: string, now: number): PeerVerdict {
  const { notBefore, notAfter } = parseCertificate(leaf);
  const [from, to] = [notBefore.seconds * 1000, (notAfter.seconds + 1) * 1000];
  if (now >= from && now < to) return { valid: true, findings: [], problems: [], fingerprint, validUntil: to };
  const early = now < from;
  const when = new Date((early ? notBefore : notAfter).seconds * 1000).toISOString();
  const finding: Finding = {
    rule: 'trust-path',
    status: 'refused',
    location: { file: 'leaf', path: `tbsCertificate.validity.${early ? 'notBefore' : 'notAfter'}` },
    found: when,
    required: 'a certificate that is valid now',
    message: `The other end shows the certificate that is configured, but it ${early ? `is valid only from ${when}` : `expired at ${when}`}.`,
    fix: 'Have the certificate of the other end renewed, and configure the fingerprint of the new one.',
    source: { document: 'RFC 5280', section: '4.1.2.5' },
  };
  const problems = [early ? ('not-yet-valid' as const) : ('expired' as const)];
  return { valid: false, findings: [finding], problems, fingerprint, validUntil: now };
}

/** What of the allow-list does not hold. */
function notAllowed(leaf: Uint8Array, allow: AllowList | undefined): Finding[] {
  if (allow === undefined) return [];
  const certificate = parseCertificate(leaf);
  const { commonNames, dnsNames, publicKeys } = allow;
  const cn = certificate.subject.all(ATTRIBUTE.CN).map(({ text }) => text);
  const names = certificate.get(subjectAltName)?.names ?? [];
  const dns = names.flatMap((name) => (name.kind === 'dNSName' ? [name.value] : []));
  const key = sha256(certificate.subjectPublicKeyInfo.element.der());
  const found: Finding[] = [];
  const demand = (what: string, held: readonly string[], wanted: readonly string[] | undefined): void => {
    if (wanted === undefined || held.some((value) => wanted.some((one) => normal(one) === normal(value)))) return;
    found.push({
      rule: 'trust-path',
      status: 'refused',
      location: { file: 'leaf' },
      found: `${what} ${held.join(', ') || 'none'}`,
      required: `${what} ${wanted.join(' or ')}`,
      message: `The other end's certificate is valid but not one that this channel lets in: its ${what} is ${held.join(', ') || 'absent'}.`,
      fix: `Add it to the channel's allow-list if it belongs there.`,
      source: { document: 'Certgate', section: 'channel allow-list' },
    });
  };
  demand('CN', cn, commonNames);
  demand('DNS name', dns, dnsNames);
  demand('public key', [key], publicKeys);
  return found;
}

const normal = (text: string): string => text.toLowerCase().replaceAll(':', '').replace(/\.$/, '');
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
