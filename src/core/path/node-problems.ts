import { formatTime } from '../der/time.ts';
import { basicConstraints } from '../x509/extensions/basic-constraints.ts';
import { extKeyUsage, KEY_PURPOSE, keyPurposeName } from '../x509/extensions/ext-key-usage.ts';
import { keyUsage, type KeyUsageName } from '../x509/extensions/key-usage.ts';
import { keyProblem, signatureProblem } from './algorithm-checks.ts';
import { objections } from './certificate-checks.ts';
import type { ParsedCertificate, Role } from './parsed-certificate.ts';
import { peerNameProblem } from './peer-names.ts';
import type { Problem } from './problem.ts';
import type { PathQuestion } from './question.ts';
import type { PathSettings } from './settings.ts';

const extensionField = (name: string): string => `tbsCertificate.extensions.${name}`;

/** Whatever speaks against this certificate in that role by itself, whichever chain it stands in. */
export function nodeProblems(node: ParsedCertificate, role: Role, question: PathQuestion): readonly Problem[] {
  const { settings } = question;
  if (role === 'leaf' && question.leafJudgedElsewhere) return damageProblems(node, settings);
  const lasting = node.remember(`${settings.id} ${role}`, () => lastingProblems(node, role, question));
  const damaged = lasting.some(({ code }) => code === 'malformed');
  const passing = [validityProblem(node, role, question.at)];
  if (!damaged) passing.push(purposeProblem(node, role, question));
  if (role === 'leaf' && !damaged) {
    passing.push(usageProblem(node, question));
    for (const peer of question.peerNames) passing.push(peerNameProblem(node, peer));
  }
  const found = passing.filter((problem) => problem !== undefined);
  return found.length === 0 ? lasting : [...lasting, ...found];
}

/** What depends on the certificate, its role and the profile alone: remembered with the certificate. */
function lastingProblems(node: ParsedCertificate, role: Role, { settings, checks }: PathQuestion): Problem[] {
  const damages = damageProblems(node, settings);
  if (damages.length > 0) return damages;
  const problems = objections(node, role, settings, checks);
  const others = [
    signatureProblem(node, role, settings),
    keyProblem(node, settings),
    role === 'leaf' ? undefined : authorityProblem(node, role, settings),
  ];
  return [...others.filter((problem) => problem !== undefined), ...problems];
}

const UNUSED = new Set(['authorityInfoAccess', 'subjectInfoAccess', 'issuerAltName'].map(extensionField));

function damageProblems(node: ParsedCertificate, settings: PathSettings): Problem[] {
  return node.damages
    .filter(({ field }) => settings.unusedExtensionsReadable || !UNUSED.has(field))
    .map(({ field, error }) => ({
      code: 'malformed',
      certificate: node,
      field,
      found: error.message,
      required: 'DER as RFC 5280 describes it',
      message: `${node.label} is damaged or was made by a broken program: ${error.message}`,
      section: '4.1',
    }));
}

const EARLY_CA_FIX = 'Use the CA certificate that is valid now, or wait; and compare the clock of this machine';
const LATE_CA_FIX =
  'Ask the people who run that CA for its renewed certificate and put it in place of the old one; if the CA has a new key, what it issued has to be issued again, too';

/** RFC 5280 §4.1.2.5: "from notBefore through notAfter, inclusive". */
function validityProblem(node: ParsedCertificate, role: Role, at: number): Problem | undefined {
  const { notBefore, notAfter } = node.certificate;
  const found = `valid from ${formatTime(notBefore.seconds)} to ${formatTime(notAfter.seconds)}`;
  const required = `valid on ${formatTime(at)}`;
  const fix = role === 'leaf' ? {} : { fix: at < notBefore.seconds ? EARLY_CA_FIX : LATE_CA_FIX };
  const shared = { certificate: node, found, required, section: '6.1.3 (a)(2)', ...fix } as const;
  if (at < notBefore.seconds) {
    return {
      ...shared,
      code: 'not-yet-valid',
      field: 'tbsCertificate.validity.notBefore',
      element: notBefore.element,
      message: `${node.label} is valid only from ${formatTime(notBefore.seconds)} on`,
    };
  }
  if (at <= notAfter.seconds) return undefined;
  return {
    ...shared,
    code: 'expired',
    field: 'tbsCertificate.validity.notAfter',
    element: notAfter.element,
    message: `${node.label} expired on ${formatTime(notAfter.seconds)}`,
  };
}

