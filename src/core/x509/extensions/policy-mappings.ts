import type { Element, Reader } from '../../der/element.ts';
import { DerError } from '../../der/errors.ts';
import { readOid } from '../../der/oid.ts';
import { TAG } from '../../der/tags.ts';
import { type ExtensionType, type ExtensionValue, NO_DEVIATIONS } from '../extension.ts';

export interface PolicyMapping {
  readonly element: Element;
  /** Dotted. */
  readonly issuerDomainPolicy: string;
  readonly subjectDomainPolicy: string;
}

export interface PolicyMappings extends ExtensionValue {
  readonly mappings: readonly PolicyMapping[];
}

const MOST_MAPPINGS = 1000;

// RFC 5280 §4.2.1.5
// PolicyMappings ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE {
//      issuerDomainPolicy      CertPolicyId,
//      subjectDomainPolicy     CertPolicyId }
export const policyMappings: ExtensionType<PolicyMappings> = {
  oid: '2.5.29.33',
  name: 'policyMappings',
  read(reader: Reader): PolicyMappings {
    const element = reader.expect(TAG.SEQUENCE, 'policyMappings');
    const list = element.reader();
    const mappings: PolicyMapping[] = [];
    while (!list.atEnd) {
      if (mappings.length === MOST_MAPPINGS)
        throw new DerError('too-many', list.position, 'policyMappings is too long');
      const mapping = list.expect(TAG.SEQUENCE, 'PolicyMapping');
      const inner = mapping.reader();
      const issuerDomainPolicy = readOid(
        inner.expect(TAG.OBJECT_IDENTIFIER, 'issuerDomainPolicy'),
        'issuerDomainPolicy',
      );
      const subjectDomainPolicy = readOid(
        inner.expect(TAG.OBJECT_IDENTIFIER, 'subjectDomainPolicy'),
        'subjectDomainPolicy',
      );
      inner.finish('PolicyMapping');
      mappings.push({ element: mapping, issuerDomainPolicy, subjectDomainPolicy });
    }
    return {
      element,
      mappings,
      // SIZE (1..MAX). An empty list maps nothing; OpenSSL refuses it only in path validation.
      deviations:
        mappings.length > 0
          ? NO_DEVIATIONS
          : [{ code: 'empty-list', offset: element.offset, message: 'policyMappings is an empty list' }],
    };
  },
};
