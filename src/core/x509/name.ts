import type { Element, Reader } from '../der/element.ts';
import { DerError } from '../der/errors.ts';
import { readOid } from '../der/oid.ts';
import { isStringTag, readString } from '../der/strings.ts';
import { TAG } from '../der/tags.ts';
import { toHex } from '../der/values.ts';

/** Attribute types by object identifier, with the short names of RFC 4514 and OpenSSL. */
export const ATTRIBUTE = {
  CN: '2.5.4.3',
  SURNAME: '2.5.4.4',
  SERIAL_NUMBER: '2.5.4.5',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  STREET: '2.5.4.9',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  TITLE: '2.5.4.12',
  GIVEN_NAME: '2.5.4.42',
  DN_QUALIFIER: '2.5.4.46',
  PSEUDONYM: '2.5.4.65',
  EMAIL_ADDRESS: '1.2.840.113549.1.9.1',
  DC: '0.9.2342.19200300.100.1.25',
  UID: '0.9.2342.19200300.100.1.1',
} as const;

const SHORT_NAMES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(ATTRIBUTE).map(([name, oid]) => [oid, name])),
  [ATTRIBUTE.EMAIL_ADDRESS]: 'emailAddress',
  [ATTRIBUTE.SERIAL_NUMBER]: 'serialNumber',
  [ATTRIBUTE.SURNAME]: 'SN',
  [ATTRIBUTE.GIVEN_NAME]: 'GN',
  [ATTRIBUTE.STREET]: 'street',
  [ATTRIBUTE.TITLE]: 'title',
  [ATTRIBUTE.DN_QUALIFIER]: 'dnQualifier',
  [ATTRIBUTE.PSEUDONYM]: 'pseudonym',
  // What extended-validation, qualified and device certificates carry beside them, named as OpenSSL names them.
  '2.5.4.13': 'description',
  '2.5.4.15': 'businessCategory',
  '2.5.4.16': 'postalAddress',
  '2.5.4.17': 'postalCode',
  '2.5.4.20': 'telephoneNumber',
  '2.5.4.41': 'name',
  '2.5.4.43': 'initials',
  '2.5.4.44': 'generationQualifier',
  '2.5.4.45': 'x500UniqueIdentifier',
  '2.5.4.72': 'role',
  '2.5.4.97': 'organizationIdentifier',
  '1.2.840.113549.1.9.2': 'unstructuredName',
  '1.2.840.113549.1.9.8': 'unstructuredAddress',
  '1.3.6.1.4.1.311.60.2.1.1': 'jurisdictionL',
  '1.3.6.1.4.1.311.60.2.1.2': 'jurisdictionST',
  '1.3.6.1.4.1.311.60.2.1.3': 'jurisdictionC',
};

/** One AttributeTypeAndValue. */
export class Attribute {
  readonly element: Element;
  /** Dotted. */
  readonly oid: string;
  readonly value: Element;
  #text: string | undefined;

  constructor(element: Element, oid: string, value: Element) {
    this.element = element;
    this.oid = oid;
    this.value = value;
  }

  /** `CN`, `emailAddress`, or the dotted identifier. */
  get shortName(): string {
    return SHORT_NAMES[this.oid] ?? this.oid;
  }

  /** The value as text; `#` and the DER in hex (RFC 4514 §2.4) where it is no character string. Throws DerError. */
  get text(): string {
    return (this.#text ??= isStringTag(this.value.tag)
      ? readString(this.value, this.shortName)
      : `#${toHex(this.value.der())}`);
  }

  /** `text` as RFC 4514 writes it into a whole name: special characters escaped, the hexadecimal form as it is. */
  get escaped(): string {
    return isStringTag(this.value.tag) ? escapeValue(this.text) : this.text;
  }
}

/** A distinguished name: RDNs in the order of the encoding, read on first use. */
export class Name {
  /** The RDNSequence. */
  readonly element: Element;
  #rdns: readonly (readonly Attribute[])[] | undefined;
  #canonical: string | undefined;

  constructor(element: Element) {
    this.element = element;
  }

  get isEmpty(): boolean {
    return this.element.contentLength === 0;
  }

