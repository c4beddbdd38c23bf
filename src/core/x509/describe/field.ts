import type { Element } from '../../der/element.ts';
import { DerError } from '../../der/errors.ts';
import { toHex } from '../../der/values.ts';
import type { Deviation } from '../extension.ts';

/** One field of a certificate, request or CRL in readable words, for a screen of any kind. Plain data: JSON as it is. */
export interface Field {
  /** `Subject`, `Key usage`, `Valid until` … */
  readonly label: string;
  /** Absent where the children say it all. */
  readonly value?: string;
  /** In the terms of the standard: `tbsCertificate.extensions.keyUsage`. */
  readonly path: string;
  /** Bytes in the DER that was read. */
  readonly offset: number;
  readonly length: number;
  /** Why it could not be read; `value` is then absent. */
  readonly problem?: string;
  /** What the standard forbids here and was read all the same. */
  readonly deviations?: readonly string[];
  /** An extension only: whoever does not understand it must refuse the whole. */
  readonly critical?: boolean;
  readonly children: readonly Field[];
}

/** A whole object in the order of its encoding. */
export interface Description {
  readonly kind: 'certificate' | 'csr' | 'crl';
  /** `Certificate for sensor.contoso.com`: one line for a heading. */
  readonly title: string;
  readonly fields: readonly Field[];
}

/** What a field says beyond its place. */
export type Content = Pick<Field, 'deviations' | 'critical' | 'problem'> & {
  readonly value?: string | undefined;
  readonly children?: readonly Field[];
};

export function field(label: string, path: string, element: Element, content: string | Content): Field {
  const { value, children = [], ...rest } = typeof content === 'string' ? { value: content } : content;
  const { offset, length } = element;
  return { label, ...(value === undefined ? {} : { value }), path, offset, length, ...rest, children };
}

/** A field whose reading may fail: the failure is then what the field says, and the others go on. */
export function attempt(label: string, path: string, element: Element, make: () => Field): Field {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return field(label, path, element, { problem: error.message });
  }
}

export const messages = (deviations: readonly Deviation[]): Pick<Content, 'deviations'> =>
  deviations.length === 0 ? {} : { deviations: deviations.map(({ message }) => message) };

/** `01:AB:…`, cut after `limit` bytes. */
export function hex(bytes: Uint8Array, limit = 64): string {
  const text = toHex(bytes.subarray(0, limit), ':').toUpperCase();
  return bytes.length > limit ? `${text}… (${bytes.length} bytes)` : text;
}
