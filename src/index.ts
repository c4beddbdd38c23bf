import type { Report } from './core/base/finding.ts';
import { createBundleChecker } from './core/check/check-bundle.ts';
import type { CheckOptions } from './core/check/options.ts';
import type { BundleFiles } from './core/files/open-bundle.ts';
import { nodeCrypto } from './platform/crypto/node-crypto.ts';

export type { Finding, Location, Report, Source, Status, Trust, Verdict } from './core/base/finding.ts';
export { type CheckOptions, CheckOptionsError } from './core/check/options.ts';
export { DerError, type DerErrorCode } from './core/der/errors.ts';
export type { BundleFiles } from './core/files/open-bundle.ts';
export { type Profile, ProfileError } from './core/requirements/profile.ts';
export { Certificate, parseCertificate } from './core/x509/certificate.ts';

/**
 * Judges a bundle as it would be uploaded: bytes in, report out. Offline; nothing is written, nothing is kept.
 * `at` defaults to now. Bad content is a verdict, never an exception.
 * @throws {CheckOptionsError | ProfileError} where an option makes no sense
 */
export async function check(bundle: BundleFiles, options: CheckOptions = {}): Promise<Report> {
  return createBundleChecker({ ...options, at: options.at ?? new Date() }, nodeCrypto)(bundle);
}
