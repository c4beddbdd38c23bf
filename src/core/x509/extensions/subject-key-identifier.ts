import type { Element, Reader } from '../../der/element.ts';
import { TAG } from '../../der/tags.ts';
import { type ExtensionType, type ExtensionValue, NO_DEVIATIONS } from '../extension.ts';

export interface SubjectKeyIdentifier extends ExtensionValue {
  /** Its content is the identifier. */
  readonly keyIdentifier: Element;
}

// RFC 5280 §4.2.1.2
// SubjectKeyIdentifier ::= KeyIdentifier
// KeyIdentifier ::= OCTET STRING
export const subjectKeyIdentifier: ExtensionType<SubjectKeyIdentifier> = {
  oid: '2.5.29.14',
  name: 'subjectKeyIdentifier',
  read(reader: Reader): SubjectKeyIdentifier {
    const element = reader.expect(TAG.OCTET_STRING, 'subjectKeyIdentifier');
    return { element, keyIdentifier: element, deviations: NO_DEVIATIONS };
  },
};
