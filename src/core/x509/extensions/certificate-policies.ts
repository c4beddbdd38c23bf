import type { Element, Reader } from '../../der/element.ts';
import { DerError } from '../../der/errors.ts';
import { readOid } from '../../der/oid.ts';
import { TAG } from '../../der/tags.ts';
import { type Deviation, type ExtensionType, type ExtensionValue, NO_DEVIATIONS } from '../extension.ts';

export const ANY_POLICY = '2.5.29.32.0';

export const POLICY_QUALIFIER = { cps: '1.3.6.1.5.5.7.2.1', userNotice: '1.3.6.1.5.5.7.2.2' } as const;

/** Kept for whoever shows it; nothing here depends on it. */
export interface PolicyQualifier {
  readonly element: Element;
  /** Dotted. */
  readonly policyQualifierId: string;
  readonly qualifier: Element;
}

export interface PolicyInformation {
  readonly element: Element;
  /** Dotted. */
  readonly policyIdentifier: string;
  readonly policyQualifiers: readonly PolicyQualifier[];
}

export interface CertificatePolicies extends ExtensionValue {
  readonly policies: readonly PolicyInformation[];
}

// RFC 5280's path validation grows with their number; no real certificate has a hundred.
const MOST_POLICIES = 1000;

// RFC 5280 §4.2.1.4
// certificatePolicies ::= SEQUENCE SIZE (1..MAX) OF PolicyInformation
export const certificatePolicies: ExtensionType<CertificatePolicies> = {
  oid: '2.5.29.32',
  name: 'certificatePolicies',
  read(reader: Reader): CertificatePolicies {
    const element = reader.expect(TAG.SEQUENCE, 'certificatePolicies');
    const list = element.reader();
    const policies: PolicyInformation[] = [];
    while (!list.atEnd) {
      if (policies.length === MOST_POLICIES) {
        throw new DerError('too-many', list.position, `certificatePolicies has more than ${MOST_POLICIES} policies`);
      }
      policies.push(readPolicy(list));
    }
    return { element, policies, deviations: deviationsOf(element, policies) };
  },
};

// PolicyInformation ::= SEQUENCE {
//      policyIdentifier   CertPolicyId,
//      policyQualifiers   SEQUENCE SIZE (1..MAX) OF PolicyQualifierInfo OPTIONAL }
function readPolicy(list: Reader): PolicyInformation {
  const element = list.expect(TAG.SEQUENCE, 'PolicyInformation');
  const inner = element.reader();
  const policyIdentifier = readOid(inner.expect(TAG.OBJECT_IDENTIFIER, 'policyIdentifier'), 'policyIdentifier');
  const qualifiers = inner.optional(TAG.SEQUENCE, 'policyQualifiers');
  inner.finish('PolicyInformation');
  const policyQualifiers: PolicyQualifier[] = [];
  const reader = qualifiers?.reader();
  while (reader !== undefined && !reader.atEnd) {
    if (policyQualifiers.length === MOST_POLICIES) {
      throw new DerError('too-many', reader.position, 'policyQualifiers is too long');
    }
    policyQualifiers.push(readQualifier(reader));
  }
  return { element, policyIdentifier, policyQualifiers };
}

// PolicyQualifierInfo ::= SEQUENCE {
//      policyQualifierId  PolicyQualifierId,
//      qualifier          ANY DEFINED BY policyQualifierId }
function readQualifier(reader: Reader): PolicyQualifier {
  const element = reader.expect(TAG.SEQUENCE, 'PolicyQualifierInfo');
  const inner = element.reader();
  const policyQualifierId = readOid(inner.expect(TAG.OBJECT_IDENTIFIER, 'policyQualifierId'), 'policyQualifierId');
  const qualifier = inner.read('qualifier');
  inner.finish('PolicyQualifierInfo');
  return { element, policyQualifierId, qualifier };
}

function deviationsOf(element: Element, policies: readonly PolicyInformation[]): readonly Deviation[] {
  if (policies.length === 1) return NO_DEVIATIONS;
  // SIZE (1..MAX). An empty list asserts nothing; OpenSSL refuses it only in path validation.
  if (policies.length === 0) {
    return [{ code: 'empty-list', offset: element.offset, message: 'certificatePolicies is an empty list' }];
  }
  // "A certificate policy OID MUST NOT appear more than once"; OpenSSL refuses it only in path validation.
  const seen = new Set<string>();
  return policies
    .filter(({ policyIdentifier }) => seen.has(policyIdentifier) || !seen.add(policyIdentifier))
    .map((policy) => ({
      code: 'duplicate',
      offset: policy.element.offset,
      message: `certificatePolicies lists ${policy.policyIdentifier} twice`,
    }));
}
