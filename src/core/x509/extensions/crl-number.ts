import type { Reader } from '../../der/element.ts';
import { TAG } from '../../der/tags.ts';
import { readBigInteger } from '../../der/values.ts';
import { type ExtensionType, type ExtensionValue, NO_DEVIATIONS } from '../extension.ts';

export interface CRLNumber extends ExtensionValue {
  readonly value: bigint;
}

// RFC 5280 §5.2.3
// CRLNumber ::= INTEGER (0..MAX)
export const cRLNumber: ExtensionType<CRLNumber> = {
  oid: '2.5.29.20',
  name: 'cRLNumber',
  read(reader: Reader): CRLNumber {
    const element = reader.expect(TAG.INTEGER, 'cRLNumber');
    return { element, value: readBigInteger(element, 'cRLNumber'), deviations: NO_DEVIATIONS };
  },
};
