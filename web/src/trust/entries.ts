import type { Tone } from '../parts/State.tsx';
import type { Crl, CrlPoint } from './api.ts';

/** A list that is held with the places it comes from, or a place from which none could be had. */
export interface CrlEntry {
  readonly key: string;
  readonly crl: Crl | undefined;
  readonly points: readonly CrlPoint[];
}

/** What is held and what is missing in one list, the worst first. */
export function crlEntries(crls: readonly Crl[], points: readonly CrlPoint[]): CrlEntry[] {
  const held = crls.map((crl) => ({
    key: crl.id,
    crl,
    points: points.filter(({ crlId, url }) => crlId === crl.id || (crlId === null && url === crl.url)),
  }));
  const known = new Set(held.flatMap(({ points }) => points.map(({ url }) => url)));
  const missing = points
    .filter(({ url }) => !known.has(url))
    .map((point) => ({ key: point.url, crl: undefined, points: [point] }));
  return [...missing, ...held].sort((a, b) => rank(a) - rank(b));
}

const ORDER = ['missing', 'expired', 'due', 'without-end', 'current'];
const rank = (entry: CrlEntry): number => ORDER.indexOf(entry.crl?.freshness ?? 'missing');

/** Its server was asked in vain the last time; what is held serves meanwhile. */
const isUnreachable = ({ points }: CrlEntry): boolean => points.some(({ lastAttempt }) => lastAttempt?.ok === false);
/** It answered, and yet what is held does not come from there: an uploaded list of the same CA is in its place. */
const isElsewhere = ({ points }: CrlEntry): boolean => points.some(({ lastAttempt }) => lastAttempt?.ok === true);

/** The state of a list in a word. */
export function crlState(entry: CrlEntry): { state: string; tone: Tone; label: string } {
  switch (entry.crl?.freshness) {
    case undefined: {
      if (isElsewhere(entry)) return { state: 'ready', tone: 'calm', label: 'Another one is held' };
      const isNeeded = entry.points.some(({ identities }) => identities > 0);
      return { state: 'missing', tone: isNeeded ? 'bad' : 'odd', label: 'No list from here' };
    }
    case 'current':
      if (isUnreachable(entry)) return { state: 'warning', tone: 'warn', label: 'Current, but its server is away' };
      return { state: 'ready', tone: 'good', label: 'Current' };
    case 'due':
      return { state: 'expiring', tone: 'warn', label: 'Runs out soon' };
    case 'expired':
      return { state: 'expired', tone: 'bad', label: 'Out of date' };
    case 'without-end':
      return { state: 'warning', tone: 'calm', label: 'Without end' };
  }
}

/** What follows from the state, and what to do; undefined where all is well. */
export function crlAdvice(entry: CrlEntry): string | undefined {
  switch (entry.crl?.freshness) {
    case undefined:
      return isElsewhere(entry)
        ? 'It answers, but its list does not take the place of the one that was uploaded.'
        : 'Certificates name this place, but no list has come from there. Where CRL is on and no other list of their CA is held, they count as blocked: fetch it, or upload the file.';
    case 'due':
      return entry.points.length > 0
        ? 'Little of its time is left, and no newer one has come so far.'
        : 'Little of its time is left. Ask the CA for its new list and upload it.';
    case 'expired':
      return 'It no longer says that a certificate is good: where CRL is on, its certificates count as blocked. Get a newer list.';
    case 'without-end':
      return 'The CA did not write down when the next one comes, so Certgate cannot tell when this one is too old.';
    case 'current':
      return isUnreachable(entry)
        ? 'It serves until it runs out. See to it that its server answers before then, or upload the next one by hand.'
        : undefined;
  }
}