/** RFC 5280 §6.1.4 (k), (n): the certificate may sign others. */
function authorityProblem(node: ParsedCertificate, role: Role, settings: PathSettings): Problem | undefined {
  const { certificate } = node;
  const basic = certificate.get(basicConstraints);
  const usage = certificate.get(keyUsage);
  const trustedByHand = role === 'anchor' && settings.version1Anchors && certificate.version !== 3;
  if (!basic?.cA && !trustedByHand) {
    return {
      code: 'not-a-ca',
      certificate: node,
      field: extensionField('basicConstraints'),
      element: basic?.element,
      found: basic === undefined ? 'no basicConstraints' : 'cA FALSE',
      required: 'basicConstraints with cA TRUE',
      message: `${node.label} is no CA certificate and may not sign others`,
      section: '6.1.4 (k)',
    };
  }
  if (usage === undefined || usage.names.has('keyCertSign')) return undefined;
  return {
    code: 'not-a-ca',
    certificate: node,
    field: extensionField('keyUsage'),
    element: usage.element,
    found: [...usage.names].join(', ') || 'no usage at all',
    required: 'keyCertSign',
    message: `${node.label} may not sign certificates: its keyUsage lacks keyCertSign`,
    section: '6.1.4 (n)',
  };
}

/** RFC 5280 §4.2.1.12, and what every TLS implementation reads into it: a CA's purposes bound those below it. */
function purposeProblem(node: ParsedCertificate, role: Role, { purpose }: PathQuestion): Problem | undefined {
  const usage = node.certificate.get(extKeyUsage);
  if (usage === undefined || purpose === 'any') return undefined;
  const wanted = purpose === 'server' ? KEY_PURPOSE.serverAuth : KEY_PURPOSE.clientAuth;
  if (usage.has(wanted) || usage.has(KEY_PURPOSE.anyExtendedKeyUsage)) return undefined;
  const name = keyPurposeName(wanted);
  return {
    code: 'extended-key-usage',
    certificate: node,
    field: extensionField('extKeyUsage'),
    element: usage.element,
    found: usage.purposes.map(({ oid }) => keyPurposeName(oid)).join(', ') || 'an empty list',
    required: name,
    message:
      role === 'leaf'
        ? `The certificate is not for ${purpose === 'server' ? 'servers' : 'clients'}: its extKeyUsage lacks ${name}`
        : `${node.label} may not issue ${purpose} certificates: its extKeyUsage lacks ${name}`,
    section: '4.2.1.12',
  };
}

// RFC 5280 §4.2.1.12: "Key usage bits that may be consistent".
const FITTING: Readonly<Record<'server' | 'client', readonly KeyUsageName[]>> = {
  server: ['digitalSignature', 'keyEncipherment', 'keyAgreement'],
  client: ['digitalSignature', 'keyAgreement'],
};

function usageProblem(node: ParsedCertificate, question: PathQuestion): Problem | undefined {
  const usage = node.certificate.get(keyUsage);
  if (usage === undefined) return undefined;
  const { purpose, settings } = question;
  const missing = question.keyUsage.filter((bit) => !usage.names.has(bit));
  const fitting = purpose === 'any' || !settings.keyUsageFitsPurpose ? undefined : FITTING[purpose];
  const unfit = fitting !== undefined && !fitting.some((bit) => usage.names.has(bit));
  if (missing.length === 0 && !unfit) return undefined;
  const required = missing.length > 0 ? missing.join(' and ') : fitting!.join(' or ');
  return {
    code: 'key-usage',
    certificate: node,
    field: extensionField('keyUsage'),
    element: usage.element,
    found: [...usage.names].join(', ') || 'no usage at all',
    required,
    message: `The certificate's key may not be used for this: its keyUsage lacks ${required}`,
    section: '4.2.1.3',
  };
}
