import type { Reader } from '../../der/element.ts';
import { TAG } from '../../der/tags.ts';
import { readTime } from '../../der/time.ts';
import { type ExtensionType, type ExtensionValue, NO_DEVIATIONS } from '../extension.ts';

export interface InvalidityDate extends ExtensionValue {
  /** Since 1970-01-01T00:00:00Z. */
  readonly seconds: number;
}

// RFC 5280 §5.3.2, a CRL entry extension: since when the key is known or suspected to be compromised.
// InvalidityDate ::=  GeneralizedTime
export const invalidityDate: ExtensionType<InvalidityDate> = {
  oid: '2.5.29.24',
  name: 'invalidityDate',
  read(reader: Reader): InvalidityDate {
    const element = reader.expect(TAG.GENERALIZED_TIME, 'invalidityDate');
    return { element, seconds: readTime(element, 'invalidityDate'), deviations: NO_DEVIATIONS };
  },
};
