import { type Finding, type Report, STATUSES } from '../../core/base/finding.ts';
import type { Crypto } from '../../core/base/ports.ts';
import { createBundleChecker } from '../../core/check/check-bundle.ts';
import type { CheckOptions } from '../../core/check/options.ts';
import { narrowed } from '../../core/check/report.ts';
import { DerError } from '../../core/der/errors.ts';
import { readBitStringOctets } from '../../core/der/values.ts';
import { isIpAddress, judgeDnsName } from '../../core/requirements/host-name.ts';
import { type CertificationRequest, parseCsr } from '../../core/x509/csr.ts';
import { authorityKeyIdentifier } from '../../core/x509/extensions/authority-key-identifier.ts';
import { subjectAltName } from '../../core/x509/extensions/subject-alt-name.ts';
import { subjectKeyIdentifier } from '../../core/x509/extensions/subject-key-identifier.ts';
import { ATTRIBUTE, type Name } from '../../core/x509/name.ts';
import { resolveSignature } from '../../core/x509/signature-scheme.ts';
import { randomSerialNumber, signCertificate } from './certificate-fields.ts';
import { authorityKeyIdentifierExtension, subjectKeyIdentifierExtension } from '../encode/extension-fields.ts';
import { keyIdentifier } from './key-identifier.ts';
import { encodeName, VENDOR_ORDER } from '../encode/name-fields.ts';
import { nullValue, oid, sequence } from '../encode/der.ts';

/** What a request decides about the certificate that comes of it; the rest is the CA's. */
const RULES: ReadonlySet<string> = new Set([
  'crt-well-formed',
  'crt-subject-cn',
  'crt-subject-country',
  'crt-subject-organization',
  'crt-subject-org-unit',
  'crt-wildcard',
  'crt-public-key',
  'crt-subject-alt-name',
  'crt-key-usage',
  'crt-not-ca',
  'key-weak',
]);

/** With a key beside the request, also whether it is the request's. */
const RULES_ON_KEYS: readonly string[] = [
  'key-file',
  'key-passphrase',
  'key-matches-crt',
  'key-length',
  'key-passphrase-characters',
];

export interface RequestFiles {
  /** The request, DER. */
  readonly csr: Uint8Array;
  /** The key as it lies in its file. */
  readonly key?: Uint8Array | undefined;
  readonly passphrase?: string | Uint8Array | undefined;
}

export type RequestOptions = Pick<CheckOptions, 'profile' | 'hostname' | 'role'> & { readonly at: Date };

/**
 * Judges a request by the rules that its certificate will be judged by, as if a CA had signed it as it stands; and
 * whether the request itself is sound. Findings of the latter carry ids that begin with `csr-`.
 */
export async function checkRequest(
  name: string,
  files: RequestFiles,
  options: RequestOptions,
  crypto: Crypto,
): Promise<Report> {
  let own: Finding[];
  let trial: Uint8Array;
  try {
    const request = parseCsr(files.csr);
    trial = trialCertificate(request, options.at);
    own = requestFindings(request, crypto);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return unreadable(name, options, error);
  }
  const check = createBundleChecker(options, crypto);
  const { csr: _, ...withKey } = files;
  const full = await check({ crt: trial, ...withKey }, name);
  const rules = new Set([...RULES, ...(files.key === undefined ? [] : RULES_ON_KEYS)]);
  // What decides the verdict comes first, as in every report.
  const findings = [...own, ...full.findings].toSorted(
    (a, b) => STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status),
  );
  return narrowed({ ...full, findings }, new Set([...rules, ...own.map(({ rule }) => rule)]));
}

/** The certificate that a CA would make of the request by taking over what it says. Its signature is none. */
function trialCertificate(request: CertificationRequest, at: Date): Uint8Array {
  return signCertificate(
    {
      serialNumber: randomSerialNumber(),
      issuer: encodeName([[ATTRIBUTE.CN, 'the CA that will sign the request']]),
      notBefore: new Date(at.getTime() - 3_600_000),
      notAfter: new Date(at.getTime() + 365 * 86_400_000),
      subject: request.subject.element.der(),
      subjectPublicKeyInfo: request.subjectPublicKeyInfo.element.der(),
      extensions: [...request.extensions.list.map(({ element }) => element.der()), ...identifiersOf(request)],
    },
    { identifier: sequence(oid('1.2.840.113549.1.1.11'), nullValue()), sign: () => new Uint8Array(256) },
  );
}

/** What every CA adds; whether this one does is not for the request to say. */
function identifiersOf(request: CertificationRequest): Uint8Array[] {
  const identifier = keyIdentifier(request.subjectPublicKeyInfo.element.der());
  return [subjectKeyIdentifierExtension(identifier), authorityKeyIdentifierExtension(identifier)].filter(
    (_, i) => request.extensions.find(i === 0 ? subjectKeyIdentifier.oid : authorityKeyIdentifier.oid) === undefined,
  );
}

