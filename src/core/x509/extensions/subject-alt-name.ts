import type { Reader } from '../../der/element.ts';
import { TAG } from '../../der/tags.ts';
import type { ExtensionType } from '../extension.ts';
import { type GeneralNames, readGeneralNames } from '../general-name.ts';

// RFC 5280 §4.2.1.6
// SubjectAltName ::= GeneralNames
// GeneralNames ::= SEQUENCE SIZE (1..MAX) OF GeneralName
export const subjectAltName: ExtensionType<GeneralNames> = {
  oid: '2.5.29.17',
  name: 'subjectAltName',
  read: (reader: Reader): GeneralNames =>
    readGeneralNames(reader.expect(TAG.SEQUENCE, 'subjectAltName'), 'subjectAltName'),
};
