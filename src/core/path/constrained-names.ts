import { DerError } from '../der/errors.ts';
import type { Element } from '../der/element.ts';
import { readString } from '../der/strings.ts';
import { TAG } from '../der/tags.ts';
import { subjectAltName } from '../x509/extensions/subject-alt-name.ts';
import type { GeneralName } from '../x509/general-name.ts';
import { ATTRIBUTE, type Name, canonicalRdn } from '../x509/name.ts';
import { dnsNameFault, lowerAscii, isWithin } from './names/dns-name.ts';
import { formatIpAddress, hasContiguousMask, isInNetwork, mappedIpv4 } from './names/ip-address.ts';
import { type Mailbox, parseHost, parseMailbox } from './names/mailbox.ts';
import { hostOfUri } from './names/uri-host.ts';
import type { ParsedCertificate } from './parsed-certificate.ts';
import type { PathSettings } from './settings.ts';

/** RFC 9598: an e-mail address whose local part may hold any character. */
export const SMTP_UTF8_MAILBOX = '1.3.6.1.5.5.7.8.9';

/** What may be compared with what: the choice of GeneralName, with the type of an otherName. */
export type NameForm = Exclude<GeneralName['kind'], 'otherName'> | `otherName ${string}`;

/** The base of one GeneralSubtree, read once. */
export interface Subtree {
  readonly form: NameForm;
  readonly text: string;
  /** `all`: the name may be it, but cannot be shown to lie in it, because nobody can compare this form. */
  readonly base:
    | { readonly kind: 'domain'; readonly domain: string; readonly onlyBelow: boolean; readonly exact: boolean }
    | { readonly kind: 'mailbox'; readonly mailbox: Mailbox }
    | { readonly kind: 'network'; readonly network: Uint8Array }
    | { readonly kind: 'directory'; readonly rdns: readonly string[] }
    | { readonly kind: 'incomparable' };
}

/** A name of a certificate, to be held against subtrees. */
export interface ConstrainedName {
  readonly form: NameForm;
  readonly element: Element | undefined;
  readonly text: string;
  /** Every name that this one stands for lies in the subtree: what a permitted subtree demands. */
  isIn(subtree: Subtree): boolean;
  /** This name, or one that it stands for, may lie in the subtree: what an excluded subtree forbids. */
  mayBeIn(subtree: Subtree): boolean;
}

/** A subtree base, or why it cannot be applied. */
export function readSubtreeBase(base: GeneralName, settings: PathSettings): Subtree | string {
  const form = formOf(base);
  switch (base.kind) {
    case 'dNSName':
      if (settings.noLeadingDotInDnsConstraints && base.value.startsWith('.')) {
        return `${JSON.stringify(base.value)} begins with a dot, which a host name does not`;
      }
      return domainSubtree(form, base.value, false);
    case 'uniformResourceIdentifier':
      // "The constraint MUST be specified as a fully qualified domain name", or one with a leading dot.
      return domainSubtree(form, base.value, true);
    case 'rfc822Name': {
      if (!base.value.includes('@')) return domainSubtree(form, base.value, true);
      const mailbox = parseMailbox(base.value);
      if (mailbox === undefined) return `${JSON.stringify(base.value)} is no e-mail address`;
      return { form, text: base.value, base: { kind: 'mailbox', mailbox } };
    }
    case 'iPAddress': {
      const half = base.octets.length >> 1;
      const text = `${formatIpAddress(base.octets.subarray(0, half))}/${formatIpAddress(base.octets.subarray(half))}`;
      if (!hasContiguousMask(base.octets)) return `${text} is no network`;
      return { form, text, base: { kind: 'network', network: base.octets } };
    }
    case 'directoryName': {
      const rdns = base.name.rdns.map(canonicalRdn);
      return { form, text: base.name.toString(), base: { kind: 'directory', rdns } };
    }
    default:
      return { form, text: form, base: { kind: 'incomparable' } };
  }
}

const formOf = (name: GeneralName): NameForm => (name.kind === 'otherName' ? `otherName ${name.typeId}` : name.kind);

// Our reading: a leading dot, which §4.2.1.10 knows for hosts of URIs and mail only, means the same for dNSName where
// it is let through at all: OpenSSL and NSS read it so.
function domainSubtree(form: NameForm, value: string, exact: boolean): Subtree | string {
  const onlyBelow = value.startsWith('.');
  const domain = lowerAscii(onlyBelow ? value.slice(1) : value);
  if (value !== '' && parseHost(domain) === undefined) return `${JSON.stringify(value)} is no domain`;
  return { form, text: value === '' ? 'everything' : value, base: { kind: 'domain', domain, onlyBelow, exact } };
}

/**
 * RFC 5280 §4.2.1.10: the subject, its e-mail addresses where no subjectAltName has any, and every subjectAltName.
 * Of a certificate `isLast` in its path also the common name, where the settings say so.
 */
export function constrainedNames(
  { certificate }: ParsedCertificate,
  settings: PathSettings,
  isLast: boolean,
): ConstrainedName[] {
  const names: ConstrainedName[] = [];
  if (!certificate.subject.isEmpty) names.push(directoryName(certificate.subject, certificate.subject.element));
  const alternatives = certificate.get(subjectAltName)?.names ?? [];
  for (const name of alternatives) names.push(...ofGeneralName(name));
  if (!alternatives.some(({ kind }) => kind === 'rfc822Name')) {
    for (const attribute of certificate.subject.all(ATTRIBUTE.EMAIL_ADDRESS)) {
      names.push(mailboxName(attribute.text, attribute.element, false));
    }
  }
  if (settings.commonNameIsHostName && isLast && !alternatives.some(({ kind }) => kind === 'dNSName')) {
    for (const { text, element } of certificate.subject.all(ATTRIBUTE.CN)) {
      // "Sensor CA" is no host name, and neither is a single label: OpenSSL looks for a dot, too.
      if (text.includes('.') && dnsNameFault(text, false) === undefined) names.push(dnsName(text, element));
    }
  }
  return names;
}

