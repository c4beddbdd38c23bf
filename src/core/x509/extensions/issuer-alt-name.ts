import type { Reader } from '../../der/element.ts';
import { TAG } from '../../der/tags.ts';
import type { ExtensionType } from '../extension.ts';
import { type GeneralNames, readGeneralNames } from '../general-name.ts';

// RFC 5280 §4.2.1.7
// IssuerAltName ::= GeneralNames
export const issuerAltName: ExtensionType<GeneralNames> = {
  oid: '2.5.29.18',
  name: 'issuerAltName',
  read: (reader: Reader): GeneralNames =>
    readGeneralNames(reader.expect(TAG.SEQUENCE, 'issuerAltName'), 'issuerAltName'),
};
