import type { Element } from '../der/element.ts';
import { authorityKeyIdentifier } from '../x509/extensions/authority-key-identifier.ts';
import { basicConstraints } from '../x509/extensions/basic-constraints.ts';
import { inhibitAnyPolicy } from '../x509/extensions/inhibit-any-policy.ts';
import { keyUsage } from '../x509/extensions/key-usage.ts';
import { nameConstraints } from '../x509/extensions/name-constraints.ts';
import { policyConstraints } from '../x509/extensions/policy-constraints.ts';
import { subjectAltName } from '../x509/extensions/subject-alt-name.ts';
import { deviationsOf, knownExtension } from '../x509/known-extensions.ts';
import { dnsNameFault } from './names/dns-name.ts';
import type { ParsedCertificate, Role } from './parsed-certificate.ts';
import type { Problem, ProblemCode } from './problem.ts';
import type { PathSettings } from './settings.ts';

/** What a check says; the certificate and the defaults are filled in by whoever runs it. */
export interface Objection {
  readonly code?: ProblemCode;
  readonly field: string;
  readonly element?: Element | undefined;
  readonly found?: string;
  readonly required: string;
  readonly message: string;
  readonly section: string;
}

export type CertificateCheck = (node: ParsedCertificate, role: Role, settings: PathSettings) => Objection | undefined;

const extensionField = (name: string): string => `tbsCertificate.extensions.${name}`;

/** RFC 5280 §4.2, §6.1.4 (o): reject "if it encounters a critical extension that it does not recognize". */
const unknownCritical: CertificateCheck = ({ certificate }) => {
  const extension = certificate.extensions.list.find(({ critical, oid }) => critical && !isProcessed(oid));
  return (
    extension && {
      code: 'unknown-critical-extension',
      field: 'tbsCertificate.extensions',
      element: extension.element,
      found: `critical extension ${extension.oid}`,
      required: 'only critical extensions that are understood',
      message: 'carries a critical extension that nobody here understands, so it must be refused',
      section: '4.2',
    }
  );
};

const CRL_ONLY = new Set(['2.5.29.20', '2.5.29.21', '2.5.29.24', '2.5.29.27', '2.5.29.28', '2.5.29.29']);
const isProcessed = (oid: string): boolean => knownExtension(oid) !== undefined && !CRL_ONLY.has(oid);

/** RFC 5280 §4.2: "A certificate MUST NOT include more than one instance of a particular extension." */
const duplicateExtensions: CertificateCheck = ({ certificate }) => {
  const extension = certificate.extensions.duplicates()[0];
  return (
    extension && {
      field: 'tbsCertificate.extensions',
      element: extension.element,
      found: `${knownExtension(extension.oid)?.name ?? extension.oid} twice`,
      required: 'each extension at most once',
      message: 'has the same extension twice',
      section: '4.2',
    }
  );
};

const version: CertificateCheck = ({ certificate }, _role, settings) =>
  settings.extensionsNeedVersion3 && certificate.version !== 3 && certificate.extensions.list.length > 0
    ? {
        field: 'tbsCertificate.version',
        element: certificate.versionElement,
        found: `version ${certificate.version} with extensions`,
        required: 'version 3 where there are extensions',
        message: 'has extensions although its version does not know any',
        section: '4.1.2.1',
      }
    : undefined;

// Roots with serial 0 are in every trust store (Starfield G2); an anchor's serial number is never looked up.
const serialNumber: CertificateCheck = ({ certificate }, role, settings) => {
  const element = certificate.serialNumber;
  const negative = element.bytes[element.contentOffset]! >= 0x80;
  const zero = element.contentLength === 1 && element.bytes[element.contentOffset] === 0;
  const tooLong = element.contentLength > 20;
  if (!settings.soundSerialNumber || role === 'anchor' || !(negative || zero || tooLong)) return undefined;
  return {
    field: 'tbsCertificate.serialNumber',
    element,
    found: negative ? 'a negative number' : zero ? '0' : `${element.contentLength} octets`,
    required: 'a positive number of at most 20 octets',
    message: 'has a serial number that RFC 5280 does not allow',
    section: '4.1.2.2',
  };
};

