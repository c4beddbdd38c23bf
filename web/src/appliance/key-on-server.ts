import { Certificate } from '../../../src/core/x509/certificate.ts';

/** SHA-256 of a DER certificate's SubjectPublicKeyInfo, lower-case hex; undefined where it cannot be read. */
export async function spkiFingerprint(certificate: Uint8Array): Promise<string | undefined> {
  try {
    const spki = Certificate.parse(certificate).subjectPublicKeyInfo.element.der();
    const hash = await crypto.subtle.digest('SHA-256', new Uint8Array(spki));
    return Array.from(new Uint8Array(hash), (octet) => octet.toString(16).padStart(2, '0')).join('');
  } catch {
    return undefined;
  }
}