  get rdns(): readonly (readonly Attribute[])[] {
    return (this.#rdns ??= readRdns(this.element));
  }

  /** All attributes in order, whichever RDN they stand in. */
  get attributes(): readonly Attribute[] {
    return this.rdns.flat();
  }

  /** All attributes of one type, in order. */
  all(oid: string): Attribute[] {
    const found: Attribute[] = [];
    for (const rdn of this.rdns) for (const attribute of rdn) if (attribute.oid === oid) found.push(attribute);
    return found;
  }

  /** `C=US, O=Contoso, CN=sensor.contoso.com`, in the order of the encoding, special characters escaped (RFC 4514). */
  toString(): string {
    let text = '';
    for (const rdn of this.rdns) {
      let separator = text === '' ? '' : ', ';
      for (const { shortName, escaped } of rdn) {
        text += `${separator}${shortName}=${escaped}`;
        separator = '+';
      }
    }
    return text;
  }

  /**
   * Two names are the same exactly when these are (RFC 5280 §7.1: case folded, white space compressed, character
   * string types interchangeable, attributes of one RDN in any order).
   */
  get canonical(): string {
    return (this.#canonical ??= this.rdns.map(canonicalRdn).join(','));
  }

  equals(other: Name): boolean {
    return this.element.sameBytes(other.element) || this.canonical === other.canonical;
  }
}

/** One RDN as in `Name.canonical`, for comparing names piecewise (directory name constraints). */
export function canonicalRdn(rdn: readonly Attribute[]): string {
  const parts = rdn.map(({ oid, value }) => `${oid}=${canonicalValue(value)}`);
  return parts.length === 1 ? parts[0]! : parts.toSorted().join('+');
}

function canonicalValue(value: Element): string {
  if (!isStringTag(value.tag)) return `#${toHex(value.der())}`;
  const prepared = readString(value, 'AttributeValue').normalize('NFKC').toLowerCase();
  // What separates RDNs and attributes here must not occur in a value.
  return prepared
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/[\\,+#]/g, '\\$&');
}

// eslint-disable-next-line no-control-regex -- control characters are what must not reach a terminal
const NEEDS_ESCAPE = /[\\",+;<>\u0000-\u001f\u007f-\u009f]|^[ #]| $/;

function escapeValue(text: string): string {
  // Hardly any does, and looking is cheaper than replacing nothing.
  if (!NEEDS_ESCAPE.test(text)) return text;
  // eslint-disable-next-line no-control-regex -- the same
  return text
    .replace(/[\\",+;<>]|^[ #]| $/g, '\\$&')
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) => `\\${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

// Name ::= CHOICE { rdnSequence RDNSequence }
// RDNSequence ::= SEQUENCE OF RelativeDistinguishedName
// RelativeDistinguishedName ::= SET SIZE (1..MAX) OF AttributeTypeAndValue
function readRdns(element: Element): Attribute[][] {
  const rdns: Attribute[][] = [];
  const sequence = element.reader();
  while (!sequence.atEnd) {
    rdns.push(readRdn(sequence.expect(TAG.SET, 'RelativeDistinguishedName')));
  }
  return rdns;
}

/** The attributes of one RelativeDistinguishedName; `set` may carry another tag where it is implicitly tagged. */
export function readRdn(set: Element): Attribute[] {
  if (set.contentLength === 0) throw new DerError('empty', set.offset, 'RelativeDistinguishedName is empty');
  const attributes: Attribute[] = [];
  const inner = set.reader();
  while (!inner.atEnd) attributes.push(readAttribute(inner));
  return attributes;
}

// AttributeTypeAndValue ::= SEQUENCE {
//      type     AttributeType,
//      value    AttributeValue }
function readAttribute(reader: Reader): Attribute {
  const element = reader.expect(TAG.SEQUENCE, 'AttributeTypeAndValue');
  const inner = element.reader();
  const type = readOid(inner.expect(TAG.OBJECT_IDENTIFIER, 'AttributeType'), 'AttributeType');
  const value = inner.read('AttributeValue');
  inner.finish('AttributeTypeAndValue');
  return new Attribute(element, type, value);
}
