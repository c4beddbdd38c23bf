import type { Element, Reader } from '../der/element.ts';
import { readTime } from '../der/time.ts';

/** A Time with its bytes. */
export interface Time {
  readonly element: Element;
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly seconds: number;
}

// Time ::= CHOICE {
//      utcTime        UTCTime,
//      generalTime    GeneralizedTime }
export function readTimeOf(reader: Reader, what: string): Time {
  const element = reader.read(what);
  return { element, seconds: readTime(element, what) };
}
