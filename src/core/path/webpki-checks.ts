import { ATTRIBUTE } from '../x509/name.ts';
import { authorityKeyIdentifier } from '../x509/extensions/authority-key-identifier.ts';
import { basicConstraints } from '../x509/extensions/basic-constraints.ts';
import { extKeyUsage, KEY_PURPOSE } from '../x509/extensions/ext-key-usage.ts';
import { keyUsage } from '../x509/extensions/key-usage.ts';
import { subjectAltName } from '../x509/extensions/subject-alt-name.ts';
import type { CertificateCheck, Objection } from './certificate-checks.ts';
import { lowerAscii } from './names/dns-name.ts';
import { formatIpAddress, parseIpAddress } from './names/ip-address.ts';

/** The longest public suffix that a host name ends in (publicsuffix.org, private part included). */
export type PublicSuffixOf = (name: string) => string | undefined;

const DOCUMENT = 'CA/B Baseline Requirements §';
const extensionField = (name: string): string => `tbsCertificate.extensions.${name}`;

/** §7.1.2.7.8: "cA MUST be FALSE"; §7.1.2.7.11: keyCertSign and cRLSign not permitted. */
const subscriberIsNoCa: CertificateCheck = ({ certificate }, role, settings) => {
  if (!settings.subscriberIsNoCa || role !== 'leaf') return undefined;
  const basic = certificate.get(basicConstraints);
  const usage = certificate.get(keyUsage);
  if (!basic?.cA && !usage?.names.has('keyCertSign')) return undefined;
  return {
    field: extensionField(basic?.cA ? 'basicConstraints' : 'keyUsage'),
    element: basic?.cA ? basic.element : usage?.element,
    found: basic?.cA ? 'cA TRUE' : 'keyCertSign',
    required: 'no CA rights in a server certificate',
    message: 'is a CA certificate, not one for a server',
    section: `${DOCUMENT}7.1.2.7.8`,
  };
};

/** §7.1.2.7.12: subjectAltName MUST be present; RFC 9525 §2: the common name is never looked at. */
const subjectAltNamePresent: CertificateCheck = ({ certificate }, role, settings) => {
  if (role !== 'leaf') return undefined;
  const extension = certificate.extensions.find(subjectAltName.oid);
  if (extension === undefined) {
    return settings.subscriberHasSubjectAltName
      ? {
          field: extensionField('subjectAltName'),
          found: 'absent',
          required: 'subjectAltName with the server names',
          message: 'has no subjectAltName, and clients do not read names anywhere else',
          section: `${DOCUMENT}7.1.2.7.12`,
        }
      : undefined;
  }
  if (!settings.noCriticalSubjectAltNameBesideSubject || !extension.critical || certificate.subject.isEmpty) {
    return undefined;
  }
  return {
    field: extensionField('subjectAltName'),
    element: extension.element,
    found: 'critical, beside a subject',
    required: 'critical only where the subject is empty',
    message: 'marks subjectAltName as critical although it has a subject',
    section: `${DOCUMENT}7.1.2.7.12`,
  };
};

/** §7.1.2.7.6, §7.1.2.7.10: extKeyUsage MUST be present, not critical, without anyExtendedKeyUsage. */
const extKeyUsagePresent: CertificateCheck = ({ certificate }, role, settings) => {
  const objection = (found: string, message: string): Objection => ({
    field: extensionField('extKeyUsage'),
    element: certificate.extensions.find(extKeyUsage.oid)?.element,
    found,
    required: 'extKeyUsage with serverAuth in server certificates, and none in roots',
    message,
    section: role === 'anchor' ? `${DOCUMENT}7.1.2.1.2` : `${DOCUMENT}7.1.2.7.10`,
  });
  const usage = certificate.get(extKeyUsage);
  if (role === 'anchor' && settings.rootHasNoExtKeyUsage && usage !== undefined && certificate.isSelfIssued) {
    return objection('extKeyUsage in a root', 'is a root that limits its key purposes, which roots must not');
  }
  if (role !== 'leaf' || !settings.subscriberHasExtKeyUsage) return undefined;
  if (usage === undefined) return objection('absent', 'does not say what its key is for (extKeyUsage)');
  if (usage.has(KEY_PURPOSE.anyExtendedKeyUsage)) return objection('anyExtendedKeyUsage', 'is good for any purpose');
  return certificate.extensions.find(extKeyUsage.oid)!.critical
    ? objection('critical', 'marks extKeyUsage as critical')
    : undefined;
};

/**
 * §7.1.4.3: a common name is "a character-for-character copy" of a subjectAltName entry. Our reading: one that spells an
 * entry differently is refused, for some reader may take it for the name; one that is no entry at all is not looked at,
 * as RFC 9525 demands and as the valid cases of x509-limbo and BetterTLS have it.
 */
