import type { Report } from './core/base/finding.ts';
import { createBundleChecker } from './core/check/check-bundle.ts';
import { type CheckOptions, demandBytes } from './core/check/options.ts';
import type { BundleFiles } from './core/files/open-bundle.ts';
import {
  type ChainInput,
  type PathResult,
  PathValidator,
  validatePath as validatePathWith,
  type ValidatorOptions,
} from './core/path/validate.ts';
import type { Crypto } from './core/base/ports.ts';
import { nodeCrypto } from './platform/crypto/node-crypto.ts';
import { publicSuffixOf } from './platform/names/public-suffix.ts';

export type { Finding, Location, Report, Source, Status, Trust, Verdict } from './core/base/finding.ts';
export { type CheckOptions, CheckOptionsError } from './core/check/options.ts';
export { DerError, type DerErrorCode } from './core/der/errors.ts';
export type { BundleFiles } from './core/files/open-bundle.ts';
export { type Profile, ProfileError } from './core/requirements/profile.ts';
export { type OpenCrl, openCrl } from './core/revocation/open-crl.ts';
export { type CertificateList, parseCrl } from './core/x509/crl.ts';
export { Certificate, parseCertificate } from './core/x509/certificate.ts';
export type { ChainInput, PathResult, PathValidator, ValidatorOptions } from './core/path/validate.ts';

/**
 * Judges a bundle as it would be uploaded: bytes in, report out. Offline; nothing is written, nothing is kept.
 * `at` defaults to now. Bad content is a verdict, never an exception.
 * @throws {CheckOptionsError | ProfileError} where an option makes no sense, or a file is not given as bytes
 */
export async function check(bundle: BundleFiles, options: CheckOptions = {}): Promise<Report> {
  demandBytes(bundle);
  return createBundleChecker({ ...options, at: options.at ?? new Date() }, nodeCrypto)(bundle);
}

/**
 * Whether a chain leads from `leaf` to one of `trustAnchors` (RFC 5280 §6), all DER; synchronous and offline. Bytes that
 * are no certificate, hostile graphs and every failed check are findings, never exceptions.
 * @throws {TypeError} where an option makes no sense
 */
export function validatePath(input: ChainInput & ValidatorOptions): PathResult {
  return validatePathWith(input, { crypto: nodeCrypto, publicSuffixOf });
}

/**
 * The same for many chains against the same anchors, CRLs and profile: CA certificates, their signatures and those of
 * CRLs are remembered. Nothing is shared between two validators.
 */
export function createValidator({
  crypto = nodeCrypto,
  ...options
}: ValidatorOptions & { crypto?: Crypto }): PathValidator {
  return new PathValidator(options, { crypto, publicSuffixOf });
}
