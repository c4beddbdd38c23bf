import type { Element } from '../der/element.ts';
import { TAG } from '../der/tags.ts';

/** The smallest of the bounds that a value can be too long for (RFC 5280 appendix A.1). */
const SHORT = 64;

/**
 * Whether a name is one of the many with nothing to say about them: well-formed, no value longer than any bound, no
 * octets that might be no text. Told from the octets alone, since a bulk run has two names to look at in each
 * certificate; false says nothing but that it has to be read.
 */
export function isPlainName({ bytes, contentOffset, end }: Element): boolean {
  let at = contentOffset;
  while (at < end) {
    const setEnd = shortEnd(bytes, at, TAG.SET, end);
    if (setEnd <= at + 2) return false;
    for (at += 2; at < setEnd;) {
      const sequenceEnd = shortEnd(bytes, at, TAG.SEQUENCE, setEnd);
      if (sequenceEnd === 0 || !isPlainAttribute(bytes, at + 2, sequenceEnd)) return false;
      at = sequenceEnd;
    }
  }
  return true;
}

/** One past the element at `at`, if it has that tag, a length of one octet, and ends by `end`; else 0. */
function shortEnd(bytes: Uint8Array, at: number, tag: number, end: number): number {
  const length = bytes[at + 1]!;
  if (at + 2 > end || bytes[at] !== tag || length >= 0x80) return 0;
  return at + 2 + length <= end ? at + 2 + length : 0;
}

// AttributeTypeAndValue ::= SEQUENCE {
//      type     AttributeType,
//      value    AttributeValue }
function isPlainAttribute(bytes: Uint8Array, start: number, end: number): boolean {
  const valueStart = shortEnd(bytes, start, TAG.OBJECT_IDENTIFIER, end);
  if (valueStart <= start + 2 || valueStart + 2 > end) return false;
  for (let i = start + 2, first = true; i < valueStart; i++) {
    // X.690 §8.19.2: no arc begins with a zero septet, and the last one ends.
    if (first && bytes[i] === 0x80) return false;
    first = bytes[i]! < 0x80;
    if (i + 1 === valueStart && !first) return false;
  }
  switch (bytes[valueStart]) {
    case TAG.UTF8_STRING:
      for (let i = valueStart + 2; i < end; i++) if (bytes[i]! >= 0x80) return false;
      break;
    case TAG.PRINTABLE_STRING:
    case TAG.IA5_STRING:
    case TAG.TELETEX_STRING:
      break;
    default:
      return false;
  }
  const length = bytes[valueStart + 1]!;
  return length <= SHORT && valueStart + 2 + length === end;
}
