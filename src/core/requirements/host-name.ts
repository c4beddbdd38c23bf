/** `odd` names are taken by much software and promised by nobody. */
export type DnsSyntax = { readonly kind: 'good' } | { readonly kind: 'odd' | 'bad'; readonly why: string };

const GOOD: DnsSyntax = { kind: 'good' };
const NUMERIC_TLD = /\.\d+\.?$/;

/**
 * RFC 1123 §2.1: letters, digits and dashes, no dash at either end of a label, here at least two labels of at most 63, the last
 * of which does not begin with a digit. Character by character: this runs on every certificate of a bulk run.
 */
function isPlainFullName(name: string): boolean {
  const end = name.endsWith('.') ? name.length - 1 : name.length;
  if (end > 253) return false;
  let start = 0;
  for (let i = 0; i < end; i++) {
    const c = name.charCodeAt(i);
    if (c === 0x2e) {
      if (i === start || i - start > 63 || name.charCodeAt(i - 1) === 0x2d) return false;
      start = i + 1;
    } else if (c === 0x2d) {
      if (i === start) return false;
    } else if (!((c >= 0x61 && c <= 0x7a) || (c >= 0x30 && c <= 0x39) || (c >= 0x41 && c <= 0x5a))) return false;
  }
  const first = name.charCodeAt(start);
  return start > 0 && end > start && end - start <= 63 && name.charCodeAt(end - 1) !== 0x2d && first > 0x39;
}

/** Judges a host name by the letter of RFC 1123 §2.1 and RFC 1035 §2.3.4 (label ≤ 63, name ≤ 253). */
export function judgeDnsName(name: string): DnsSyntax {
  if (isPlainFullName(name)) return GOOD;
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  if (bare.length > 253)
    return { kind: 'bad', why: `it has ${bare.length} characters, and 253 is the most a domain name can have` };
  if (NUMERIC_TLD.test(name)) return { kind: 'bad', why: 'its last part is a number' };
  for (const label of bare.split('.')) {
    if (label === '') return { kind: 'bad', why: 'it has an empty part (two dots in a row, or a dot in front)' };
    if (label.length > 63)
      return { kind: 'bad', why: `its part "${label}" has ${label.length} characters, and 63 is the most` };
    const odd = /[^\p{L}\p{M}\p{N}_-]/u.exec(label);
    if (odd !== null) return { kind: 'bad', why: `"${odd[0]}" cannot stand in a domain name` };
    if (label.startsWith('-') || label.endsWith('-'))
      return { kind: 'bad', why: `its part "${label}" starts or ends with a dash` };
  }
  if (/[^\x20-\x7e]/.test(bare))
    return { kind: 'odd', why: 'has letters outside ASCII; certificates carry the xn-- form' };
  if (bare.includes('_')) return { kind: 'odd', why: 'has an underscore, which host names do not' };
  return bare.includes('.') ? GOOD : { kind: 'odd', why: 'is a single word without a domain' };
}

/** Case and a final dot do not matter; an internationalised name equals its xn-- form. */
export const sameHost = (a: string, b: string): boolean => canonicalHost(a) === canonicalHost(b);

function canonicalHost(name: string): string {
  const bare = (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();
  if (!/[^\x20-\x7e]/.test(bare)) return bare;
  try {
    return new URL(`http://${bare}`).hostname;
  } catch {
    return bare;
  }
}

const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

export const isIpAddress = (text: string): boolean =>
  IPV4.test(text) || (text.includes(':') && /^\[?[0-9a-f:.]+\]?$/i.test(text));
