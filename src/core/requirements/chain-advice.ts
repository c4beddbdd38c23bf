import { ACCESS_METHOD } from '../x509/access-description.ts';
import type { Certificate } from '../x509/certificate.ts';
import { authorityInfoAccess } from '../x509/extensions/authority-info-access.ts';
import { ATTRIBUTE, type Name } from '../x509/name.ts';
import type { Ascent } from './chain-order.ts';

/** How a sentence calls the bearer of a name: its CN, else its OU or O, else all of it. */
export function called(name: Name): string {
  for (const type of [ATTRIBUTE.CN, ATTRIBUTE.OU, ATTRIBUTE.O]) {
    const text = name.all(type)[0]?.text.trim();
    // eslint-disable-next-line no-control-regex -- what must not reach a terminal
    if (text !== undefined && text !== '' && !/[\u0000-\u001f\u007f-\u009f]/.test(text)) return `"${text}"`;
  }
  return `"${name.toString()}"`;
}

/** `"sensor.contoso.com" ← "Issuing CA" ← "Root CA"`. */
export const describeAscent = (leaf: Certificate, { path }: Ascent): string =>
  [leaf, ...path].map(({ subject }) => called(subject)).join(' ← ');

/** Where the issuer of `child` can be had, from the address in it or from the CA, and where it goes in the file. */
export function missingIssuerFix(child: Certificate, place: 'first' | 'last'): string {
  const url = caIssuers(child);
  const put =
    place === 'last'
      ? 'openssl x509 -in issuer.crt >> chain.pem'
      : 'openssl x509 -in issuer.crt | cat - chain.pem > chain-new.pem';
  const where = place === 'last' ? 'append it to the chain' : 'put it first in the chain';
  const issuer = called(child.issuer);
  if (url === undefined)
    return `Ask your CA for the certificate of ${issuer}, save it as issuer.crt, and ${where}: ${put}`;
  return `Fetch the certificate of ${issuer} and ${where}: curl -o issuer.crt '${url}' && ${put}`;
}

function caIssuers(certificate: Certificate): string | undefined {
  const access = certificate.get(authorityInfoAccess);
  for (const { accessMethod, accessLocation } of access?.descriptions ?? []) {
    if (accessMethod !== ACCESS_METHOD.caIssuers || accessLocation.kind !== 'uniformResourceIdentifier') continue;
    // Only what is safe inside quotes of a command line.
    if (/^http:\/\/[\x21-\x26\x28-\x7e]+$/i.test(accessLocation.value)) return accessLocation.value;
  }
  return undefined;
}
