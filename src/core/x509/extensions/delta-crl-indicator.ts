import type { Reader } from '../../der/element.ts';
import { TAG } from '../../der/tags.ts';
import { readBigInteger } from '../../der/values.ts';
import { type ExtensionType, type ExtensionValue, NO_DEVIATIONS } from '../extension.ts';

export interface DeltaCRLIndicator extends ExtensionValue {
  /** The CRLNumber of the complete CRL that this delta starts from. */
  readonly baseCRLNumber: bigint;
}

// RFC 5280 §5.2.4
// BaseCRLNumber ::= CRLNumber
export const deltaCRLIndicator: ExtensionType<DeltaCRLIndicator> = {
  oid: '2.5.29.27',
  name: 'deltaCRLIndicator',
  read(reader: Reader): DeltaCRLIndicator {
    const element = reader.expect(TAG.INTEGER, 'deltaCRLIndicator');
    return { element, baseCRLNumber: readBigInteger(element, 'deltaCRLIndicator'), deviations: NO_DEVIATIONS };
  },
};
