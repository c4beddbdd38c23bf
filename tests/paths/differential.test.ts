import { describe, expect, test } from 'vitest';
import { compare, EXPLANATIONS } from './differential.ts';

// The long form is `npm run soak -- paths`; CERTGATE_PATHS makes this one longer.
const count = Number(process.env['CERTGATE_PATHS'] ?? 400);
const seed = Number(process.env['CERTGATE_SEED'] ?? 20_260_601);

describe(`${count} generated chains, ours against openssl verify`, () => {
  test.each([false, true])('with CRLs: %s', { timeout: 600_000 }, async (withCrls) => {
    const { disagreements, bothValid, bothRefused } = await compare(seed, count, withCrls);
    expect(disagreements.filter(({ why }) => why === undefined)).toEqual([]);
    expect(disagreements.filter(({ openssl }) => openssl === 'no verdict')).toEqual([]);
    // Chains that are all of one kind would prove nothing.
    expect(bothValid).toBeGreaterThan(count / 10);
    expect(bothRefused).toBeGreaterThan(count / 10);
  });

  test('every explanation says which verdict, of what, and why', () => {
    for (const { why } of EXPLANATIONS) expect(why.length).toBeGreaterThan(40);
  });
});
