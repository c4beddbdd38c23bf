import type { Reader } from '../../der/element.ts';
import { TAG } from '../../der/tags.ts';
import { readBoolean, readNonNegativeInteger } from '../../der/values.ts';
import { type ExtensionType, type ExtensionValue, NO_DEVIATIONS } from '../extension.ts';

export interface BasicConstraints extends ExtensionValue {
  readonly cA: boolean;
  readonly pathLenConstraint: number | undefined;
  /** `cA FALSE` was spelled out although it is the default: BER, common in older software. */
  readonly encodedDefault: boolean;
}

// RFC 5280 §4.2.1.9
// BasicConstraints ::= SEQUENCE {
//      cA                      BOOLEAN DEFAULT FALSE,
//      pathLenConstraint       INTEGER (0..MAX) OPTIONAL }
export const basicConstraints: ExtensionType<BasicConstraints> = {
  oid: '2.5.29.19',
  name: 'basicConstraints',
  read(reader: Reader): BasicConstraints {
    const element = reader.expect(TAG.SEQUENCE, 'basicConstraints');
    const inner = element.reader();
    const caElement = inner.optional(TAG.BOOLEAN, 'basicConstraints.cA');
    const cA = caElement !== undefined && readBoolean(caElement, 'basicConstraints.cA');
    const length = inner.optional(TAG.INTEGER, 'basicConstraints.pathLenConstraint');
    inner.finish('basicConstraints');
    const encodedDefault = caElement !== undefined && !cA;
    return {
      element,
      cA,
      pathLenConstraint: length && readNonNegativeInteger(length, 'basicConstraints.pathLenConstraint'),
      encodedDefault,
      deviations: encodedDefault
        ? [
            {
              code: 'default-encoded',
              offset: caElement.offset,
              message: 'basicConstraints spells out cA FALSE, the default',
            },
          ]
        : NO_DEVIATIONS,
    };
  },
};
