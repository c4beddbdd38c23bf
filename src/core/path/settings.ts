import type { HashName } from '../x509/algorithms.data.ts';

export type PathProfile = 'rfc5280' | 'webpki' | 'appliance';

/** Everything in which the profiles differ; the code asks these and never the profile's name. */
export interface PathSettings {
  readonly profile: PathProfile;
  /** What is remembered with a certificate under these settings carries this name. */
  readonly id: string;

  // Algorithms, RFC 5280 §6.1.3 (a)(1) and local policy.
  /** In signatures below the trust anchor: the anchor's own signature proves nothing and is not looked at. */
  readonly refusedHashes: ReadonlySet<HashName>;
  readonly leastRsaBits: number;
  /** CA/B BR §6.1.5: "the modulus size in bits is evenly divisible by 8". */
  readonly rsaBitsDivisibleBy8: boolean;
  /** Names of `NAMED_CURVES`; undefined: every curve that the crypto adapter can compute. */
  readonly curves: ReadonlySet<string> | undefined;
  readonly dsaKeys: boolean;
  readonly edwardsKeys: boolean;

  // The certificate profile, RFC 5280 §4.
  /** §4.1.2.2: positive and at most 20 octets. */
  readonly soundSerialNumber: boolean;
  /** §4.2.1.1, §4.2.1.2: keyIdentifier in every certificate that is not self-issued, SKI in every CA certificate. */
  readonly keyIdentifiersRequired: boolean;
  /** §4.2.1.2: the issuer's SKI is the AKI's keyIdentifier. */
  readonly keyIdentifiersMatch: boolean;
  /** §4.2.1.1, §4.2.1.2, §4.2.1.8, §4.2.1.15, §4.2.2.1: "MUST mark this extension as non-critical". */
  readonly nonCriticalWhereDemanded: boolean;
  /** §4.2.1.9: a trust anchor's basicConstraints "MUST be marked critical". */
  readonly criticalAnchorBasicConstraints: boolean;
  /**
   * §4.2.1.11, §4.2.1.14: policyConstraints and inhibitAnyPolicy "MUST be marked critical". §6.1 does not ask for it, they
   * take effect either way, and PKITS 4.8.6 ff. expect chains with an uncritical policyConstraints to be valid.
   */
  readonly criticalPolicyConstraints: boolean;
  /** §4.2.1.10: "Conforming CAs MUST mark this extension as critical". */
  readonly criticalNameConstraints: boolean;
  /** §4.2.1.6: dNSName in the preferred name syntax; no underscore, no leading dot. */
  readonly preferredNameSyntax: boolean;
  /** A dNSName that no host can have (`https://…`, a space, a final dot) refuses; else it merely never matches. */
  readonly readableDnsNames: boolean;
  /** Name constraints bind the common name, too, where it is a host name and subjectAltName has no dNSName. */
  readonly commonNameIsHostName: boolean;
  /** §4.2.1.3, §4.2.1.9: keyCertSign and pathLenConstraint only with cA; §4.2.1.10: nameConstraints only in a CA. */
  readonly consistentCaExtensions: boolean;
  /** §4.1.2.4, §4.1.2.6, §4.2.1.6: issuer never empty, a CA's subject never, subjectAltName critical where it is. */
  readonly namesWhereDemanded: boolean;
  /** §4.2.1.3 ff.: lists that must not be empty. */
  readonly noEmptyLists: boolean;
  /** §4.1.2.1: extensions only in version 3. */
  readonly extensionsNeedVersion3: boolean;
  /** §6.1.4 (k): a version 1 certificate may be a CA where "the application verifies that … through out-of-band means". */
  readonly version1Anchors: boolean;
  /** A malformed authorityInfoAccess, subjectInfoAccess or issuerAltName refuses, although nothing here needs it. */
  readonly unusedExtensionsReadable: boolean;
  /** The bits of keyUsage that TLS needs for the purpose, §4.2.1.12 and RFC 8446 §4.4.2.2. */
  readonly keyUsageFitsPurpose: boolean;

  /** §4.2.1.10: a dNSName constraint is a host name; a leading dot, as openssl's examples have it, is none. */
  readonly noLeadingDotInDnsConstraints: boolean;
  /** §5.1.2.5, §5.2.1, §5.2.3: a CRL has nextUpdate, authorityKeyIdentifier and cRLNumber, the extensions not critical. */
  readonly soundCrls: boolean;

  // CA/Browser Forum, Baseline Requirements for TLS server certificates §7.1.2.
  readonly subscriberIsNoCa: boolean;
  readonly subscriberHasSubjectAltName: boolean;
  readonly subscriberHasExtKeyUsage: boolean;
  readonly commonNameIsSpelledAsInSubjectAltName: boolean;
  readonly noCriticalSubjectAltNameBesideSubject: boolean;
  readonly noPublicSuffixWildcards: boolean;
  readonly rootHasNoExtKeyUsage: boolean;
  readonly authorityKeyIdentifierIsOnlyKeyIdentifier: boolean;
  readonly caHasKeyUsage: boolean;
}

