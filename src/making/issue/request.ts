import type { KeyObject } from 'node:crypto';
import { signRequest } from './certificate-fields.ts';
import { requestedExtensions } from '../encode/request-info.ts';
import { spkiOf } from './key.ts';
import { encodeName, subjectAttributes, type SubjectFields } from '../encode/name-fields.ts';
import { signingAlgorithm } from './sign.ts';

export interface ApplianceRequest {
  readonly subject: SubjectFields;
  /** DNS names and IP addresses beyond the common name, which is always among them: clients look nowhere else. */
  readonly alternativeNames?: readonly string[];
}

/** The common name first, then the others, each once. */
export function allNames({ subject, alternativeNames = [] }: ApplianceRequest): string[] {
  return [...new Set([subject.commonName, ...alternativeNames])];
}

/** A DER PKCS#10 request for an appliance's certificate. */
export const newRequest = (request: ApplianceRequest, privateKey: KeyObject): Uint8Array =>
  requestWith(encodeName(subjectAttributes(request.subject)), allNames(request), privateKey);

/** The same with the subject as a DER Name, as renewals take it from the certificate in use. */
export function requestWith(subject: Uint8Array, names: readonly string[], privateKey: KeyObject): Uint8Array {
  return signRequest(subject, spkiOf(privateKey), requestedExtensions(names), signingAlgorithm(privateKey));
}
