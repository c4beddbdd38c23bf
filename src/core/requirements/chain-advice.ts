import { ACCESS_METHOD } from '../x509/access-description.ts';
import type { Certificate } from '../x509/certificate.ts';
import { basicConstraints } from '../x509/extensions/basic-constraints.ts';
import { authorityInfoAccess } from '../x509/extensions/authority-info-access.ts';
import type { Ascent } from './chain-order.ts';

/** `sensor.contoso.com ← Issuing CA ← Root CA`. */
export const describeAscent = (leaf: Certificate, { path }: Ascent): string =>
  [leaf, ...path].map(({ subject }) => subject.toString()).join(' ← ');

/** Where the issuer of `child` can be had: from the address in it, or from the CA. */
export function missingIssuerFix(child: Certificate): string {
  const url = caIssuers(child);
  const issuer = child.issuer.toString();
  const append = 'openssl x509 -in issuer.crt >> chain.pem';
  if (url === undefined) return `Ask your CA for the certificate of "${issuer}" and append it to the chain: ${append}`;
  return `Fetch the certificate of "${issuer}" and append it to the chain: curl -o issuer.crt '${url}' && ${append}`;
}

/** CA:TRUE, or a self-issued certificate from before there were extensions. */
export const isCa = (certificate: Certificate): boolean =>
  certificate.get(basicConstraints)?.cA ?? (certificate.version === 1 && certificate.isSelfIssued);

function caIssuers(certificate: Certificate): string | undefined {
  const access = certificate.get(authorityInfoAccess);
  for (const { accessMethod, accessLocation } of access?.descriptions ?? []) {
    if (accessMethod !== ACCESS_METHOD.caIssuers || accessLocation.kind !== 'uniformResourceIdentifier') continue;
    // Only what is safe inside quotes of a command line.
    if (/^http:\/\/[\x21-\x26\x28-\x7e]+$/i.test(accessLocation.value)) return accessLocation.value;
  }
  return undefined;
}
