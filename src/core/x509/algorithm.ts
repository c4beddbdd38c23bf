import type { Element, Reader } from '../der/element.ts';
import { readOid } from '../der/oid.ts';
import { TAG } from '../der/tags.ts';

/** AlgorithmIdentifier, RFC 5280 §4.1.1.2. */
export interface AlgorithmIdentifier {
  readonly element: Element;
  /** Dotted. */
  readonly oid: string;
  /** Absent, NULL, or whatever the algorithm defines; not interpreted here. */
  readonly parameters: Element | undefined;
}

// AlgorithmIdentifier  ::=  SEQUENCE  {
//      algorithm               OBJECT IDENTIFIER,
//      parameters              ANY DEFINED BY algorithm OPTIONAL  }
export function readAlgorithm(reader: Reader, what: string): AlgorithmIdentifier {
  const element = reader.expect(TAG.SEQUENCE, what);
  const inner = element.reader();
  const oid = readOid(inner.expect(TAG.OBJECT_IDENTIFIER, `${what}.algorithm`), `${what}.algorithm`);
  const parameters = inner.atEnd ? undefined : inner.read(`${what}.parameters`);
  inner.finish(what);
  return { element, oid, parameters };
}
