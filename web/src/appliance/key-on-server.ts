import { Certificate } from '../../../src/core/x509/certificate.ts';

/** SHA-256 of a DER certificate's SubjectPublicKeyInfo, lower-case hex; undefined where it cannot be read. */
export async function spkiFingerprint(certificate: Uint8Array): Promise<string | undefined> {
  try {
    return await sha256Hex(Certificate.parse(certificate).subjectPublicKeyInfo.element.der());
  } catch {
    return undefined;
  }
}

export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
  return Array.from(new Uint8Array(hash), (octet) => octet.toString(16).padStart(2, '0')).join('');
}
