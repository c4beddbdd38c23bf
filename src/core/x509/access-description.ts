import type { Element, Reader } from '../der/element.ts';
import { DerError } from '../der/errors.ts';
import { readOid } from '../der/oid.ts';
import { TAG } from '../der/tags.ts';
import { type ExtensionValue, NO_DEVIATIONS } from './extension.ts';
import { type GeneralName, readGeneralName } from './general-name.ts';

/** Access methods by name, RFC 5280 §4.2.2. */
export const ACCESS_METHOD = {
  ocsp: '1.3.6.1.5.5.7.48.1',
  caIssuers: '1.3.6.1.5.5.7.48.2',
  timeStamping: '1.3.6.1.5.5.7.48.3',
  caRepository: '1.3.6.1.5.5.7.48.5',
} as const;

export interface AccessDescription {
  readonly element: Element;
  /** Dotted. */
  readonly accessMethod: string;
  readonly accessLocation: GeneralName;
}

export interface AccessDescriptions extends ExtensionValue {
  readonly descriptions: readonly AccessDescription[];
}

const MOST_DESCRIPTIONS = 1000;

// AccessDescription  ::=  SEQUENCE {
//      accessMethod          OBJECT IDENTIFIER,
//      accessLocation        GeneralName  }
export function readAccessDescriptions(reader: Reader, what: string): AccessDescriptions {
  const element = reader.expect(TAG.SEQUENCE, what);
  const list = element.reader();
  const descriptions: AccessDescription[] = [];
  while (!list.atEnd) {
    if (descriptions.length === MOST_DESCRIPTIONS) throw new DerError('too-many', list.position, `${what} is too long`);
    const description = list.expect(TAG.SEQUENCE, 'AccessDescription');
    const inner = description.reader();
    const accessMethod = readOid(inner.expect(TAG.OBJECT_IDENTIFIER, 'accessMethod'), 'accessMethod');
    const accessLocation = readGeneralName(inner, 'accessLocation');
    inner.finish('AccessDescription');
    descriptions.push({ element: description, accessMethod, accessLocation });
  }
  return {
    element,
    descriptions,
    // SIZE (1..MAX). An empty list points nowhere and harms nobody; OpenSSL reads it.
    deviations:
      descriptions.length > 0
        ? NO_DEVIATIONS
        : [{ code: 'empty-list', offset: element.offset, message: `${what} is an empty list` }],
  };
}
