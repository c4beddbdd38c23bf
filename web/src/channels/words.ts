import type { Tone } from '../parts/State.tsx';
import type { Condition, Kind, Overlooked, Refused } from './api.ts';

interface KindWords {
  readonly name: string;
  /** For whoever makes one. */
  readonly about: string;
  /** Who stands at its two ends. */
  readonly from: string;
  readonly to: string;
  /** Which of the two legs is the encrypted one. */
  readonly tls: 'from' | 'to';
}

export const KINDS: Readonly<Record<Kind, KindWords>> = {
  console: {
    name: 'Web console',
    about: 'Browsers connect with TLS; the web console of the appliance stands behind.',
    from: 'Users',
    to: 'Sensor',
    tls: 'from',
  },
  'ha-listener': {
    name: 'HA link, listening end',
    about: 'The other half of the HA pair connects; both show a certificate.',
    from: 'HA partner',
    to: 'HA service',
    tls: 'from',
  },
  'ha-connector': {
    name: 'HA link, connecting end',
    about: 'Takes what the local HA service sends to the listening end; both show a certificate.',
    from: 'HA service',
    to: 'HA partner',
    tls: 'to',
  },
  partner: {
    name: 'Alerts to a partner',
    about: 'Takes alerts from the local sender and brings them to the partner over verified TLS.',
    from: 'Sensor',
    to: 'Partner',
    tls: 'to',
  },
};

/** The worst first. */
export const CONDITIONS: Readonly<Record<Condition, readonly [Tone, string]>> = {
  blocked: ['bad', 'Blocked'],
  'not-listening': ['bad', 'Not listening'],
  'no-process': ['bad', 'Not running'],
  overridden: ['odd', 'Flows by exception'],
  observed: ['warn', 'Flows, only observed'],
  flows: ['good', 'Flows'],
  disabled: ['calm', 'Disabled'],
};

export const REASONS: Readonly<Record<Refused['reason'], string>> = {
  'peer-certificate': 'certificate of the other end',
  'own-certificate': 'our own certificate',
  'refused-by-other-end': 'refused by the other end',
  handshake: 'TLS handshake failed',
  'handshake-timeout': 'TLS handshake took too long',
  'too-many-connections': 'too many connections',
  'too-many-attempts': 'too many attempts from one address',
  'target-unreachable': 'what it leads to does not answer',
  'target-handshake': 'what it leads to does not agree on TLS',
  'target-certificate': 'certificate of what it leads to',
  stopping: 'the channel was being stopped',
};

export const OVERLOOKED: Readonly<Record<Overlooked, string>> = {
  date: 'its date: it is expired, or not yet valid',
  'stale-crl': 'that no current CRL says whether it is revoked',
  chain: 'its chain: it leads to no trust anchor',
};

/** `1.2 MB`. */
export function bytesInWords(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${value.toLocaleString('en', { maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0 })} ${units[unit]}`;
}

/** `5f3a 99…`: the beginning of a fingerprint, enough to tell two apart. */
export const briefly = (fingerprint: string): string =>
  `${fingerprint.slice(0, 16).replaceAll(/(.{4})(?=.)/g, '$1 ')}…`;

/** `AB:CD:…`, as every tool shows it. */
export const withColons = (hex: string): string => hex.toUpperCase().replaceAll(/(..)(?=.)/g, '$1:');

/** `45 min`, `2 h 10 min`: the time that is left, rounded up. */
export function timeLeft(until: string, now: number): string {
  const minutes = Math.ceil((Date.parse(until) - now) / 60_000);
  if (minutes <= 0) return 'over';
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
