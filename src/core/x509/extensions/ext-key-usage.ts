import type { Element, Reader } from '../../der/element.ts';
import { DerError } from '../../der/errors.ts';
import { readOid } from '../../der/oid.ts';
import { TAG } from '../../der/tags.ts';
import { type ExtensionType, type ExtensionValue, NO_DEVIATIONS } from '../extension.ts';

/** Key purposes by name, RFC 5280 §4.2.1.12. */
export const KEY_PURPOSE = {
  anyExtendedKeyUsage: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  OCSPSigning: '1.3.6.1.5.5.7.3.9',
} as const;

const NAMES: ReadonlyMap<string, string> = new Map(Object.entries(KEY_PURPOSE).map(([name, oid]) => [oid, name]));

/** `serverAuth` …, or the identifier itself where it has no name here. */
export const keyPurposeName = (oid: string): string => NAMES.get(oid) ?? oid;

export interface KeyPurpose {
  readonly element: Element;
  /** Dotted. */
  readonly oid: string;
}

export interface ExtKeyUsage extends ExtensionValue {
  readonly purposes: readonly KeyPurpose[];
  has(oid: string): boolean;
}

const MOST_PURPOSES = 1000;

// ExtKeyUsageSyntax ::= SEQUENCE SIZE (1..MAX) OF KeyPurposeId
// KeyPurposeId ::= OBJECT IDENTIFIER
export const extKeyUsage: ExtensionType<ExtKeyUsage> = {
  oid: '2.5.29.37',
  name: 'extKeyUsage',
  read(reader: Reader): ExtKeyUsage {
    const element = reader.expect(TAG.SEQUENCE, 'extKeyUsage');
    const inner = element.reader();
    const purposes: KeyPurpose[] = [];
    while (!inner.atEnd) {
      if (purposes.length === MOST_PURPOSES)
        throw new DerError('too-many', inner.position, 'extKeyUsage has too many purposes');
      const purpose = inner.expect(TAG.OBJECT_IDENTIFIER, 'KeyPurposeId');
      purposes.push({ element: purpose, oid: readOid(purpose, 'KeyPurposeId') });
    }
    return {
      element,
      purposes,
      has: (oid) => purposes.some((purpose) => purpose.oid === oid),
      // An empty list allows nothing. OpenSSL reads it so; refusing to read would say less.
      deviations:
        purposes.length > 0
          ? NO_DEVIATIONS
          : [{ code: 'empty-list', offset: element.offset, message: 'extKeyUsage is an empty list' }],
    };
  },
};
