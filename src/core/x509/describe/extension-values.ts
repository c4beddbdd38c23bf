import type { Element } from '../../der/element.ts';
import { formatTime } from '../../der/time.ts';
import { ACCESS_METHOD, type AccessDescriptions } from '../access-description.ts';
import type { DistributionPointName, DistributionPoints } from '../distribution-point.ts';
import type { Extension, ExtensionType, ExtensionValue } from '../extension.ts';
import { authorityInfoAccess } from '../extensions/authority-info-access.ts';
import { authorityKeyIdentifier } from '../extensions/authority-key-identifier.ts';
import { basicConstraints } from '../extensions/basic-constraints.ts';
import { certificateIssuer } from '../extensions/certificate-issuer.ts';
import { certificatePolicies, type PolicyQualifier } from '../extensions/certificate-policies.ts';
import { cRLDistributionPoints } from '../extensions/crl-distribution-points.ts';
import { cRLNumber } from '../extensions/crl-number.ts';
import { deltaCRLIndicator } from '../extensions/delta-crl-indicator.ts';
import { extKeyUsage, keyPurposeName } from '../extensions/ext-key-usage.ts';
import { freshestCRL } from '../extensions/freshest-crl.ts';
import { inhibitAnyPolicy } from '../extensions/inhibit-any-policy.ts';
import { invalidityDate } from '../extensions/invalidity-date.ts';
import { issuerAltName } from '../extensions/issuer-alt-name.ts';
import { type IssuingDistributionPoint, issuingDistributionPoint } from '../extensions/issuing-distribution-point.ts';
import { keyUsage } from '../extensions/key-usage.ts';
import { type GeneralSubtree, nameConstraints } from '../extensions/name-constraints.ts';
import { policyConstraints } from '../extensions/policy-constraints.ts';
import { policyMappings } from '../extensions/policy-mappings.ts';
import { reasonCode } from '../extensions/reason-code.ts';
import { subjectAltName } from '../extensions/subject-alt-name.ts';
import { subjectInfoAccess } from '../extensions/subject-info-access.ts';
import { subjectKeyIdentifier } from '../extensions/subject-key-identifier.ts';
import type { GeneralNames } from '../general-name.ts';
import { isStringTag, readString } from '../../der/strings.ts';
import { type Field, field, hex } from './field.ts';
import { generalNameField, generalNameText } from './general-name.ts';
import { printable } from './name.ts';

interface Described {
  readonly value?: string;
  readonly children?: readonly Field[];
}

interface Describer {
  readonly label: string;
  describe(extension: Extension, path: string): Described;
}

/** How each known extension is put in words, by object identifier. */
export const DESCRIBERS = new Map<string, Describer>();

function words<T extends ExtensionValue>(
  type: ExtensionType<T>,
  label: string,
  describe: (value: T, path: string) => Described,
): void {
  DESCRIBERS.set(type.oid, { label, describe: (extension, path) => describe(extension.valueAs(type), path) });
}

const list = (texts: Iterable<string>): string => [...texts].join(', ') || '(nothing)';

words(basicConstraints, 'Basic constraints', ({ cA, pathLenConstraint }) => {
  const below = pathLenConstraint === undefined ? '' : `, at most ${pathLenConstraint} CAs below it`;
  return { value: cA ? `a CA${below}` : `not a CA${below}` };
});

words(keyUsage, 'Key usage', ({ names }) => ({ value: list(names) }));

words(extKeyUsage, 'Extended key usage', ({ purposes }) => ({
  value: list(purposes.map(({ oid }) => keyPurposeName(oid))),
}));

const generalNames = ({ names }: GeneralNames, path: string): Described => ({
  value: list(names.map(generalNameText)),
  children: names.map((name, i) => generalNameField(`${path}[${i}]`, name)),
});

words(subjectAltName, 'Subject alternative name', generalNames);
words(issuerAltName, 'Issuer alternative name', generalNames);
words(certificateIssuer, 'Certificate issuer', generalNames);

