import type { Reader } from '../../der/element.ts';
import { TAG, contextPrimitive } from '../../der/tags.ts';
import { readNonNegativeInteger } from '../../der/values.ts';
import { type ExtensionType, type ExtensionValue, NO_DEVIATIONS } from '../extension.ts';

export interface PolicyConstraints extends ExtensionValue {
  /** Certificates that may follow before it takes effect. */
  readonly requireExplicitPolicy: number | undefined;
  readonly inhibitPolicyMapping: number | undefined;
}

// RFC 5280 §4.2.1.11
// PolicyConstraints ::= SEQUENCE {
//      requireExplicitPolicy   [0]     SkipCerts OPTIONAL,
//      inhibitPolicyMapping    [1]     SkipCerts OPTIONAL }
// SkipCerts ::= INTEGER (0..MAX)
export const policyConstraints: ExtensionType<PolicyConstraints> = {
  oid: '2.5.29.36',
  name: 'policyConstraints',
  read(reader: Reader): PolicyConstraints {
    const element = reader.expect(TAG.SEQUENCE, 'policyConstraints');
    const inner = element.reader();
    const explicit = inner.optional(contextPrimitive(0), 'policyConstraints.requireExplicitPolicy');
    const inhibit = inner.optional(contextPrimitive(1), 'policyConstraints.inhibitPolicyMapping');
    inner.finish('policyConstraints');
    return {
      element,
      requireExplicitPolicy: explicit && readNonNegativeInteger(explicit, 'policyConstraints.requireExplicitPolicy'),
      inhibitPolicyMapping: inhibit && readNonNegativeInteger(inhibit, 'policyConstraints.inhibitPolicyMapping'),
      // "Conforming CAs MUST NOT issue certificates where policy constraints is an empty sequence."
      // It constrains nothing; OpenSSL refuses it only in path validation.
      deviations:
        explicit !== undefined || inhibit !== undefined
          ? NO_DEVIATIONS
          : [{ code: 'empty-list', offset: element.offset, message: 'policyConstraints is an empty sequence' }],
    };
  },
};
