import type { Reader } from '../../der/element.ts';
import { type AccessDescriptions, readAccessDescriptions } from '../access-description.ts';
import type { ExtensionType } from '../extension.ts';

// RFC 5280 §4.2.2.2
// SubjectInfoAccessSyntax ::= SEQUENCE SIZE (1..MAX) OF AccessDescription
export const subjectInfoAccess: ExtensionType<AccessDescriptions> = {
  oid: '1.3.6.1.5.5.7.1.11',
  name: 'subjectInfoAccess',
  read: (reader: Reader): AccessDescriptions => readAccessDescriptions(reader, 'subjectInfoAccess'),
};