words(subjectKeyIdentifier, 'Subject key identifier', ({ keyIdentifier }) => ({ value: hex(keyIdentifier.content()) }));

words(authorityKeyIdentifier, 'Authority key identifier', (value, path) => {
  const { keyIdentifier, authorityCertIssuer, authorityCertSerialNumber } = value;
  const children: Field[] = [];
  if (authorityCertIssuer !== undefined) {
    const text = list(authorityCertIssuer.names.map(generalNameText));
    children.push(field("Issuer's issuer", `${path}.authorityCertIssuer`, authorityCertIssuer.element, text));
  }
  if (authorityCertSerialNumber !== undefined) {
    const text = hex(authorityCertSerialNumber.content());
    children.push(
      field("Issuer's serial number", `${path}.authorityCertSerialNumber`, authorityCertSerialNumber, text),
    );
  }
  return { value: keyIdentifier === undefined ? '(no identifier)' : hex(keyIdentifier.content()), children };
});

function pointName(name: DistributionPointName | undefined): string {
  if (name === undefined) return '(no location)';
  if (name.fullName !== undefined) return list(name.fullName.names.map(generalNameText));
  const rdn = (name.nameRelativeToCRLIssuer ?? []).map((a) => `${a.shortName}=${a.escaped}`);
  return `relative to the CRL issuer: ${rdn.join('+')}`;
}

function distributionPoints({ points }: DistributionPoints, path: string): Described {
  const children = points.map(({ element, distributionPoint, reasons, cRLIssuer }, i) => {
    const only = reasons === undefined ? '' : `; only for ${list(reasons.names)}`;
    const by = cRLIssuer === undefined ? '' : `; issued by ${list(cRLIssuer.names.map(generalNameText))}`;
    return field('Distribution point', `${path}[${i}]`, element, {
      value: `${pointName(distributionPoint)}${only}${by}`,
      children: (distributionPoint?.fullName?.names ?? []).map((name, n) =>
        generalNameField(`${path}[${i}].distributionPoint.fullName[${n}]`, name),
      ),
    });
  });
  return { value: list(children.map(({ value }) => value!)), children };
}

words(cRLDistributionPoints, 'CRL distribution points', distributionPoints);
words(freshestCRL, 'Freshest CRL (delta CRLs)', distributionPoints);

const METHODS = new Map<string, string>([
  [ACCESS_METHOD.ocsp, 'OCSP'],
  [ACCESS_METHOD.caIssuers, "issuer's certificate"],
  [ACCESS_METHOD.timeStamping, 'time stamping'],
  [ACCESS_METHOD.caRepository, 'CA repository'],
]);

function accessDescriptions({ descriptions }: AccessDescriptions, path: string): Described {
  const children = descriptions.map(({ element, accessMethod, accessLocation }, i) => {
    const text = `${METHODS.get(accessMethod) ?? accessMethod}: ${generalNameText(accessLocation)}`;
    return field('Access', `${path}[${i}]`, element, text);
  });
  return { value: list(children.map(({ value }) => value!)), children };
}

words(authorityInfoAccess, 'Authority information access', accessDescriptions);
words(subjectInfoAccess, 'Subject information access', accessDescriptions);

words(nameConstraints, 'Name constraints', ({ permittedSubtrees, excludedSubtrees }, path) => {
  const fields = (label: string, part: string, subtrees: readonly GeneralSubtree[] = []): Field[] =>
    subtrees.map(({ element, base, minimum, maximum }, i) => {
      const range = minimum === 0 && maximum === undefined ? '' : ` (minimum ${minimum}, maximum ${maximum ?? 'none'})`;
      return field(label, `${path}.${part}[${i}]`, element, `${generalNameText(base)}${range}`);
    });
  const children = [
    ...fields('Permitted', 'permittedSubtrees', permittedSubtrees),
    ...fields('Excluded', 'excludedSubtrees', excludedSubtrees),
  ];
  return { value: list(children.map(({ label, value }) => `${label.toLowerCase()} ${value!}`)), children };
});

