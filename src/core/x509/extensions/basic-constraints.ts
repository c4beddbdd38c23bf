import type { Reader } from '../../der/element.ts';
import { TAG } from '../../der/tags.ts';
import { readBoolean, readSmallInteger } from '../../der/values.ts';
import type { ExtensionType } from '../extension.ts';

export interface BasicConstraints {
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
    const inner = reader.expect(TAG.SEQUENCE, 'basicConstraints').reader();
    const caElement = inner.optional(TAG.BOOLEAN, 'basicConstraints.cA');
    const cA = caElement !== undefined && readBoolean(caElement, 'basicConstraints.cA');
    const length = inner.optional(TAG.INTEGER, 'basicConstraints.pathLenConstraint');
    inner.finish('basicConstraints');
    return {
      cA,
      pathLenConstraint: length && readSmallInteger(length, 'basicConstraints.pathLenConstraint'),
      encodedDefault: caElement !== undefined && !cA,
    };
  },
};
