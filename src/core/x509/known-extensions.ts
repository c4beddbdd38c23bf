import { type Deviation, type Extension, type ExtensionType, type ExtensionValue, NO_DEVIATIONS } from './extension.ts';
import { authorityInfoAccess } from './extensions/authority-info-access.ts';
import { authorityKeyIdentifier } from './extensions/authority-key-identifier.ts';
import { basicConstraints } from './extensions/basic-constraints.ts';
import { certificateIssuer } from './extensions/certificate-issuer.ts';
import { certificatePolicies } from './extensions/certificate-policies.ts';
import { cRLDistributionPoints } from './extensions/crl-distribution-points.ts';
import { cRLNumber } from './extensions/crl-number.ts';
import { deltaCRLIndicator } from './extensions/delta-crl-indicator.ts';
import { extKeyUsage } from './extensions/ext-key-usage.ts';
import { freshestCRL } from './extensions/freshest-crl.ts';
import { inhibitAnyPolicy } from './extensions/inhibit-any-policy.ts';
import { invalidityDate } from './extensions/invalidity-date.ts';
import { issuerAltName } from './extensions/issuer-alt-name.ts';
import { issuingDistributionPoint } from './extensions/issuing-distribution-point.ts';
import { keyUsage } from './extensions/key-usage.ts';
import { nameConstraints } from './extensions/name-constraints.ts';
import { policyConstraints } from './extensions/policy-constraints.ts';
import { policyMappings } from './extensions/policy-mappings.ts';
import { reasonCode } from './extensions/reason-code.ts';
import { subjectAltName } from './extensions/subject-alt-name.ts';
import { subjectInfoAccess } from './extensions/subject-info-access.ts';
import { subjectKeyIdentifier } from './extensions/subject-key-identifier.ts';

/** Every extension that is read here; a critical one outside this list must be refused (RFC 5280 §4.2). */
export const KNOWN_EXTENSIONS: readonly ExtensionType<ExtensionValue>[] = [
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  certificateIssuer,
  certificatePolicies,
  cRLDistributionPoints,
  cRLNumber,
  deltaCRLIndicator,
  extKeyUsage,
  freshestCRL,
  inhibitAnyPolicy,
  invalidityDate,
  issuerAltName,
  issuingDistributionPoint,
  keyUsage,
  nameConstraints,
  policyConstraints,
  policyMappings,
  reasonCode,
  subjectAltName,
  subjectInfoAccess,
  subjectKeyIdentifier,
];

const BY_OID = new Map(KNOWN_EXTENSIONS.map((type) => [type.oid, type]));

/** Undefined for an extension that is not read here. */
export const knownExtension = (oid: string): ExtensionType<ExtensionValue> | undefined => BY_OID.get(oid);

/** What DER or RFC 5280 forbids in this extension and was read all the same. Throws DerError where it is malformed. */
export function deviationsOf(extension: Extension): readonly Deviation[] {
  const type = knownExtension(extension.oid);
  const inside = type === undefined ? NO_DEVIATIONS : extension.valueAs(type).deviations;
  if (extension.encodedDefault === undefined) return inside;
  // X.690 §11.5 forbids to encode a default. Older encoders spell out `critical FALSE`; OpenSSL reads it.
  const { offset } = extension.encodedDefault;
  return [
    { code: 'default-encoded', offset, message: 'critical FALSE is spelled out although it is the default' },
    ...inside,
  ];
}