function requestFindings(request: CertificationRequest, crypto: Crypto): Finding[] {
  const order = outOfOrder(request.subject);
  return [
    ...signatureFindings(request, crypto),
    ...nameFindings(request),
    ...textFindings(request.subject),
    ...(order === undefined ? [] : [order]),
    ...(request.hasChallengePassword
      ? [
          {
            rule: 'csr-challenge-password',
            status: 'warning' as const,
            message: 'The request carries a challenge password, readable by everybody who sees the request.',
            fix: 'Make the request again without one, and do not use that password elsewhere.',
          },
        ]
      : []),
  ];
}

function signatureFindings(request: CertificationRequest, crypto: Crypto): Finding[] {
  const resolved = resolveSignature(request.signatureAlgorithm, request.subjectPublicKeyInfo);
  const rule = 'csr-signature';
  if (resolved.problem !== undefined) {
    return [
      { rule, status: 'unsupported', message: `The request's signature cannot be checked: ${resolved.problem}.` },
    ];
  }
  const signature = readBitStringOctets(request.signatureValue, 'signature');
  if (crypto.verify(resolved.scheme, resolved.key, request.tbs.der(), signature)) {
    return [{ rule, status: 'pass', message: 'The request is signed with the key that it is for.' }];
  }
  return [
    {
      rule,
      status: 'refused',
      message:
        'The request is not signed with the key that it names: it was changed after it was made, or damaged on the way.',
      fix: 'Make it again from its key, and send it as a file, not as text in a mail.',
    },
  ];
}

/** The names beside the CN, which no rule on certificates judges; a wildcard is left to `crt-wildcard`. */
function nameFindings({ subject, extensions }: CertificationRequest): Finding[] {
  const commonNames = subject.all(ATTRIBUTE.CN).map(({ text }) => text);
  return (extensions.get(subjectAltName)?.names ?? []).flatMap((name): Finding[] => {
    if (name.kind !== 'dNSName' || name.value.includes('*') || commonNames.includes(name.value)) return [];
    const judged = judgeDnsName(name.value);
    if (judged.kind !== 'bad') return [];
    const why = isIpAddress(name.value) ? 'it looks like an IP address and is none' : judged.why;
    return [
      {
        rule: 'csr-alternative-name',
        status: 'refused',
        found: name.value,
        message: `The other name "${name.value}" is neither a domain name nor an IP address: ${why}.`,
        fix: 'Correct it, or leave it out.',
      },
    ];
  });
}

// eslint-disable-next-line no-control-regex -- what cannot be seen or typed
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** A line break in a cell of a spreadsheet is not seen there, and would be signed. */
function textFindings(subject: Name): Finding[] {
  return subject.attributes.flatMap(({ oid, shortName, text }): Finding[] => {
    const found = CONTROL.test(text)
      ? 'a line break or another invisible character'
      : oid === ATTRIBUTE.EMAIL_ADDRESS && !/^[\x21-\x7e]+@[\x21-\x7e]+$/.test(text)
        ? 'what no e-mail address has'
        : undefined;
    if (found === undefined) return [];
    return [
      {
        rule: 'csr-subject-text',
        status: 'refused',
        found: text,
        message: `The field ${shortName} of the subject holds ${found}: "${text}".`,
        fix: 'Type it anew, in one line.',
      },
    ];
  });
}

/** The vendor's sample has C, ST, L, O, OU, CN, emailAddress; "same fields, same order" is how people compare. */
function outOfOrder(subject: Name): Finding | undefined {
  const ranks = subject.attributes.map(({ oid }) => VENDOR_ORDER.indexOf(oid)).filter((rank) => rank >= 0);
  if (ranks.every((rank, i) => i === 0 || rank >= ranks[i - 1]!)) return undefined;
  return {
    rule: 'csr-field-order',
    status: 'warning',
    found: subject.toString(),
    required: 'C, ST, L, O, OU, CN, emailAddress',
    message:
      "The fields of the subject stand in another order than in the vendor's sample. The appliance does not mind; people who compare the two do.",
    fix: 'certgate csr new writes them in that order.',
  };
}

function unreadable(name: string, { profile, at }: RequestOptions, error: DerError): Report {
  return {
    bundle: name,
    profile: typeof profile === 'string' ? profile : (profile?.id ?? 'defender-iot'),
    at: at.toISOString().replace(/\.\d+Z$/, 'Z'),
    trust: 'none',
    verdict: 'refused',
    complete: true,
    notChecked: [],
    findings: [
      {
        rule: 'csr-well-formed',
        status: 'refused',
        message: `The request is damaged: ${error.message}.`,
        fix: 'Make it again from its key.',
      },
    ],
  };
}
