import type { Element } from './element.ts';
import { DerError } from './errors.ts';
import { TAG } from './tags.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function isStringTag(tag: number): boolean {
  switch (tag) {
    case TAG.UTF8_STRING:
    case TAG.PRINTABLE_STRING:
    case TAG.IA5_STRING:
    case TAG.TELETEX_STRING:
    case TAG.BMP_STRING:
    case TAG.UNIVERSAL_STRING:
    case TAG.NUMERIC_STRING:
    case TAG.VISIBLE_STRING:
      return true;
    default:
      return false;
  }
}

/**
 * The text of any ASN.1 character string. Throws `bad-string` where the octets are no text of that type
 * (broken UTF-8, half code units); a character outside a type's repertoire is read all the same and left to
 * `outsideRepertoire`, since the appliance's own reader takes it.
 */
export function readString(element: Element, what: string): string {
  switch (element.tag) {
    case TAG.UTF8_STRING:
      return isAscii(element) ? latin1(element) : decodeUtf8(element, what);
    case TAG.BMP_STRING:
      return decodeBmp(element, what);
    case TAG.UNIVERSAL_STRING:
      return decodeUniversal(element, what);
    case TAG.PRINTABLE_STRING:
    case TAG.IA5_STRING:
    // Our reading: T.61 in the wild is ISO 8859-1; OpenSSL and Go read it so.
    case TAG.TELETEX_STRING:
    case TAG.NUMERIC_STRING:
    case TAG.VISIBLE_STRING:
      return latin1(element);
    default:
      throw new DerError('unexpected-tag', element.offset, `${what} is not a character string`);
  }
}

function isAscii(element: Element): boolean {
  for (let i = element.contentOffset; i < element.end; i++) if (element.bytes[i]! >= 0x80) return false;
  return true;
}

function latin1(element: Element): string {
  const { bytes, contentOffset, end } = element;
  if (end - contentOffset > 128) return latin1Long(element);
  let text = '';
  let i = contentOffset;
  // Eight at a time: adding one character to a text costs as much as adding many.
  for (; i + 8 <= end; i += 8) {
    const [a, b, c, d] = [bytes[i]!, bytes[i + 1]!, bytes[i + 2]!, bytes[i + 3]!];
    text += String.fromCharCode(a, b, c, d, bytes[i + 4]!, bytes[i + 5]!, bytes[i + 6]!, bytes[i + 7]!);
  }
  for (; i < end; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

function latin1Long(element: Element): string {
  const parts: string[] = [];
  for (let i = element.contentOffset; i < element.end; i += 4096) {
    parts.push(String.fromCharCode(...element.bytes.subarray(i, Math.min(i + 4096, element.end))));
  }
  return parts.join('');
}

function decodeUtf8(element: Element, what: string): string {
  try {
    return utf8.decode(element.content());
  } catch {
    throw new DerError('bad-string', element.contentOffset, `${what} is not valid UTF-8`);
  }
}

function decodeBmp(element: Element, what: string): string {
  const content = element.content();
  if (content.length % 2 !== 0) {
    throw new DerError('bad-string', element.contentOffset, `${what} is a BMPString of an odd number of bytes`);
  }
  const parts: string[] = [];
  for (let i = 0; i < content.length; i += 2) parts.push(String.fromCharCode(content[i]! * 256 + content[i + 1]!));
  return parts.join('');
}

function decodeUniversal(element: Element, what: string): string {
  const content = element.content();
  const parts: string[] = [];
  for (let i = 0; i < content.length; i += 4) {
    const point =
      ((content[i]! << 24) | (content[i + 1]! << 16) | (content[i + 2]! << 8) | (content[i + 3] ?? 0)) >>> 0;
    if (content.length % 4 !== 0 || point > 0x10ffff) {
      throw new DerError('bad-string', element.contentOffset, `${what} is not a valid UniversalString`);
    }
    parts.push(String.fromCodePoint(point));
  }
  return parts.join('');
}

const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;
const NUMERIC = /^[0-9 ]*$/;

/** The first character that the string's type does not have (X.680 §41), or undefined. */
export function outsideRepertoire(tag: number, text: string): string | undefined {
  if (tag === TAG.PRINTABLE_STRING && !PRINTABLE.test(text)) return [...text].find((c) => !PRINTABLE.test(c));
  if (tag === TAG.NUMERIC_STRING && !NUMERIC.test(text)) return [...text].find((c) => !NUMERIC.test(c));
  if (tag === TAG.IA5_STRING || tag === TAG.VISIBLE_STRING) return [...text].find((c) => c.codePointAt(0)! > 0x7f);
  return undefined;
}
