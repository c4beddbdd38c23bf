import type { Element } from '../der/element.ts';
import { readNamedBits } from '../der/values.ts';
import { type Deviation, NO_DEVIATIONS } from './extension.ts';

/** A NamedBitList: `bits` has bit n set where the list's bit n is, `names` are those that the standard names. */
export interface NamedBits<N extends string> {
  readonly element: Element;
  readonly bits: number;
  readonly names: ReadonlySet<N>;
  readonly deviations: readonly Deviation[];
}

/**
 * Makes the reader of one NamedBitList. Equal lists share one set of names, since certificates use a handful.
 * @param list the names by bit number
 */
export function namedBitsReader<N extends string>(
  list: readonly N[],
  what: string,
): (element: Element) => NamedBits<N> {
  const all = 2 ** list.length - 1;
  const sets = new Map<number, ReadonlySet<N>>();
  return (element) => {
    const { bits, minimal } = readNamedBits(element, what);
    let names = sets.get(bits & all);
    if (names === undefined) {
      names = new Set(list.filter((_, bit) => (bits >>> bit) & 1));
      sets.set(bits & all, names);
    }
    const plain = minimal && names.size > 0 && (bits & ~all) === 0;
    return {
      element,
      bits,
      names,
      deviations: plain
        ? NO_DEVIATIONS
        : [...deviationsOf(element, what, bits & all, minimal), ...beyond(element, what, bits & ~all)],
    };
  };
}

// OpenSSL reads each of these in a CRL and all but the empty list in a certificate; refusing to read would hide what
// else it says.
function* deviationsOf(element: Element, what: string, named: number, minimal: boolean): Generator<Deviation> {
  const { offset } = element;
  // X.690 §11.2.2: trailing zero bits are removed. The Trustwave Global ECC roots, in every browser's store, have them.
  if (!minimal) yield { code: 'not-minimal', offset, message: `${what} has trailing zero bits` };
  // RFC 5280 §4.2.1.3: "at least one of the bits MUST be set to 1".
  if (named === 0) yield { code: 'empty-list', offset, message: `${what} sets no bit that means anything` };
}

function* beyond({ offset }: Element, what: string, unnamed: number): Generator<Deviation> {
  const message = `${what} sets a bit that the standard does not define`;
  if (unnamed !== 0) yield { code: 'undefined-value', offset, message };
}
