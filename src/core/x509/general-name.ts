import type { Element, Reader } from '../der/element.ts';
import { DerError } from '../der/errors.ts';
import { readOid } from '../der/oid.ts';
import { TAG, contextConstructed, contextPrimitive, tagName } from '../der/tags.ts';
import { type Deviation, type ExtensionValue, NO_DEVIATIONS } from './extension.ts';
import { Name } from './name.ts';

/** One GeneralName, RFC 5280 §4.2.1.6; `kind` is the name of its choice. */
export type GeneralName =
  | { readonly kind: 'otherName'; readonly element: Element; readonly typeId: string; readonly value: Element }
  | {
      readonly kind: 'rfc822Name' | 'dNSName' | 'uniformResourceIdentifier';
      readonly element: Element;
      /** The octets as ISO 8859-1; only ASCII is allowed, see `deviations` of the list it stands in. */
      readonly value: string;
    }
  | { readonly kind: 'x400Address' | 'ediPartyName'; readonly element: Element }
  | { readonly kind: 'directoryName'; readonly element: Element; readonly name: Name }
  | {
      readonly kind: 'iPAddress';
      readonly element: Element;
      /** 4 or 16; in name constraints 8 or 32, address then mask. A view. */
      readonly octets: Uint8Array;
    }
  | { readonly kind: 'registeredID'; readonly element: Element; readonly oid: string };

/** A list of names, in the order of the encoding. */
export interface GeneralNames extends ExtensionValue {
  readonly names: readonly GeneralName[];
}

const OTHER_NAME = contextConstructed(0);
const RFC822_NAME = contextPrimitive(1);
const DNS_NAME = contextPrimitive(2);
const X400_ADDRESS = contextConstructed(3);
const DIRECTORY_NAME = contextConstructed(4);
const EDI_PARTY_NAME = contextConstructed(5);
const URI = contextPrimitive(6);
const IP_ADDRESS = contextPrimitive(7);
const REGISTERED_ID = contextPrimitive(8);

// More than any real certificate carries; what walks names must not be handed a million of them.
const MOST_NAMES = 10_000;

/** `subtree`: the name is the base of a name constraint, where an address carries its mask. */
export function readGeneralName(reader: Reader, what: string, subtree = false): GeneralName {
  const element = reader.read(what);
  // GeneralName ::= CHOICE {
  switch (element.tag) {
    //      otherName                 [0]  OtherName,
    case OTHER_NAME:
      return readOtherName(element, what);
    //      rfc822Name                [1]  IA5String,
    case RFC822_NAME:
      return { kind: 'rfc822Name', element, value: latin1(element) };
    //      dNSName                   [2]  IA5String,
    case DNS_NAME:
      return { kind: 'dNSName', element, value: latin1(element) };
    //      x400Address               [3]  ORAddress,
    case X400_ADDRESS:
      return { kind: 'x400Address', element };
    //      directoryName             [4]  Name,   -- EXPLICIT, since Name is a CHOICE
    case DIRECTORY_NAME:
      return readDirectoryName(element, what);
    //      ediPartyName              [5]  EDIPartyName,
    case EDI_PARTY_NAME:
      return { kind: 'ediPartyName', element };
    //      uniformResourceIdentifier [6]  IA5String,
    case URI:
      return { kind: 'uniformResourceIdentifier', element, value: latin1(element) };
    //      iPAddress                 [7]  OCTET STRING,
    case IP_ADDRESS:
      return readAddress(element, what, subtree);
    //      registeredID              [8]  OBJECT IDENTIFIER }
    case REGISTERED_ID:
      return { kind: 'registeredID', element, oid: readOid(element, what) };
    default:
      throw new DerError(
        'unexpected-tag',
        element.offset,
        `${what} must be a GeneralName, found ${tagName(element.tag)}`,
      );
  }
}

/** The names inside `sequence`, whatever tag it carries itself. */
export function readGeneralNames(sequence: Element, what: string): GeneralNames {
  const names: GeneralName[] = [];
  const reader = sequence.reader();
  let odd = sequence.contentLength === 0;
  while (!reader.atEnd) {
    if (names.length === MOST_NAMES) {
      throw new DerError('too-many', reader.position, `${what} has more than ${MOST_NAMES} names`);
    }
    const name = readGeneralName(reader, what);
    odd ||= !isAscii(name);
    names.push(name);
  }
  return { element: sequence, names, deviations: odd ? deviationsOf(sequence, names, what) : NO_DEVIATIONS };
}

function deviationsOf(sequence: Element, names: readonly GeneralName[], what: string): Deviation[] {
  // GeneralNames ::= SEQUENCE SIZE (1..MAX). OpenSSL reads an empty one, as templates filled with nothing make it.
  if (names.length === 0) {
    return [{ code: 'empty-list', offset: sequence.offset, message: `${what} is an empty list` }];
  }
  // Tools that put UTF-8 where an IA5String belongs (umlauts in host names and URLs); OpenSSL reads them, Go does not.
  return names
    .filter((name) => !isAscii(name))
    .map(({ element }) => ({
      code: 'outside-repertoire',
      offset: element.offset,
      message: `${what} has a name with bytes outside ASCII`,
    }));
}

function isAscii(name: GeneralName): boolean {
  if (name.kind !== 'dNSName' && name.kind !== 'rfc822Name' && name.kind !== 'uniformResourceIdentifier') return true;
  const { value } = name;
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) >= 0x80) return false;
  return true;
}

// OtherName ::= SEQUENCE {
//      type-id    OBJECT IDENTIFIER,
//      value      [0] EXPLICIT ANY DEFINED BY type-id }
function readOtherName(element: Element, what: string): GeneralName {
  const inner = element.reader();
  const typeId = readOid(inner.expect(TAG.OBJECT_IDENTIFIER, `${what}.type-id`), `${what}.type-id`);
  const explicit = inner.expect(contextConstructed(0), `${what}.value`).reader();
  inner.finish(what);
  const value = explicit.read(`${what}.value`);
  explicit.finish(`${what}.value`);
  return { kind: 'otherName', element, typeId, value };
}

function readDirectoryName(element: Element, what: string): GeneralName {
  const inner = element.reader();
  const name = new Name(inner.expect(TAG.SEQUENCE, what));
  inner.finish(what);
  return { kind: 'directoryName', element, name };
}

// RFC 5280 §4.2.1.6: "exactly four octets" or "exactly sixteen octets"; §4.2.1.10: eight or thirty-two in a constraint.
function readAddress(element: Element, what: string, subtree: boolean): GeneralName {
  const length = element.contentLength;
  if (subtree ? length !== 8 && length !== 32 : length !== 4 && length !== 16) {
    throw new DerError('bad-value', element.offset, `${what} has an IP address of ${length} bytes`);
  }
  return { kind: 'iPAddress', element, octets: element.content() };
}

function latin1(element: Element): string {
  const { bytes, contentOffset, end } = element;
  let text = '';
  for (let i = contentOffset; i < end; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}
