import { UsageError } from '../failure.ts';
import type { SuiteCase } from './suite.ts';

interface PkitsCase {
  readonly id: string;
  readonly title: string;
  /** Base64 DER; the trust anchor first, the end entity last. */
  readonly certs: readonly string[];
  readonly crls: readonly string[];
  readonly settings: {
    readonly initial_explicit_policy: boolean;
    readonly initial_policy_mapping_inhibit: boolean;
    readonly initial_inhibit_any_policy: boolean;
    readonly initial_policy_set_oids: readonly string[];
  };
  readonly expected: 'SUCCESS' | 'FAILURE';
  readonly validation_time: string;
  readonly expected_user_constrained_policy_set?: readonly string[];
}

/** NIST's Public Key Interoperability Test Suite as JSON; every case checks revocation. */
export function readPkits(document: unknown): SuiteCase[] {
  const cases = (document as { testcases?: unknown } | null)?.testcases;
  if (!Array.isArray(cases) || cases.some((entry) => !Array.isArray(entry?.certs))) {
    throw new UsageError('--pkits FILE is no PKITS in JSON: it has no testcases with certs.');
  }
  return (cases as PkitsCase[]).map((entry) => {
    const { id, title, certs, crls, settings, expected, validation_time: time } = entry;
    const ders = certs.map((text) => Buffer.from(text, 'base64'));
    const policies = entry.expected_user_constrained_policy_set?.map(policyOid);
    return {
      ...(policies && { policies }),
      id: `${id} ${title}`,
      group: 'PKITS',
      expected: expected === 'SUCCESS' ? 'accept' : 'reject',
      conflictsWith: [],
      input: {
        leaf: ders.at(-1)!,
        intermediates: ders.slice(1, -1),
        trustAnchors: ders.slice(0, 1),
        crls: crls.map((text) => Buffer.from(text, 'base64')),
        at: new Date(time),
        policy: {
          initialPolicySet: settings.initial_policy_set_oids,
          explicit: settings.initial_explicit_policy,
          inhibitMapping: settings.initial_policy_mapping_inhibit,
          inhibitAny: settings.initial_inhibit_any_policy,
        },
      },
    };
  });
}

// NIST-test-policy-1 ::= { 2 16 840 1 101 3 2 1 48 1 } and so on.
const policyOid = (name: string): string =>
  name === 'anyPolicy' ? '2.5.29.32.0' : `2.16.840.1.101.3.2.1.48.${name.slice(name.lastIndexOf('-') + 1)}`;
