import { DerError } from '../der/errors.ts';
import type { Certificate } from '../x509/certificate.ts';
import { basicConstraints } from '../x509/extensions/basic-constraints.ts';

/** The subject for a message about a file: a damaged name must not hide what is said about the file. */
export function subjectOf(certificate: Certificate): string {
  return whereReadable(() => certificate.subject.toString()) ?? 'subject not readable';
}

export const issuerOf = (certificate: Certificate): string | undefined =>
  whereReadable(() => certificate.issuer.toString());

/** CA:TRUE, or a self-issued certificate from before there were extensions; false where that is not readable. */
export function isCaCertificate(certificate: Certificate): boolean {
  const cA = whereReadable(() => {
    const constraints = certificate.get(basicConstraints);
    return constraints?.cA ?? (certificate.version === 1 && certificate.isSelfIssued);
  });
  return cA ?? false;
}

/** What is wrong with the names of a certificate, which are read only when somebody asks; nothing where they can be. */
export function nameDamage({ subject, issuer }: Certificate): DerError | undefined {
  try {
    subject.toString();
    issuer.toString();
    return undefined;
  } catch (error) {
    if (error instanceof DerError) return error;
    throw error;
  }
}

export const isSameCertificate = (a: Certificate, b: Certificate): boolean =>
  a.der.length === b.der.length && a.der.every((byte, i) => byte === b.der[i]);

function whereReadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
