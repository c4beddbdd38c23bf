import { explicit, integer, oid, sequence, setOf } from './der.ts';
import {
  EXTENDED_KEY_USAGE,
  extKeyUsageExtension,
  type KeyUsageName,
  keyUsageExtension,
  subjectAltNameExtension,
} from './extension-fields.ts';

/** As in the vendor's sample certificate. */
export const APPLIANCE_KEY_USAGE: readonly KeyUsageName[] = ['digitalSignature', 'keyEncipherment', 'keyAgreement'];
export const APPLIANCE_EXTENDED_KEY_USAGE: readonly string[] = [
  EXTENDED_KEY_USAGE.clientAuth,
  EXTENDED_KEY_USAGE.serverAuth,
];

/** The extensions that an appliance's certificate asks its CA for. */
export const requestedExtensions = (names: readonly string[]): Uint8Array[] => [
  subjectAltNameExtension(names),
  keyUsageExtension(APPLIANCE_KEY_USAGE),
  extKeyUsageExtension(APPLIANCE_EXTENDED_KEY_USAGE),
];

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

/** CertificationRequestInfo (RFC 2986 §4.1), DER: what is signed of a request, with the extensions it asks for. */
export function requestInfo(
  subject: Uint8Array,
  subjectPublicKeyInfo: Uint8Array,
  extensions: readonly Uint8Array[],
): Uint8Array {
  const attributes = extensions.length === 0 ? [] : [sequence(oid(EXTENSION_REQUEST), setOf(sequence(...extensions)))];
  return sequence(integer(0), subject, subjectPublicKeyInfo, explicit(0, ...attributes));
}
