import type { Element } from '../der/element.ts';
import { readBitStringOctets } from '../der/values.ts';
import type { AlgorithmIdentifier } from './algorithm.ts';

/** Certificates, CRLs and certification requests end alike: what was signed, how, and the signature. */
export interface Signed {
  /** The part that is signed; its `der()` are the bytes to verify. */
  readonly tbs: Element;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  /** BIT STRING. */
  readonly signatureValue: Element;
}

/** The octets of the signature, a view. Throws DerError where they are no whole octets. */
export const signatureOctets = ({ signatureValue }: Signed): Uint8Array =>
  readBitStringOctets(signatureValue, 'signatureValue');
