import { parseHost } from './mailbox.ts';

/**
 * The host name of a URI's authority (RFC 3986 §3.2), in lower case; undefined where it has none, or an IP address,
 * which RFC 5280 §4.2.1.10 gives no way to constrain.
 */
export function hostOfUri(uri: string): string | undefined {
  const authority = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)/.exec(uri)?.[1];
  // A browser ends the host at a backslash, which RFC 3986 does not know: nobody can say which host is meant.
  if (authority === undefined || authority.includes('\\')) return undefined;
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '');
  const name = parseHost(host);
  return name === undefined || /(^|\.)\d+$/.test(name) ? undefined : name;
}