const keyIdentifiers: CertificateCheck = (node, role, settings) => {
  if (!settings.keyIdentifiersRequired) return undefined;
  // "When a CA distributes its public key in the form of a 'self-signed' certificate, the [AKI] MAY be omitted."
  if (node.authorityKeyId === undefined && !(role !== 'intermediate' && node.isSelfIssued)) {
    return {
      field: extensionField('authorityKeyIdentifier'),
      found: node.certificate.get(authorityKeyIdentifier) === undefined ? 'absent' : 'without keyIdentifier',
      required: 'authorityKeyIdentifier with a keyIdentifier',
      message: 'does not say which key of its issuer signed it',
      section: '4.2.1.1',
    };
  }
  if (node.subjectKeyId !== undefined || !(role !== 'leaf' || node.certificate.get(basicConstraints)?.cA)) {
    return undefined;
  }
  return {
    field: extensionField('subjectKeyIdentifier'),
    found: 'absent',
    required: 'subjectKeyIdentifier in every CA certificate',
    message: 'is a CA certificate without subjectKeyIdentifier',
    section: '4.2.1.2',
  };
};

const NEVER_CRITICAL: Readonly<Record<string, string>> = {
  '2.5.29.35': '4.2.1.1',
  '2.5.29.14': '4.2.1.2',
  '2.5.29.9': '4.2.1.8',
  '2.5.29.46': '4.2.1.15',
  '1.3.6.1.5.5.7.1.1': '4.2.2.1',
  '1.3.6.1.5.5.7.1.11': '4.2.2.2',
};

/** The section that demands this extension to be critical. */
function criticalBy(oid: string, { certificate }: ParsedCertificate, role: Role, settings: PathSettings) {
  if (oid === nameConstraints.oid) return settings.criticalNameConstraints ? '4.2.1.10' : undefined;
  if (oid === policyConstraints.oid) return settings.criticalPolicyConstraints ? '4.2.1.11' : undefined;
  if (oid === inhibitAnyPolicy.oid) return settings.criticalPolicyConstraints ? '4.2.1.14' : undefined;
  if (oid !== basicConstraints.oid || role !== 'anchor' || !settings.criticalAnchorBasicConstraints) return undefined;
  // An anchor was chosen by hand and is held to the whole profile. Below it, §6.1 does not ask for a critical
  // basicConstraints, and PKITS 4.6.4 expects it to be taken.
  return certificate.get(basicConstraints)?.cA ? '4.2.1.9' : undefined;
}

const criticality: CertificateCheck = (node, role, settings) => {
  for (const { oid, critical, element } of node.certificate.extensions.list) {
    const forbidden = critical && settings.nonCriticalWhereDemanded ? NEVER_CRITICAL[oid] : undefined;
    const section = critical ? forbidden : criticalBy(oid, node, role, settings);
    if (section === undefined) continue;
    const name = knownExtension(oid)?.name ?? oid;
    return {
      field: extensionField(name),
      element,
      found: critical ? 'critical' : 'not critical',
      required: critical ? 'not critical' : 'critical',
      message: critical ? `marks ${name} as critical, which it must not be` : `does not mark ${name} as critical`,
      section,
    };
  }
  return undefined;
};

const emptyLists: CertificateCheck = ({ certificate }, _role, settings) => {
  if (!settings.noEmptyLists) return undefined;
  for (const extension of certificate.extensions.list) {
    const deviation = deviationsOf(extension).find(({ code }) => code === 'empty-list');
    if (deviation === undefined) continue;
    return {
      field: extensionField(knownExtension(extension.oid)!.name),
      element: extension.element,
      found: deviation.message,
      required: 'at least one entry',
      message: deviation.message,
      section: '4.2',
    };
  }
  return undefined;
};

