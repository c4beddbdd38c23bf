import type { Element, Reader } from '../der/element.ts';
import { DerError } from '../der/errors.ts';
import { readOid } from '../der/oid.ts';
import { TAG } from '../der/tags.ts';
import { readBoolean } from '../der/values.ts';

/** How one kind of extension is read; one per file in `extensions/`. */
export interface ExtensionType<T> {
  /** Dotted. */
  readonly oid: string;
  /** As RFC 5280 spells it, e.g. `basicConstraints`. */
  readonly name: string;
  /** `reader` stands before the value inside extnValue; what follows the value is refused by the caller. */
  read(reader: Reader): T;
}

/** Something that DER forbids and nearly every reader takes; kept, so that a rule can say so. */
export interface Deviation {
  readonly code:
    | 'default-encoded'
    | 'not-minimal'
    | 'empty-list'
    | 'undefined-value'
    | 'outside-repertoire'
    | 'duplicate';
  /** Into the array that was read. */
  readonly offset: number;
  readonly message: string;
}

export const NO_DEVIATIONS: readonly Deviation[] = [];

/** What every value of a known extension has beside its fields. */
export interface ExtensionValue {
  /** The value inside extnValue. */
  readonly element: Element;
  /** What was read although the standard forbids it. */
  readonly deviations: readonly Deviation[];
}

/** One Extension, its value read on first use. */
export class Extension {
  readonly element: Element;
  /** Dotted. */
  readonly oid: string;
  readonly critical: boolean;
  /** The `critical` BOOLEAN where it was encoded although FALSE is the default. */
  readonly encodedDefault: Element | undefined;
  /** The OCTET STRING. */
  readonly extnValue: Element;
  #value: unknown;

  constructor(element: Element, oid: string, critical: Element | undefined, extnValue: Element) {
    this.element = element;
    this.oid = oid;
    this.critical = critical !== undefined && readBoolean(critical, 'Extension.critical');
    this.encodedDefault = critical !== undefined && !this.critical ? critical : undefined;
    this.extnValue = extnValue;
  }

  /** Throws DerError where the value is malformed. */
  valueAs<T>(type: ExtensionType<T>): T {
    if (this.#value === undefined) {
      const reader = this.extnValue.reader();
      const value = type.read(reader);
      reader.finish(type.name);
      this.#value = value;
    }
    return this.#value as T;
  }
}

/** Certificates, CRLs, CRL entries and CSRs all carry lists of these. */
export class Extensions {
  readonly list: readonly Extension[];

  constructor(list: readonly Extension[]) {
    this.list = list;
  }

  find(oid: string): Extension | undefined {
    for (const extension of this.list) if (extension.oid === oid) return extension;
    return undefined;
  }

  /** The value of the first extension of that type. Throws DerError where it is malformed. */
  get<T>(type: ExtensionType<T>): T | undefined {
    return this.find(type.oid)?.valueAs(type);
  }

  /** The identifiers that occur more than once (RFC 5280 §4.2 forbids it). */
  duplicates(): Extension[] {
    const seen = new Set<string>();
    return this.list.filter(({ oid }) => seen.has(oid) || !seen.add(oid));
  }
}

export const NO_EXTENSIONS = new Extensions([]);

// More than any real certificate by two orders of magnitude; a list of 100 000 is an attack on whoever walks it.
const MOST_EXTENSIONS = 1000;

// Extensions  ::=  SEQUENCE SIZE (1..MAX) OF Extension
export function readExtensions(sequence: Element): Extensions {
  if (sequence.contentLength === 0) throw new DerError('empty', sequence.offset, 'Extensions is an empty list');
  const list: Extension[] = [];
  const reader = sequence.reader();
  while (!reader.atEnd) {
    if (list.length === MOST_EXTENSIONS) {
      throw new DerError('too-many', reader.position, `there are more than ${MOST_EXTENSIONS} extensions`);
    }
    list.push(readExtension(reader));
  }
  return new Extensions(list);
}

// Extension  ::=  SEQUENCE  {
//      extnID      OBJECT IDENTIFIER,
//      critical    BOOLEAN DEFAULT FALSE,
//      extnValue   OCTET STRING  }
function readExtension(reader: Reader): Extension {
  const element = reader.expect(TAG.SEQUENCE, 'Extension');
  const inner = element.reader();
  const oid = readOid(inner.expect(TAG.OBJECT_IDENTIFIER, 'Extension.extnID'), 'Extension.extnID');
  const critical = inner.optional(TAG.BOOLEAN, 'Extension.critical');
  const extnValue = inner.expect(TAG.OCTET_STRING, 'Extension.extnValue');
  inner.finish('Extension');
  return new Extension(element, oid, critical, extnValue);
}
