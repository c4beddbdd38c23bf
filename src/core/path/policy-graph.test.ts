import { describe, expect, test } from 'vitest';
import { ANY_POLICY } from '../x509/extensions/certificate-policies.ts';
import { Budget, BUDGET } from './budget.ts';
import { PolicyGraph } from './policy-graph.ts';

const pair = (from: string, to: string) => ({ issuerDomainPolicy: from, subjectDomainPolicy: to });

/** A graph over certificates of policies and mappings, anchor's child first; the last one's mappings do not count. */
function graph(...certificates: [policies: string[] | undefined, mappings?: ReturnType<typeof pair>[]][]): PolicyGraph {
  const made = new PolicyGraph(new Budget());
  for (const [policies, mappings = []] of certificates) {
    made.assert(policies, true);
    made.map(mappings, true);
  }
  return made;
}

describe('RFC 9618', () => {
  test('the policies that all certificates share', () => {
    expect(graph([['1.1', '1.2']], [['1.2', '1.3']]).userConstrained([ANY_POLICY])).toEqual(['1.2']);
  });

  test('anyPolicy stands for those above and below it', () => {
    expect(graph([[ANY_POLICY]], [['1.2']]).userConstrained([ANY_POLICY])).toEqual(['1.2']);
    expect(graph([['1.2']], [[ANY_POLICY]]).userConstrained([ANY_POLICY])).toEqual(['1.2']);
    expect(graph([[ANY_POLICY]], [[ANY_POLICY]]).userConstrained(['1.5'])).toEqual(['1.5']);
  });

  test('one certificate without policies ends them all', () => {
    const made = graph([['1.1']], [undefined], [['1.1']]);
    expect(made.isEmpty).toBe(true);
    expect(made.userConstrained([ANY_POLICY])).toEqual([]);
  });

  test("mapped policies are told in the anchor's terms", () => {
    const made = graph([['1.1'], [pair('1.1', '2.5')]], [['2.5']]);
    expect(made.userConstrained([ANY_POLICY])).toEqual(['1.1']);
    expect(made.userConstrained(['2.5'])).toEqual([]);
  });

  test('a mapping under anyPolicy makes the policy that it maps', () => {
    expect(graph([[ANY_POLICY], [pair('1.1', '2.5')]], [['2.5']]).userConstrained([ANY_POLICY])).toEqual(['1.1']);
  });

  test('a mapping that is inhibited takes the policy away', () => {
    const made = new PolicyGraph(new Budget());
    made.assert(['1.1', '1.2'], true);
    made.map([pair('1.1', '1.3')], false);
    made.assert(['1.1', '1.2', '1.3'], true);
    expect(made.userConstrained([ANY_POLICY])).toEqual(['1.2']);
  });

  test('anyPolicy that is inhibited counts for nothing', () => {
    const made = new PolicyGraph(new Budget());
    made.assert([ANY_POLICY], false);
    expect(made.isEmpty).toBe(true);
  });

  test('a budget that ends makes nothing valid', () => {
    const made = new PolicyGraph(new Budget({ ...BUDGET, policyNodes: 2 }));
    made.assert(['1.1', '1.2', '1.3'], true);
    expect(made.overBudget).toBe(true);
    expect(made.userConstrained([ANY_POLICY])).toEqual([]);
  });
});
