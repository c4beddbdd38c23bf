import { expect, test } from 'vitest';
import type { HeldCrl } from '../crls.ts';
import type { Ranked } from './fleet.ts';
import { anchorProblems, crlProblems, summaryOf, worstFirst } from './overview.ts';
import type { State } from './standing.ts';

const DAY = 86_400_000;
const now = Date.UTC(2026, 10, 23, 12);

function member(
  id: string,
  state: State,
  more: { notAfter?: number; blocks?: boolean; anchorId?: string } = {},
): Ranked {
  const { notAfter = now + 100 * DAY, blocks = false, anchorId = null } = more;
  return {
    appliance: {
      id,
      name: id,
      hostname: `${id}.contoso.com`,
      role: 'sensor',
      sensorId: null,
      site: null,
      zone: null,
      validation: 'mandatory',
      crl: 'off',
      profile: 'defender-iot',
    },
    identity: {
      id: `identity of ${id}`,
      name: id,
      origin: 'upload',
      cn: id,
      issuer: 'CA',
      serial: '01',
      fingerprint: id,
      notBefore: 0,
      notAfter,
      activatedAt: 0,
      confirmBy: null,
    },
    staged: null,
    lastUpload: null,
    text: id,
    standing: {
      state,
      blocks,
      since: null,
      until: null,
      rule: null,
      message: state === 'ready' ? null : `${id} is ${state}`,
      fix: null,
      anchorId,
    },
  };
}

test('an empty fleet has nothing to say', () => {
  const { total, problems, buckets, nearest } = summaryOf([], now);
  expect([total, problems, nearest]).toEqual([0, [], []]);
  expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(0);
});

test('every certificate is in one bucket, by the day on which it ends', () => {
  const today = Date.UTC(2026, 10, 23);
  const ends = [
    now - 1,
    now,
    today + 7 * DAY - 1,
    today + 7 * DAY,
    today + 56 * DAY - 1,
    today + 56 * DAY,
    now + 999 * DAY,
  ];
  const { buckets } = summaryOf(
    ends.map((notAfter, i) => member(`${i}`, 'ready', { notAfter })),
    now,
  );
  const filled = buckets.flatMap(({ kind, from, count }) => (count === 0 ? [] : [[kind, from, count]]));
  expect(filled).toEqual([
    ['expired', null, 1],
    ['week', today, 2],
    ['week', today + 7 * DAY, 1],
    ['week', today + 49 * DAY, 1],
    ['month', today + 56 * DAY, 1],
    ['later', Date.UTC(2027, 11, 1), 1],
  ]);
});

test('the console itself is no part of the fleet, and rests on an anchor like all others', () => {
  const { total, onAnchor } = summaryOf(
    [member('console', 'ready', { anchorId: 'a' }), member('one', 'ready', { anchorId: 'a' })],
    now,
  );
  expect([total, onAnchor.get('a')]).toEqual([1, 2]);
});

test('what concerns many comes before those whom it concerns, and what halts before what only threatens', () => {
  const members = [
    member('expiring', 'expiring'),
    member('odd', 'unsupported'),
    member('untrusted', 'untrusted', { blocks: true }),
    member('revoked', 'revoked', { blocks: true }),
    member('shown', 'expired'),
  ];
  const crl = (freshness: HeldCrl['freshness'], nextUpdate: number): HeldCrl => ({
    id: freshness,
    issuer: `CN=${freshness}`,
    url: 'http://crl.contoso.com/a.crl',
    number: '1',
    thisUpdate: now - DAY,
    nextUpdate,
    obtainedAt: now - DAY,
    freshness,
    size: 1,
    fingerprint: '',
    olderAllowed: false,
  });
  const anchor = (id: string, notAfter: number) => ({
    id,
    name: id,
    subject: `CN=${id}`,
    fingerprint: '',
    notAfter,
    addedBy: 'ada',
    addedAt: 0,
  });
  const all = [
    ...summaryOf(members, now).problems,
    ...crlProblems([crl('expired', now - 1000), crl('due', now + 1000), crl('current', now + DAY)], [], 3),
    ...anchorProblems(
      [anchor('over', now - 1), anchor('soon', now + 89 * DAY), anchor('good', now + 91 * DAY)],
      new Map(),
      now,
    ),
  ].toSorted(worstFirst);
  expect(all.map(({ severity, what, id }) => `${severity} ${what} ${id}`)).toEqual([
    'critical anchor over',
    'critical crl expired',
    'critical appliance revoked',
    'critical appliance untrusted',
    'warning anchor soon',
    'warning crl due',
    'warning appliance shown',
    'warning appliance expiring',
  ]);
  expect(all[1]).toMatchObject({ appliances: 3, since: now });
  expect(all[1]!.fix).toContain('http://crl.contoso.com/a.crl');
});