const names: CertificateCheck = ({ certificate }, role, settings) => {
  if (!settings.namesWhereDemanded) return undefined;
  const empty = (field: string, message: string, section: string): Objection => ({
    field,
    found: 'empty',
    required: 'a distinguished name',
    message,
    section,
  });
  if (certificate.issuer.isEmpty) return empty('tbsCertificate.issuer', 'does not name its issuer', '4.1.2.4');
  if (!certificate.subject.isEmpty) return undefined;
  if (role !== 'leaf') return empty('tbsCertificate.subject', 'is a CA certificate without a name', '4.1.2.6');
  const san = certificate.extensions.find(subjectAltName.oid);
  if (san?.critical) return undefined;
  return {
    field: extensionField('subjectAltName'),
    element: san?.element,
    found: san === undefined ? 'absent, and the subject is empty' : 'not critical, and the subject is empty',
    required: 'a critical subjectAltName where the subject is empty',
    message: 'names its holder nowhere that a reader must look',
    section: '4.1.2.6',
  };
};

const caConsistency: CertificateCheck = ({ certificate }, role, settings) => {
  if (!settings.consistentCaExtensions) return undefined;
  const basic = certificate.get(basicConstraints);
  const usage = certificate.get(keyUsage);
  const signs = usage?.names.has('keyCertSign');
  const field = extensionField('basicConstraints');
  if (signs && !basic?.cA) {
    return {
      field: extensionField('keyUsage'),
      element: usage?.element,
      found: 'keyCertSign without basicConstraints cA',
      required: 'cA TRUE where keyCertSign is set',
      message: 'may sign certificates by its keyUsage, and is no CA by its basicConstraints',
      section: '4.2.1.3',
    };
  }
  if (basic?.pathLenConstraint !== undefined && !(basic.cA && signs !== false)) {
    return {
      field,
      element: basic.element,
      found: `pathLenConstraint ${basic.pathLenConstraint} in a certificate that may not sign certificates`,
      required: 'pathLenConstraint only with cA and keyCertSign',
      message: 'limits the chain below it although it may not sign certificates',
      section: '4.2.1.9',
    };
  }
  const constraints = certificate.extensions.find(nameConstraints.oid);
  if (constraints !== undefined && role === 'leaf' && !basic?.cA) {
    return {
      field: extensionField('nameConstraints'),
      element: constraints.element,
      found: 'nameConstraints in an end-entity certificate',
      required: 'nameConstraints only in CA certificates',
      message: 'limits the names below it although nothing can be below it',
      section: '4.2.1.10',
    };
  }
  return undefined;
};

const dnsSyntax: CertificateCheck = ({ certificate }, _role, settings) => {
  if (!settings.readableDnsNames) return undefined;
  for (const name of certificate.get(subjectAltName)?.names ?? []) {
    if (name.kind !== 'dNSName') continue;
    const fault = dnsNameFault(name.value, settings.preferredNameSyntax);
    if (fault === undefined) continue;
    return {
      field: extensionField('subjectAltName.dNSName'),
      element: name.element,
      found: JSON.stringify(name.value),
      required: 'letters, digits and hyphens in labels that dots separate',
      message: `has a DNS name that is none: ${fault}`,
      section: '4.2.1.6',
    };
  }
  return undefined;
};

/** RFC 5280's own demands, whoever asks. */
export const RFC5280_CHECKS: readonly CertificateCheck[] = [
  unknownCritical,
  duplicateExtensions,
  version,
  serialNumber,
  keyIdentifiers,
  criticality,
  emptyLists,
  names,
  caConsistency,
  dnsSyntax,
];

/** Runs checks and completes what they object to. */
export function objections(
  node: ParsedCertificate,
  role: Role,
  settings: PathSettings,
  checks: readonly CertificateCheck[],
): Problem[] {
  const problems: Problem[] = [];
  for (const check of checks) {
    const objection = check(node, role, settings);
    if (objection === undefined) continue;
    const { code = 'certificate-profile', message } = objection;
    problems.push({ ...objection, code, certificate: node, message: `${node.label} ${message}` });
  }
  return problems;
}
