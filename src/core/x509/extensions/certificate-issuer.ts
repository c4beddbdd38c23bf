import type { Reader } from '../../der/element.ts';
import { TAG } from '../../der/tags.ts';
import type { ExtensionType } from '../extension.ts';
import { type GeneralNames, readGeneralNames } from '../general-name.ts';

// RFC 5280 §5.3.3, a CRL entry extension: who issued the certificate of this and the following entries.
// CertificateIssuer ::= GeneralNames
export const certificateIssuer: ExtensionType<GeneralNames> = {
  oid: '2.5.29.29',
  name: 'certificateIssuer',
  read: (reader: Reader): GeneralNames =>
    readGeneralNames(reader.expect(TAG.SEQUENCE, 'certificateIssuer'), 'certificateIssuer'),
};
