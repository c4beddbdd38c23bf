import type { Element, Reader } from '../../der/element.ts';
import { DerError } from '../../der/errors.ts';
import { TAG, contextConstructed, contextPrimitive } from '../../der/tags.ts';
import { readNonNegativeInteger } from '../../der/values.ts';
import { type Deviation, type ExtensionType, type ExtensionValue, NO_DEVIATIONS } from '../extension.ts';
import { type GeneralName, readGeneralName } from '../general-name.ts';

export interface GeneralSubtree {
  readonly element: Element;
  /** An iPAddress has 8 or 32 octets: address, then mask. */
  readonly base: GeneralName;
  /** RFC 5280 §4.2.1.10: must be 0, and `maximum` absent; left to whoever applies the constraint. */
  readonly minimum: number;
  readonly maximum: number | undefined;
}

export interface NameConstraints extends ExtensionValue {
  readonly permittedSubtrees: readonly GeneralSubtree[] | undefined;
  readonly excludedSubtrees: readonly GeneralSubtree[] | undefined;
}

const MOST_SUBTREES = 10_000;

// RFC 5280 §4.2.1.10
// NameConstraints ::= SEQUENCE {
//      permittedSubtrees       [0]     GeneralSubtrees OPTIONAL,
//      excludedSubtrees        [1]     GeneralSubtrees OPTIONAL }
export const nameConstraints: ExtensionType<NameConstraints> = {
  oid: '2.5.29.30',
  name: 'nameConstraints',
  read(reader: Reader): NameConstraints {
    const element = reader.expect(TAG.SEQUENCE, 'nameConstraints');
    const inner = element.reader();
    const permitted = inner.optional(contextConstructed(0), 'nameConstraints.permittedSubtrees');
    const excluded = inner.optional(contextConstructed(1), 'nameConstraints.excludedSubtrees');
    inner.finish('nameConstraints');
    const deviations: Deviation[] = [];
    // "Conforming CAs MUST NOT issue certificates where name constraints is an empty sequence." OpenSSL reads them;
    // they constrain nothing.
    if (permitted === undefined && excluded === undefined) {
      deviations.push({
        code: 'empty-list',
        offset: element.offset,
        message: 'nameConstraints has neither permitted nor excluded names',
      });
    }
    const permittedSubtrees = permitted && readSubtrees(permitted, 'nameConstraints.permittedSubtrees', deviations);
    const excludedSubtrees = excluded && readSubtrees(excluded, 'nameConstraints.excludedSubtrees', deviations);
    return {
      element,
      permittedSubtrees,
      excludedSubtrees,
      deviations: deviations.length > 0 ? deviations : NO_DEVIATIONS,
    };
  },
};

// GeneralSubtrees ::= SEQUENCE SIZE (1..MAX) OF GeneralSubtree
function readSubtrees(sequence: Element, what: string, deviations: Deviation[]): GeneralSubtree[] {
  // An empty list of permitted names permits everything to most readers; kept, so that a rule can refuse it.
  if (sequence.contentLength === 0) {
    deviations.push({ code: 'empty-list', offset: sequence.offset, message: `${what} is an empty list` });
  }
  const subtrees: GeneralSubtree[] = [];
  const list = sequence.reader();
  while (!list.atEnd) {
    if (subtrees.length === MOST_SUBTREES) throw new DerError('too-many', list.position, `${what} has too many names`);
    subtrees.push(readSubtree(list, what, deviations));
  }
  return subtrees;
}

// GeneralSubtree ::= SEQUENCE {
//      base                    GeneralName,
//      minimum         [0]     BaseDistance DEFAULT 0,
//      maximum         [1]     BaseDistance OPTIONAL }
// BaseDistance ::= INTEGER (0..MAX)
function readSubtree(list: Reader, what: string, deviations: Deviation[]): GeneralSubtree {
  const element = list.expect(TAG.SEQUENCE, what);
  const inner = element.reader();
  const base = readGeneralName(inner, `${what}.base`, true);
  const minimumElement = inner.optional(contextPrimitive(0), `${what}.minimum`);
  const maximum = inner.optional(contextPrimitive(1), `${what}.maximum`);
  inner.finish(what);
  const minimum = minimumElement === undefined ? 0 : readNonNegativeInteger(minimumElement, `${what}.minimum`);
  // X.690 §11.5 forbids to encode a default; OpenSSL reads it.
  if (minimumElement !== undefined && minimum === 0) {
    deviations.push({
      code: 'default-encoded',
      offset: minimumElement.offset,
      message: `${what} spells out minimum 0, the default`,
    });
  }
  return { element, base, minimum, maximum: maximum && readNonNegativeInteger(maximum, `${what}.maximum`) };
}
