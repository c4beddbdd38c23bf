import { dnsNameFault, lowerAscii } from './dns-name.ts';

/** `Local-part "@" Domain` of RFC 5321 §4.1.2. */
export interface Mailbox {
  /** As written; case matters (RFC 5280 §7.5). */
  readonly localPart: string;
  /** In lower case, A-labels. */
  readonly domain: string;
}

const ATOMS = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
// RFC 6531 §3.3 adds every character outside ASCII to atoms.
const ATOMS_UTF8 =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]+)*$/u;
const QUOTED = /^"([\u0020\u0021\u0023-\u005b\u005d-\u007e]|\\[\u0020-\u007e])*"$/;

/** Undefined where the text is no mailbox. `utf8`: SmtpUTF8Mailbox of RFC 9598, else rfc822Name. */
export function parseMailbox(text: string, utf8 = false): Mailbox | undefined {
  const at = text.lastIndexOf('@');
  if (at < 1) return undefined;
  const localPart = text.slice(0, at);
  if (!(utf8 ? ATOMS_UTF8 : ATOMS).test(localPart) && !QUOTED.test(localPart)) return undefined;
  const domain = parseHost(text.slice(at + 1));
  return domain === undefined ? undefined : { localPart, domain };
}

/** A host name in lower case; undefined where it is none. RFC 9598 §4: A-labels only, never U-labels. */
export function parseHost(text: string): string | undefined {
  return text.includes('*') || dnsNameFault(text, false) !== undefined ? undefined : lowerAscii(text);
}
