import type { Certificate } from '../x509/certificate.ts';
import type { DistributionPoint } from '../x509/distribution-point.ts';
import { cRLDistributionPoints } from '../x509/extensions/crl-distribution-points.ts';
import { freshestCRL } from '../x509/extensions/freshest-crl.ts';
import type { Name } from '../x509/name.ts';
import type { OpenCrl } from './open-crl.ts';

/** One distribution point: any of its URLs serves the same CRL. */
export interface CrlLocation {
  /** http:// first, in the order of the certificate; as they stand there. */
  readonly urls: readonly string[];
  /** Whose name its CRL may bear. */
  readonly issuers: readonly Name[];
}

/** A hostile certificate must not make us ask the whole network. */
export const URLS_PER_CERTIFICATE = 4;
export const URLS_PER_BUNDLE = 16;

/**
 * Where a certificate says that its CRLs lie; points without URL left out.
 * @throws {DerError} where the extension is malformed
 */
export const crlLocations = (certificate: Certificate): CrlLocation[] =>
  locationsIn(certificate.get(cRLDistributionPoints)?.points ?? [], certificate.issuer);

/**
 * Where the delta of a complete CRL lies, as the certificate says, or else the CRL itself (RFC 5280 §4.2.1.15, §5.2.6).
 * @throws {DerError} where the extension is malformed
 */
export function deltaLocations(certificate: Certificate, crl: OpenCrl): CrlLocation[] {
  const named = certificate.get(freshestCRL) ?? crl.list.get(freshestCRL);
  return locationsIn(named?.points ?? [], crl.issuer).filter(({ urls }) => urls.some(isHttp));
}

function locationsIn(points: readonly DistributionPoint[], issuer: Name): CrlLocation[] {
  const locations: CrlLocation[] = [];
  for (const { distributionPoint, cRLIssuer } of points) {
    const urls = (distributionPoint?.fullName?.names ?? []).flatMap((name) =>
      name.kind === 'uniformResourceIdentifier' ? [name.value] : [],
    );
    if (urls.length === 0) continue;
    const named = (cRLIssuer?.names ?? []).flatMap((name) => (name.kind === 'directoryName' ? [name.name] : []));
    const [http, others] = [urls.filter(isHttp), urls.filter((url) => !isHttp(url))];
    locations.push({ urls: [...http, ...others], issuers: named.length > 0 ? named : [issuer] });
  }
  return locations;
}

const isHttp = (url: string): boolean => /^http:/i.test(url);
