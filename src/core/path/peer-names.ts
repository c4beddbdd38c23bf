import type { GeneralName } from '../x509/general-name.ts';
import { subjectAltName } from '../x509/extensions/subject-alt-name.ts';
import { SMTP_UTF8_MAILBOX, smtpUtf8Mailbox } from './constrained-names.ts';
import { dnsNameFault, lowerAscii, matchesDnsName, referenceDnsName } from './names/dns-name.ts';
import { formatIpAddress, parseIpAddress } from './names/ip-address.ts';
import { parseHost, parseMailbox } from './names/mailbox.ts';
import type { ParsedCertificate } from './parsed-certificate.ts';
import type { Problem } from './problem.ts';
import type { PeerName } from './question.ts';

const WORDS = { dns: 'the host name', ip: 'the IP address', email: 'the e-mail address' } as const;
const SECTIONS = { dns: 'RFC 9525 §6.3', ip: 'RFC 9525 §6.5', email: 'RFC 9598 §5' } as const;

/** RFC 9525: the names in subjectAltName alone count; the common name is never looked at. */
export function peerNameProblem(node: ParsedCertificate, peer: PeerName): Problem | undefined {
  const names = node.certificate.get(subjectAltName)?.names ?? [];
  const matches = matcherOf(peer);
  if (matches !== undefined && names.some(matches)) return undefined;
  const shown = names.map(showName);
  const list = shown.length > 8 ? [...shown.slice(0, 8), `… (${shown.length} names)`] : shown;
  return {
    code: 'peer-name',
    certificate: node,
    field: 'tbsCertificate.extensions.subjectAltName',
    element: node.certificate.extensions.find(subjectAltName.oid)?.element,
    found: list.length === 0 ? 'no subjectAltName' : list.join(', '),
    required: `${WORDS[peer.kind]} ${peer.value}`,
    message:
      matches === undefined
        ? `${JSON.stringify(peer.value)} cannot be ${WORDS[peer.kind].replace('the', 'an').replace('an host', 'a host')}`
        : `The certificate does not carry ${WORDS[peer.kind]} ${peer.value}`,
    section: SECTIONS[peer.kind],
  };
}

/** Undefined where the reference is no such name at all: nothing can match it. */
function matcherOf({ kind, value }: PeerName): ((name: GeneralName) => boolean) | undefined {
  if (kind === 'dns') {
    const reference = referenceDnsName(value);
    if (reference === undefined) return undefined;
    return (name) =>
      name.kind === 'dNSName' &&
      dnsNameFault(name.value, false) === undefined &&
      matchesDnsName(lowerAscii(name.value), reference);
  }
  if (kind === 'ip') {
    const reference = parseIpAddress(value);
    return reference && ((name) => name.kind === 'iPAddress' && sameOctets(name.octets, reference));
  }
  return emailMatcher(value);
}

// RFC 5280 §7.5, RFC 9598 §5: local parts octet by octet, domains by letters; U-labels of the reference as A-labels.
function emailMatcher(value: string): ((name: GeneralName) => boolean) | undefined {
  const at = value.lastIndexOf('@');
  const host = referenceDnsName(value.slice(at + 1));
  if (at < 1 || host === undefined || parseHost(host) === undefined) return undefined;
  const localPart = value.slice(0, at);
  return (name) => {
    const text = mailboxText(name);
    const mailbox = text && parseMailbox(text, name.kind === 'otherName');
    return mailbox ? mailbox.localPart === localPart && mailbox.domain === host : false;
  };
}

function mailboxText(name: GeneralName): string | undefined {
  if (name.kind === 'rfc822Name') return name.value;
  return name.kind === 'otherName' && name.typeId === SMTP_UTF8_MAILBOX ? smtpUtf8Mailbox(name.value) : undefined;
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i]);
}

function showName(name: GeneralName): string {
  switch (name.kind) {
    case 'dNSName':
    case 'rfc822Name':
    case 'uniformResourceIdentifier':
      return name.value;
    case 'iPAddress':
      return formatIpAddress(name.octets);
    case 'directoryName':
      return name.name.toString();
    default:
      return name.kind;
  }
}
