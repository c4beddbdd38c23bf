import type { Reader } from '../../der/element.ts';
import { type AccessDescriptions, readAccessDescriptions } from '../access-description.ts';
import type { ExtensionType } from '../extension.ts';

// RFC 5280 §4.2.2.1
// AuthorityInfoAccessSyntax ::= SEQUENCE SIZE (1..MAX) OF AccessDescription
export const authorityInfoAccess: ExtensionType<AccessDescriptions> = {
  oid: '1.3.6.1.5.5.7.1.1',
  name: 'authorityInfoAccess',
  read: (reader: Reader): AccessDescriptions => readAccessDescriptions(reader, 'authorityInfoAccess'),
};