words(certificatePolicies, 'Certificate policies', ({ policies }, path) => ({
  value: list(policies.map(({ policyIdentifier }) => policyIdentifier)),
  children: policies.map(({ element, policyIdentifier, policyQualifiers }, i) =>
    field('Policy', `${path}[${i}]`, element, {
      value: policyIdentifier,
      children: policyQualifiers.map((qualifier, q) =>
        qualifierField(`${path}[${i}].policyQualifiers[${q}]`, qualifier),
      ),
    }),
  ),
}));

function qualifierField(path: string, { element, policyQualifierId, qualifier }: PolicyQualifier): Field {
  const text = isStringTag(qualifier.tag) ? printable(readString(qualifier, 'qualifier')) : textsInside(qualifier);
  return field('Qualifier', path, element, text === '' ? `${policyQualifierId}: ${hex(qualifier.der(), 32)}` : text);
}

// UserNotice ::= SEQUENCE { noticeRef NoticeReference OPTIONAL, explicitText DisplayText OPTIONAL }: its own text is enough.
function textsInside(qualifier: Element): string {
  const texts: string[] = [];
  const reader = qualifier.reader();
  while ((qualifier.tag & 0x20) !== 0 && !reader.atEnd) {
    const element = reader.read('UserNotice');
    if (isStringTag(element.tag)) texts.push(printable(readString(element, 'explicitText')));
  }
  return texts.join(' ');
}

words(policyMappings, 'Policy mappings', ({ mappings }, path) => {
  const children = mappings.map(({ element, issuerDomainPolicy, subjectDomainPolicy }, i) =>
    field(
      'Mapping',
      `${path}[${i}]`,
      element,
      `${issuerDomainPolicy} of the issuer is ${subjectDomainPolicy} of the subject`,
    ),
  );
  return { value: list(children.map(({ value }) => value!)), children };
});

words(policyConstraints, 'Policy constraints', ({ requireExplicitPolicy, inhibitPolicyMapping }) => {
  const parts: string[] = [];
  if (requireExplicitPolicy !== undefined)
    parts.push(`an explicit policy is required after ${requireExplicitPolicy} certificates`);
  if (inhibitPolicyMapping !== undefined) parts.push(`no policy mapping after ${inhibitPolicyMapping} certificates`);
  return { value: list(parts) };
});

words(inhibitAnyPolicy, 'Inhibit any-policy', ({ skipCerts }) => ({ value: `after ${skipCerts} certificates` }));

function coverage(value: IssuingDistributionPoint): string[] {
  const parts: string[] = [];
  if (value.distributionPoint !== undefined) parts.push(pointName(value.distributionPoint));
  if (value.onlyContainsUserCerts) parts.push('only end-entity certificates');
  if (value.onlyContainsCACerts) parts.push('only CA certificates');
  if (value.onlyContainsAttributeCerts) parts.push('only attribute certificates');
  if (value.onlySomeReasons !== undefined) parts.push(`only for ${list(value.onlySomeReasons.names)}`);
  if (value.indirectCRL) parts.push('certificates of other issuers, too (indirect CRL)');
  return parts;
}

words(issuingDistributionPoint, 'Issuing distribution point', (value) => ({ value: list(coverage(value)) }));
words(cRLNumber, 'CRL number', ({ element, value }) => ({
  value: element.contentLength > 64 ? hex(element.content()) : `${value}`,
}));
words(deltaCRLIndicator, 'Delta CRL', ({ element, baseCRLNumber }) => ({
  value: `changes since CRL number ${element.contentLength > 64 ? hex(element.content()) : baseCRLNumber}`,
}));
words(reasonCode, 'Reason', ({ code, reason }) => ({ value: reason ?? `${code}, which is not defined` }));
words(invalidityDate, 'Invalid since', ({ seconds }) => ({ value: formatTime(seconds) }));
