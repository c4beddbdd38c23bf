import { expect, test } from 'vitest';
import type { Crl, CrlPoint } from './api.ts';
import { crlEntries, crlState } from './entries.ts';

const crl = (id: string, freshness: Crl['freshness'], url: string | null = `http://a/${id}`): Crl => ({
  id,
  issuer: `CN=${id}`,
  url,
  number: '1',
  thisUpdate: '2026-01-01T00:00:00Z',
  nextUpdate: '2026-01-08T00:00:00Z',
  obtainedAt: '2026-01-01T00:00:00Z',
  freshness,
  size: 1,
  fingerprint: 'AB',
  olderAllowed: false,
});
const point = (url: string, crlId: string | null, ok?: boolean): CrlPoint => ({
  url,
  identities: 1,
  crlId,
  freshness: null,
  lastAttempt: ok === undefined ? null : { url, at: '2026-01-01T00:00:00Z', ok, code: null, reason: null, fix: null },
  nextAttempt: null,
});

test('what is missing comes first, then what is worst', () => {
  const held = [crl('good', 'current'), crl('old', 'expired'), crl('soon', 'due')];
  const entries = crlEntries(held, [point('http://a/good', 'good'), point('http://b', null)]);
  expect(entries.map(({ key }) => key)).toEqual(['http://b', 'old', 'soon', 'good']);
});

test('a list that is held and whose server is away is no longer simply current', () => {
  const [entry] = crlEntries([crl('good', 'current')], [point('http://a/good', 'good', false)]);
  expect(crlState(entry!)).toMatchObject({ tone: 'warn' });
});

test('a place that answers while an uploaded list is held is no alarm', () => {
  const [place] = crlEntries([crl('good', 'current', null)], [point('http://a/good', null, true)]);
  expect(crlState(place!)).toMatchObject({ tone: 'calm' });
});
