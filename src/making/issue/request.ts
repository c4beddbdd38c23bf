import type { KeyObject } from 'node:crypto';
import { signRequest } from './certificate-fields.ts';
import {
  EXTENDED_KEY_USAGE,
  extKeyUsageExtension,
  type KeyUsageName,
  keyUsageExtension,
  subjectAltNameExtension,
} from './extension-fields.ts';
import { spkiOf } from './key.ts';
import { encodeName, subjectAttributes, type SubjectFields } from './name-fields.ts';
import { signingAlgorithm } from './sign.ts';

/** As in the vendor's sample certificate. */
export const APPLIANCE_KEY_USAGE: readonly KeyUsageName[] = ['digitalSignature', 'keyEncipherment', 'keyAgreement'];
export const APPLIANCE_EXTENDED_KEY_USAGE: readonly string[] = [
  EXTENDED_KEY_USAGE.clientAuth,
  EXTENDED_KEY_USAGE.serverAuth,
];

export interface ApplianceRequest {
  readonly subject: SubjectFields;
  /** DNS names and IP addresses beyond the common name, which is always among them: clients look nowhere else. */
  readonly alternativeNames?: readonly string[];
}

/** The common name first, then the others, each once. */
export function allNames({ subject, alternativeNames = [] }: ApplianceRequest): string[] {
  return [...new Set([subject.commonName, ...alternativeNames])];
}

/** The extensions that an appliance's certificate asks its CA for. */
export const requestedExtensions = (names: readonly string[]): Uint8Array[] => [
  subjectAltNameExtension(names),
  keyUsageExtension(APPLIANCE_KEY_USAGE),
  extKeyUsageExtension(APPLIANCE_EXTENDED_KEY_USAGE),
];

/** A DER PKCS#10 request for an appliance's certificate. */
export const newRequest = (request: ApplianceRequest, privateKey: KeyObject): Uint8Array =>
  requestWith(encodeName(subjectAttributes(request.subject)), allNames(request), privateKey);

/** The same with the subject as a DER Name, as renewals take it from the certificate in use. */
export function requestWith(subject: Uint8Array, names: readonly string[], privateKey: KeyObject): Uint8Array {
  return signRequest(subject, spkiOf(privateKey), requestedExtensions(names), signingAlgorithm(privateKey));
}
