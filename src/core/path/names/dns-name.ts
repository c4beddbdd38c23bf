/** What is wrong with a presented dNSName; undefined for a good one. A `*` may be its whole leftmost label. */
export function dnsNameFault(value: string, preferredSyntax: boolean): string | undefined {
  if (value === '') return 'it is empty';
  if (value.length > 253) return `it has ${value.length} characters, more than 253`;
  const labels = value.split('.');
  for (const [index, label] of labels.entries()) {
    if (label === '') return index === 0 ? 'it begins with a dot' : 'a label is empty';
    if (label.length > 63) return `a label has ${label.length} characters, more than 63`;
    if (label.includes('*')) continue;
    const bad = /[^A-Za-z0-9_-]/.exec(label)?.[0];
    if (bad !== undefined) return `${JSON.stringify(bad)} cannot stand in a DNS name`;
    // RFC 1034 §3.5 as changed by RFC 1123 §2.1.
    if (preferredSyntax && label.includes('_')) return 'an underscore is not allowed in a host name';
    if (preferredSyntax && (label.startsWith('-') || label.endsWith('-')))
      return 'a label begins or ends with a hyphen';
  }
  return undefined;
}

/** Lower case by ASCII alone: DNS compares no other letters. */
export const lowerAscii = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** `name` is `domain` or lies below it; both in lower case, `domain` without a leading dot. */
export function isWithin(name: string, domain: string): boolean {
  if (domain === '') return true;
  if (!name.endsWith(domain)) return false;
  return name.length === domain.length || name[name.length - domain.length - 1] === '.';
}

/**
 * RFC 9525 §6.3: the leftmost label of a presented name may be a lone `*`, which stands for exactly one label.
 * Both in lower case and checked.
 */
export function matchesDnsName(presented: string, reference: string): boolean {
  if (!presented.includes('*')) return presented === reference;
  if (!presented.startsWith('*.') || presented.includes('*', 1)) return false;
  const dot = reference.indexOf('.');
  return dot > 0 && reference.slice(dot) === presented.slice(1);
}

/**
 * A reference name as DNS knows it: A-labels, lower case, no final dot (which only says that the name is complete).
 * Undefined where it is no host name.
 */
export function referenceDnsName(value: string): string | undefined {
  const complete = value.endsWith('.') ? value.slice(0, -1) : value;
  const ascii = toAsciiLabels(complete);
  if (ascii === undefined || ascii.includes('*') || dnsNameFault(ascii, false) !== undefined) return undefined;
  // An IP address is no DNS name (RFC 9525 §6.5); a host name's last label is never all digits (RFC 1123 §2.1).
  return /(^|\.)\d+$/.test(ascii) ? undefined : lowerAscii(ascii);
}

// RFC 5890: U-labels are compared as A-labels. The URL parser of every platform converts them (UTS 46).
function toAsciiLabels(name: string): string | undefined {
  // eslint-disable-next-line no-control-regex -- the whole of ASCII
  if (/^[\u0000-\u007f]*$/.test(name)) return name;
  if (/[/?#@:\\[\]%\s]/.test(name)) return undefined;
  try {
    return new URL(`http://${name}/`).hostname;
  } catch {
    return undefined;
  }
}
