import { describe, expect, test } from 'vitest';
import type { Overview } from '../../../src/http/contract/overview.ts';
import { STANDINGS } from '../api/fleet.ts';
import { verdictOf } from './verdict.ts';

type Problem = Overview['problems']['items'][number];
const crl: Problem = {
  what: 'crl',
  id: '1',
  name: 'CRL',
  state: 'expired',
  severity: 'critical',
  since: null,
  message: '',
  fix: null,
};

function overview(states: Partial<Overview['states']>, more: Partial<Overview> = {}): Overview {
  const all = Object.fromEntries(STANDINGS.map((state) => [state, states[state] ?? 0])) as Overview['states'];
  const total = Object.values(all).reduce((sum, one) => sum + one, 0);
  return { total, states: all, blocked: 0, problems: { total: 0, items: [] }, ...more } as Overview;
}

describe('the verdict of the overview', () => {
  test.each([
    [overview({ ready: 200 }), 'good', 'All 200 appliances are ready'],
    [overview({ ready: 1 }), 'good', 'The one appliance is ready'],
    [overview({ ready: 197, expired: 2, revoked: 1 }), 'bad', '3 appliances need you now'],
    [overview({ ready: 9999, untrusted: 1 }), 'bad', '1 appliance needs you now'],
    [overview({ ready: 4, expiring: 1 }), 'warn', '1 certificate ends within 30 days'],
    [overview({ ready: 4, 'no-certificate': 2 }), 'warn', '2 appliances have no certificate yet'],
    [overview({ ready: 2 }, { problems: { total: 1, items: [crl] } }), 'bad', '1 CRL needs you now'],
    [
      overview({ ready: 2, expired: 1 }, { problems: { total: 2, items: [crl] } }),
      'bad',
      '1 appliance and 1 CRL need you now',
    ],
    [
      overview({ expired: 3 }, { problems: { total: 5, items: [crl, { ...crl, what: 'channel' }] } }),
      'bad',
      '3 appliances and 2 other things need you now',
    ],
    [
      overview({ ready: 2 }, { problems: { total: 1, items: [{ ...crl, severity: 'warning' }] } }),
      'good',
      'All 2 appliances are ready',
    ],
  ] as const)('%#: %s %s', (given, tone, sentence) => {
    expect(verdictOf(given)).toMatchObject({ tone, sentence });
  });

  test('says whose traffic is halted', () => {
    expect(verdictOf(overview({ expired: 2 }, { blocked: 2 })).more).toContain('traffic of 2 appliances is halted');
  });
});
