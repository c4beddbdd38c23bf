import type { Certificate } from '../x509/certificate.ts';
import { cRLDistributionPoints } from '../x509/extensions/crl-distribution-points.ts';
import type { Name } from '../x509/name.ts';

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
export function crlLocations(certificate: Certificate): CrlLocation[] {
  const locations: CrlLocation[] = [];
  for (const { distributionPoint, cRLIssuer } of certificate.get(cRLDistributionPoints)?.points ?? []) {
    const urls = (distributionPoint?.fullName?.names ?? []).flatMap((name) =>
      name.kind === 'uniformResourceIdentifier' ? [name.value] : [],
    );
    if (urls.length === 0) continue;
    const named = (cRLIssuer?.names ?? []).flatMap((name) => (name.kind === 'directoryName' ? [name.name] : []));
    const [http, others] = [urls.filter(isHttp), urls.filter((url) => !isHttp(url))];
    locations.push({ urls: [...http, ...others], issuers: named.length > 0 ? named : [certificate.issuer] });
  }
  return locations;
}

const isHttp = (url: string): boolean => /^http:/i.test(url);
