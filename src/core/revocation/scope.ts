import { toHex } from '../der/values.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { DistributionPoint, DistributionPointName } from '../x509/distribution-point.ts';
import { basicConstraints } from '../x509/extensions/basic-constraints.ts';
import { cRLDistributionPoints } from '../x509/extensions/crl-distribution-points.ts';
import { issuingDistributionPoint } from '../x509/extensions/issuing-distribution-point.ts';
import type { GeneralName, GeneralNames } from '../x509/general-name.ts';
import { canonicalRdn, type Name } from '../x509/name.ts';
import type { OpenCrl } from './open-crl.ts';

// ReasonFlags has bits 1 to 8; bit 0 is unused.
/** Every reason that CRLs can be divided by. */
export const ALL_REASONS = 0b1_1111_1110;

/** A distribution point as RFC 5280 §6.3.3 works with it: one of the certificate's, or the one it tells us to assume. */
export interface Point {
  /** Comparable names of the point; undefined where the field is omitted. */
  readonly names: ReadonlySet<string> | undefined;
  /** Who signs the CRL, where that is not the certificate's issuer. */
  readonly crlIssuers: readonly Name[] | undefined;
  /** Bits of ReasonFlags. */
  readonly reasons: number;
}

/**
 * The certificate's distribution points, then the one that stands for CRLs that no distribution point names
 * (RFC 5280 §6.3.3, last paragraph). Throws DerError where the extension is malformed.
 */
export function pointsOf(certificate: Certificate): Point[] {
  const own = certificate.get(cRLDistributionPoints)?.points ?? [];
  return [...own.map((point) => pointOf(point, certificate.issuer)), assumedPoint(certificate)];
}

// "For the processing of such a CRL, assume a DP with both the reasons and the cRLIssuer fields omitted and a
// distribution point name of the certificate issuer."
export function assumedPoint(certificate: Certificate): Point {
  return { names: new Set([directoryKey(certificate.issuer.canonical)]), crlIssuers: undefined, reasons: ALL_REASONS };
}

function pointOf(point: DistributionPoint, certificateIssuer: Name): Point {
  const crlIssuers = point.cRLIssuer && directoryNamesOf(point.cRLIssuer);
  return {
    names: point.distributionPoint && comparableNames(point.distributionPoint, crlIssuers?.[0] ?? certificateIssuer),
    crlIssuers,
    reasons: point.reasons === undefined ? ALL_REASONS : point.reasons.bits & ALL_REASONS,
  };
}

const directoryNamesOf = (list: GeneralNames): Name[] =>
  list.names.flatMap((name) => (name.kind === 'directoryName' ? [name.name] : []));

/** Two names of distribution points are the same exactly when these are. */
function comparableNames(point: DistributionPointName, crlIssuer: Name): ReadonlySet<string> {
  if (point.fullName !== undefined) return new Set(point.fullName.names.map(comparableName));
  // RFC 5280 §4.2.1.13: the value "is appended to the X.500 distinguished name of the CRL issuer".
  const last = canonicalRdn(point.nameRelativeToCRLIssuer ?? []);
  return new Set([directoryKey(crlIssuer.isEmpty ? last : `${crlIssuer.canonical},${last}`)]);
}

const directoryKey = (canonical: string): string => `directoryName ${canonical}`;

function comparableName(name: GeneralName): string {
  if (name.kind === 'directoryName') return directoryKey(name.name.canonical);
  if (name.kind === 'uniformResourceIdentifier') return `uri ${comparableUri(name.value)}`;
  if (name.kind === 'dNSName') return `dns ${name.value.toLowerCase()}`;
  return toHex(name.element.der());
}

// RFC 5280 §7.4: scheme and host are compared without regard to case, the rest exactly.
function comparableUri(uri: string): string {
  const authority = /^[^:/?#]+:\/\/[^/?#]*/.exec(uri)?.[0] ?? '';
  return authority.toLowerCase() + uri.slice(authority.length);
}

/** Whether a CRL with this issuer may answer for this point at all (RFC 5280 §6.3.3 (b) (1)). */
export function issuerFits(crl: OpenCrl, point: Point, certificate: Certificate): boolean {
  if (point.crlIssuers === undefined) return crl.issuer.equals(certificate.issuer);
  return point.crlIssuers.some((name) => name.equals(crl.issuer));
}

/**
 * Why the CRL does not cover the certificate through this point, in words that end a sentence beginning with the CRL;
 * undefined where it does (RFC 5280 §6.3.3 (b)). Its issuer has been compared already.
 */
export function scopeMismatch(crl: OpenCrl, point: Point, certificate: Certificate): string | undefined {
  const scope = crl.list.extensions.get(issuingDistributionPoint);
  // "If the DP includes cRLIssuer, then verify that … the complete CRL contains an issuing distribution point
  // extension with the indirectCRL boolean asserted."
  if (point.crlIssuers !== undefined && scope?.indirectCRL !== true) {
    return 'does not say that it lists certificates of other issuers (indirectCRL)';
  }
  if (scope === undefined) return undefined;
  if (scope.distributionPoint !== undefined) {
    const own = comparableNames(scope.distributionPoint, crl.issuer);
    const wanted = point.names ?? new Set(point.crlIssuers?.map((name) => directoryKey(name.canonical)));
    if (![...own].some((name) => wanted.has(name))) {
      return `is for the distribution point ${pointText(scope.distributionPoint)} only, which the certificate does not name`;
    }
  }
  const isCa = certificate.get(basicConstraints)?.cA === true;
  if (scope.onlyContainsUserCerts && isCa) return 'lists no CA certificates (onlyContainsUserCerts), and this is one';
  if (scope.onlyContainsCACerts && !isCa) return 'lists only CA certificates (onlyContainsCACerts), and this is none';
  if (scope.onlyContainsAttributeCerts) return 'lists only attribute certificates (onlyContainsAttributeCerts)';
  return undefined;
}

function pointText(point: DistributionPointName): string {
  const first = point.fullName?.names[0];
  if (first?.kind === 'uniformResourceIdentifier') return first.value;
  if (first?.kind === 'directoryName') return `"${first.name}"`;
  return point.nameRelativeToCRLIssuer?.map((a) => `${a.shortName}=${a.text}`).join('+') ?? 'it names';
}

/** The reasons that CRL and point have in common (RFC 5280 §6.3.3 (d)), as bits of ReasonFlags. */
export function interimReasons(crl: OpenCrl, point: Point): number {
  const some = crl.list.extensions.get(issuingDistributionPoint)?.onlySomeReasons;
  return some === undefined ? point.reasons : some.bits & point.reasons;
}

/** Two CRLs of one issuer have the same scope exactly when these are equal. */
export function scopeKey(crl: OpenCrl): string {
  const extension = crl.list.extensions.find(issuingDistributionPoint.oid);
  return extension === undefined ? '' : toHex(extension.extnValue.content());
}
