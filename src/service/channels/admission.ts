import type { Finding } from '../../core/base/finding.ts';
import { parseCertificate } from '../../core/x509/certificate.ts';
import { subjectAltName } from '../../core/x509/extensions/subject-alt-name.ts';
import { ATTRIBUTE } from '../../core/x509/name.ts';
import type { PeerExpectation, PeerVerdict } from '../../platform/tls/peer-judge.ts';
import type { Trust, TrustOptions } from '../../platform/tls/trust.ts';
import { createHash } from 'node:crypto';
import type { AllowList, ChannelSettings } from './channel-settings.ts';

/** Whether a connection may carry data, why, and until when. */
export interface Admission {
  readonly admitted: boolean;
  /** Everything that speaks against it, whether or not it was let through (validation none, observe). */
  readonly findings: readonly Finding[];
  readonly fingerprint: string | undefined;
  readonly validUntil: number;
}

export interface Question {
  /** DER, its own certificate first. */
  readonly chain: readonly Uint8Array[];
  readonly expectation: PeerExpectation;
  /** Milliseconds. */
  readonly now: number;
}

/** Judges one end of a channel by trust and allow-list; under validation `none`, or while observing, admits all the same. */
export function admit(settings: ChannelSettings, trust: Trust, question: Question, options: TrustOptions): Admission {
  const { chain, expectation, now } = question;
  const pinned = settings.kind === 'partner' ? settings.fingerprints : undefined;
  const verdict = pinned === undefined ? trust.judge(chain, expectation, now, options) : byFingerprint(chain, pinned);
  const findings = [...verdict.findings, ...(verdict.valid ? notAllowed(chain[0]!, settings.allow) : [])];
  const valid = findings.length === 0;
  const lenient = settings.validation === 'none' || settings.observe === true;
  return {
    admitted: valid || lenient,
    findings,
    fingerprint: verdict.fingerprint,
    validUntil: valid ? verdict.validUntil : Infinity,
  };
}

/** RFC 5425 §5.2.1: a fingerprint configured on this side stands for the path. */
function byFingerprint([leaf]: readonly Uint8Array[], pinned: readonly string[]): PeerVerdict {
  const fingerprint = leaf === undefined ? undefined : sha256(leaf);
  const valid = fingerprint !== undefined && pinned.some((pin) => normal(pin) === fingerprint);
  const finding: Finding = {
    rule: 'trust-path',
    status: 'refused',
    location: { file: 'leaf' },
    found: fingerprint ?? 'no certificate',
    required: `a certificate with the SHA-256 fingerprint ${pinned.join(' or ')}`,
    message: 'The other end shows another certificate than the one whose fingerprint is configured.',
    fix: 'If the partner has renewed its certificate, compare the fingerprint with him by another way, then configure the new one.',
    source: { document: 'RFC 5425', section: '5.2.1' },
  };
  return { valid, findings: valid ? [] : [finding], fingerprint, validUntil: Infinity };
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
