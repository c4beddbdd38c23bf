import type { Report } from '../base/finding.ts';
import type { Crypto } from '../base/ports.ts';
import { DerError } from '../der/errors.ts';
import { run } from '../requirements/run.ts';
import { Certificate } from '../x509/certificate.ts';
import { type CheckOptions, prepare } from './options.ts';
import { makeReport } from './report.ts';

/**
 * Judges one certificate in DER by itself: the rules that need neither key nor chain. Undefined where the bytes are no
 * readable certificate: what they are instead, the check of a whole bundle says.
 */
export type CertificateChecker = (der: Uint8Array, name: string) => Report | undefined;

/**
 * Prepares the options once for any number of certificates.
 * @throws {CheckOptionsError | ProfileError}
 */
export function createCertificateChecker(
  options: CheckOptions & { readonly at: Date | string },
  crypto: Crypto,
): CertificateChecker {
  const prepared = prepare(options, crypto);
  const { profile, findings } = prepared;
  const circumstances = { ...prepared.circumstances, brief: true };
  return (der, name) => {
    const certificate = parse(der);
    if (certificate === undefined) return undefined;
    const judged = { certificate, error: undefined, block: undefined, bundle: undefined, circumstances };
    return makeReport(name, prepared, 'none', run(profile, judged, findings));
  };
}

function parse(der: Uint8Array): Certificate | undefined {
  try {
    return Certificate.parse(der);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