const BROKEN: ReadonlySet<HashName> = new Set(['MD2', 'MD4', 'MD5']);
const BROKEN_AND_SHA1: ReadonlySet<HashName> = new Set([...BROKEN, 'SHA-1']);
const NIST_CURVES: ReadonlySet<string> = new Set(['P-256', 'P-384', 'P-521']);

/** The letter of RFC 5280. SHA-1 and DSA are algorithms of RFC 3279 and stay. */
const rfc5280: PathSettings = {
  profile: 'rfc5280',
  id: 'rfc5280',
  refusedHashes: BROKEN,
  leastRsaBits: 1024,
  rsaBitsDivisibleBy8: false,
  curves: undefined,
  dsaKeys: true,
  edwardsKeys: true,
  soundSerialNumber: true,
  keyIdentifiersRequired: true,
  keyIdentifiersMatch: true,
  nonCriticalWhereDemanded: true,
  criticalAnchorBasicConstraints: true,
  criticalPolicyConstraints: false,
  criticalNameConstraints: true,
  preferredNameSyntax: true,
  readableDnsNames: true,
  commonNameIsHostName: false,
  consistentCaExtensions: true,
  namesWhereDemanded: true,
  noEmptyLists: true,
  extensionsNeedVersion3: true,
  version1Anchors: true,
  unusedExtensionsReadable: true,
  keyUsageFitsPurpose: false,
  noLeadingDotInDnsConstraints: true,
  soundCrls: true,
  subscriberIsNoCa: false,
  subscriberHasSubjectAltName: false,
  subscriberHasExtKeyUsage: false,
  commonNameIsSpelledAsInSubjectAltName: false,
  noCriticalSubjectAltNameBesideSubject: false,
  noPublicSuffixWildcards: false,
  rootHasNoExtKeyUsage: false,
  authorityKeyIdentifierIsOnlyKeyIdentifier: false,
  caHasKeyUsage: false,
};

/** RFC 5280 where the Baseline Requirements do not say otherwise (BR §7.1.2.5.2: nameConstraints need not be critical). */
const webpki: PathSettings = {
  ...rfc5280,
  profile: 'webpki',
  id: 'webpki',
  refusedHashes: BROKEN_AND_SHA1,
  leastRsaBits: 2048,
  rsaBitsDivisibleBy8: true,
  curves: NIST_CURVES,
  dsaKeys: false,
  edwardsKeys: false,
  criticalPolicyConstraints: true,
  criticalNameConstraints: false,
  version1Anchors: false,
  keyUsageFitsPurpose: true,
  subscriberIsNoCa: true,
  subscriberHasSubjectAltName: true,
  subscriberHasExtKeyUsage: true,
  commonNameIsSpelledAsInSubjectAltName: true,
  noCriticalSubjectAltNameBesideSubject: true,
  noPublicSuffixWildcards: true,
  rootHasNoExtKeyUsage: true,
  authorityKeyIdentifierIsOnlyKeyIdentifier: true,
  caHasKeyUsage: true,
};

/**
 * RFC 5280 §6 with present-day algorithms, and the profile of §4 only where a breach could let somebody in. Private CAs
 * made with openssl's defaults leave out AKI, number from 0 and use underscores: refusing these would stop plants.
 */
const appliance: PathSettings = {
  ...rfc5280,
  profile: 'appliance',
  id: 'appliance',
  refusedHashes: BROKEN_AND_SHA1,
  leastRsaBits: 2048,
  curves: new Set([...NIST_CURVES, 'brainpoolP256r1', 'brainpoolP384r1', 'brainpoolP512r1', 'secp256k1']),
  dsaKeys: false,
  soundSerialNumber: false,
  keyIdentifiersRequired: false,
  keyIdentifiersMatch: false,
  nonCriticalWhereDemanded: false,
  criticalAnchorBasicConstraints: false,
  criticalNameConstraints: false,
  preferredNameSyntax: false,
  readableDnsNames: false,
  // The vendor's certificates carry the host in the common name, and OpenSSL constrains it there.
  commonNameIsHostName: true,
  consistentCaExtensions: false,
  namesWhereDemanded: false,
  noEmptyLists: false,
  unusedExtensionsReadable: false,
  keyUsageFitsPurpose: true,
  noLeadingDotInDnsConstraints: false,
  soundCrls: false,
};

export const PATH_SETTINGS: Readonly<Record<PathProfile, PathSettings>> = { rfc5280, webpki, appliance };

const SIGNERS = new Map<PathSettings, PathSettings>();

/** The same for the certificate of a CRL signer: the demands on certificates of TLS servers are not its own. */
export function crlSignerSettings(settings: PathSettings): PathSettings {
  let made = SIGNERS.get(settings);
  if (made === undefined) {
    made = {
      ...settings,
      id: `${settings.id}, crl signer`,
      keyUsageFitsPurpose: false,
      subscriberIsNoCa: false,
      subscriberHasSubjectAltName: false,
      subscriberHasExtKeyUsage: false,
      commonNameIsSpelledAsInSubjectAltName: false,
      noCriticalSubjectAltNameBesideSubject: false,
      noPublicSuffixWildcards: false,
    };
    SIGNERS.set(settings, made);
  }
  return made;
}
