import type { Reader } from '../../der/element.ts';
import { TAG } from '../../der/tags.ts';
import { readNonNegativeInteger } from '../../der/values.ts';
import { type ExtensionType, type ExtensionValue, NO_DEVIATIONS } from '../extension.ts';

export interface InhibitAnyPolicy extends ExtensionValue {
  /** Certificates that may follow before anyPolicy stops to count. */
  readonly skipCerts: number;
}

// RFC 5280 §4.2.1.14
// InhibitAnyPolicy ::= SkipCerts
// SkipCerts ::= INTEGER (0..MAX)
export const inhibitAnyPolicy: ExtensionType<InhibitAnyPolicy> = {
  oid: '2.5.29.54',
  name: 'inhibitAnyPolicy',
  read(reader: Reader): InhibitAnyPolicy {
    const element = reader.expect(TAG.INTEGER, 'inhibitAnyPolicy');
    return { element, skipCerts: readNonNegativeInteger(element, 'inhibitAnyPolicy'), deviations: NO_DEVIATIONS };
  },
};