function ofGeneralName(name: GeneralName): ConstrainedName[] {
  switch (name.kind) {
    case 'dNSName':
      return [dnsName(name.value, name.element)];
    case 'rfc822Name':
      return [mailboxName(name.value, name.element, false)];
    case 'uniformResourceIdentifier':
      return [uriName(name.value, name.element)];
    case 'directoryName':
      return [directoryName(name.name, name.element)];
    case 'iPAddress':
      return [ipName(name.octets, name.element)];
    case 'otherName': {
      const other = incomparable(formOf(name), name.element);
      // RFC 9598 §6: constraints on rfc822Name apply to SmtpUTF8Mailbox too.
      return name.typeId === SMTP_UTF8_MAILBOX
        ? [mailboxName(smtpUtf8Mailbox(name.value) ?? '', name.element, true), other]
        : [other];
    }
    default:
      return [incomparable(name.kind, name.element)];
  }
}

/** The text of a SmtpUTF8Mailbox ::= UTF8String (SIZE (1..MAX)); undefined where it is none. */
export function smtpUtf8Mailbox(value: Element): string | undefined {
  if (value.tag !== TAG.UTF8_STRING) return undefined;
  try {
    return readString(value, 'SmtpUTF8Mailbox');
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

/** RFC 5280: "either process the constraint or reject the certificate". */
const incomparable = (form: NameForm, element: Element): ConstrainedName => ({
  form,
  element,
  text: form,
  isIn: () => false,
  mayBeIn: () => true,
});

function same(form: NameForm, element: Element, text: string, test: (subtree: Subtree) => boolean): ConstrainedName {
  return { form, element, text, isIn: test, mayBeIn: test };
}

function dnsName(value: string, element: Element): ConstrainedName {
  // What cannot be read is inside nothing that is permitted, and perhaps inside what is excluded: a reader may drop a
  // final dot, or stop at a character that we do not know.
  if (dnsNameFault(value, false) !== undefined) return { ...incomparable('dNSName', element), text: value };
  const name = lowerAscii(value);
  if (!name.includes('*')) {
    return same('dNSName', element, value, ({ base }) => base.kind === 'domain' && hostIsIn(name, base));
  }
  const labels = name.split('.');
  const within = (base: Subtree['base'], wildcardCounts: boolean): boolean => {
    if (base.kind !== 'domain') return false;
    if (base.domain === '') return true;
    const wanted = base.domain.split('.');
    const extra = labels.length - wanted.length;
    if (extra < (base.onlyBelow ? 1 : 0)) return false;
    // A wildcard label that stands where the subtree has a label of its own might or might not be that label.
    return wanted.every((label, i) => {
      const own = labels[extra + i]!;
      return own === label || (wildcardCounts && own.includes('*'));
    });
  };
  return {
    form: 'dNSName',
    element,
    text: value,
    isIn: ({ base }) => within(base, false),
    mayBeIn: ({ base }) => within(base, true),
  };
}

function hostIsIn(host: string, base: Extract<Subtree['base'], { kind: 'domain' }>): boolean {
  if (base.domain === '') return true;
  if (base.onlyBelow) return host !== base.domain && isWithin(host, base.domain);
  return base.exact ? host === base.domain : isWithin(host, base.domain);
}

function mailboxName(value: string, element: Element, utf8: boolean): ConstrainedName {
  const mailbox = parseMailbox(value, utf8);
  // An address that cannot be read is inside nothing that is permitted, and perhaps inside what is excluded.
  if (mailbox === undefined) return { ...incomparable('rfc822Name', element), text: value };
  return same('rfc822Name', element, value, ({ base }) => {
    if (base.kind === 'domain') return hostIsIn(mailbox.domain, base);
    if (base.kind !== 'mailbox') return false;
    return base.mailbox.localPart === mailbox.localPart && base.mailbox.domain === mailbox.domain;
  });
}

function uriName(value: string, element: Element): ConstrainedName {
  const host = hostOfUri(value);
  // "…if a URI does not include an authority component with a host name, the certificate MUST be rejected".
  if (host === undefined) return { ...incomparable('uniformResourceIdentifier', element), text: value };
  return same(
    'uniformResourceIdentifier',
    element,
    value,
    ({ base }) => base.kind === 'domain' && hostIsIn(host, base),
  );
}

function ipName(octets: Uint8Array, element: Element): ConstrainedName {
  const isIn = ({ base }: Subtree): boolean => base.kind === 'network' && isInNetwork(octets, base.network);
  const mapped = mappedIpv4(octets);
  return {
    form: 'iPAddress',
    element,
    text: formatIpAddress(octets),
    isIn,
    // ::ffff:10.0.0.1 reaches 10.0.0.1.
    mayBeIn: (subtree) =>
      isIn(subtree) ||
      (mapped !== undefined && subtree.base.kind === 'network' && isInNetwork(mapped, subtree.base.network)),
  };
}

function directoryName(name: Name, element: Element): ConstrainedName {
  const rdns = name.rdns.map(canonicalRdn);
  return same('directoryName', element, name.toString(), ({ base }) => {
    return base.kind === 'directory' && base.rdns.every((rdn, i) => rdn === rdns[i]);
  });
}