const commonNameSpelling: CertificateCheck = ({ certificate }, role, settings) => {
  if (!settings.commonNameIsSpelledAsInSubjectAltName || role !== 'leaf') return undefined;
  const names = (certificate.get(subjectAltName)?.names ?? []).flatMap((name) => {
    if (name.kind === 'dNSName') return [name.value];
    return name.kind === 'iPAddress' ? [formatIpAddress(name.octets)] : [];
  });
  for (const { text, element } of certificate.subject.all(ATTRIBUTE.CN)) {
    const listed = names.includes(text) ? undefined : names.find((name) => sameName(text, name));
    // A name in U-labels is a copy of no dNSName whatever: these hold A-labels.
    if (listed === undefined && !HOST_IN_U_LABELS.test(text)) continue;
    return {
      field: 'tbsCertificate.subject.commonName',
      element,
      found: text,
      required: listed ?? 'the A-labels of a subjectAltName entry',
      message: `spells its common name ${text} differently from its subjectAltName${listed === undefined ? '' : ` entry ${listed}`}`,
      section: `${DOCUMENT}7.1.4.3`,
    };
  }
  return undefined;
};

// eslint-disable-next-line no-control-regex -- the whole of ASCII
const HOST_IN_U_LABELS = /^(?=.*[^\u0000-\u007f])[\p{L}\p{M}\p{N}-]+(\.[\p{L}\p{M}\p{N}-]+)+$/u;

/** Whether some reader may take the text for that DNS name or IP address. */
function sameName(text: string, name: string): boolean {
  if (lowerAscii(text) === lowerAscii(name)) return true;
  const address = parseIpAddress(text.includes(':') ? text : text.replace(/(^|\.)0+(?=\d)/g, '$1'));
  if (address !== undefined) return formatIpAddress(address) === name;
  // The URL parser reads U-labels, and IPv4 addresses in hexadecimal, as browsers do.
  try {
    return new URL(`http://${text}/`).hostname === lowerAscii(name);
  } catch {
    return false;
  }
}

/** §7.1.2.11.1: only keyIdentifier; §7.1.2.1.3: in a root it is the root's own subjectKeyIdentifier. */
const plainAuthorityKeyIdentifier: CertificateCheck = (node, role, settings) => {
  if (!settings.authorityKeyIdentifierIsOnlyKeyIdentifier) return undefined;
  const identifier = node.certificate.get(authorityKeyIdentifier);
  if (identifier === undefined) return undefined;
  const objection = (found: string): Objection => ({
    field: extensionField('authorityKeyIdentifier'),
    element: identifier.element,
    found,
    required: "only keyIdentifier, in a root the root's own",
    message: `has an authorityKeyIdentifier that is not allowed: ${found}`,
    section: role === 'anchor' ? `${DOCUMENT}7.1.2.1.3` : `${DOCUMENT}7.1.2.11.1`,
  });
  if (identifier.authorityCertIssuer !== undefined) return objection('authorityCertIssuer');
  if (identifier.authorityCertSerialNumber !== undefined) return objection('authorityCertSerialNumber');
  if (role !== 'anchor' || !node.isSelfIssued) return undefined;
  if (node.authorityKeyId === undefined) return objection('no keyIdentifier');
  return node.authorityKeyId === node.subjectKeyId ? undefined : objection('the identifier of another key');
};

/** §7.1.2.1.2, §7.1.2.2.3: keyUsage MUST be present in CA certificates. */
const caKeyUsage: CertificateCheck = ({ certificate }, role, settings) =>
  settings.caHasKeyUsage && role !== 'leaf' && certificate.get(keyUsage) === undefined
    ? {
        field: extensionField('keyUsage'),
        found: 'absent',
        required: 'keyUsage with keyCertSign',
        message: 'is a CA certificate without keyUsage',
        section: `${DOCUMENT}7.1.2.1.2`,
      }
    : undefined;

/** §3.2.2.6: no wildcard directly above a public suffix. Without a list, every single label counts as one. */
const publicSuffixWildcards =
  (publicSuffixOf: PublicSuffixOf | undefined): CertificateCheck =>
  ({ certificate }, role, settings) => {
    if (!settings.noPublicSuffixWildcards || role !== 'leaf') return undefined;
    for (const name of certificate.get(subjectAltName)?.names ?? []) {
      if (name.kind !== 'dNSName' || !name.value.startsWith('*')) continue;
      const parent = lowerAscii(name.value.slice(2));
      if (parent.includes('.') && publicSuffixOf?.(parent) !== parent) continue;
      return {
        field: extensionField('subjectAltName.dNSName'),
        element: name.element,
        found: name.value,
        required: 'no wildcard for everybody under a public suffix',
        message: `claims every name under ${parent === '' ? 'the root of the DNS' : parent}, where anybody may register`,
        section: `${DOCUMENT}3.2.2.6`,
      };
    }
    return undefined;
  };

/** The demands of the CA/Browser Forum; each asks its own row of the settings. */
export const webpkiChecks = (publicSuffixOf: PublicSuffixOf | undefined): readonly CertificateCheck[] => [
  subscriberIsNoCa,
  subjectAltNamePresent,
  extKeyUsagePresent,
  commonNameSpelling,
  plainAuthorityKeyIdentifier,
  caKeyUsage,
  publicSuffixWildcards(publicSuffixOf),
];
