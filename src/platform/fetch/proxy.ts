import { addressOctets, plainHost } from './address-guard.ts';

/** An HTTP proxy; `authorization` is the value of Proxy-Authorization. */
export interface Proxy {
  /** `http://proxy.contoso.com:3128`, without user-info: fit for messages. */
  readonly origin: string;
  readonly authorization: string | undefined;
}

/** Which proxy each host is asked through. */
export interface ProxySettings {
  readonly proxy: Proxy | undefined;
  /** As in the variable no_proxy. */
  readonly except: readonly string[];
}

export const NO_PROXY: ProxySettings = { proxy: undefined, except: [] };

export class ProxyUrlError extends Error {
  override readonly name = 'ProxyUrlError';
}

/** A proxy that somebody named; it serves every host. @throws {ProxyUrlError} */
export function explicitProxy(url: string): ProxySettings {
  return { proxy: readProxyUrl(url, 'The proxy'), except: [] };
}

/** From http_proxy and no_proxy, as curl reads them. @throws {ProxyUrlError} */
export function proxyFromEnvironment(environment: Readonly<Record<string, string | undefined>>): ProxySettings {
  // HTTP_PROXY in capitals can be set by any client of a CGI program (httpoxy); curl reads the small one only, too.
  const url = environment['http_proxy'] || environment['all_proxy'];
  if (!url) return NO_PROXY;
  const except = (environment['no_proxy'] ?? environment['NO_PROXY'] ?? '').split(/[\s,]+/).filter(Boolean);
  return { proxy: readProxyUrl(url, 'The proxy of the environment variable http_proxy'), except };
}

function readProxyUrl(text: string, who: string): Proxy {
  const whole = text.includes('://') ? text : `http://${text}`;
  // Never the text itself: it can hold a password.
  if (!URL.canParse(whole)) throw new ProxyUrlError(`${who} is no URL. Write it like http://proxy.contoso.com:3128`);
  const parsed = new URL(whole);
  if (parsed.protocol !== 'http:') {
    throw new ProxyUrlError(`${who} begins with ${parsed.protocol}// where http:// is needed: http://${parsed.host}`);
  }
  const { username, password } = parsed;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    origin: parsed.origin,
    authorization: username === '' ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`,
  };
}

/** The proxy that `url` is asked through; undefined: directly. */
export function proxyFor(url: URL, settings: ProxySettings): Proxy | undefined {
  const host = plainHost(url.hostname);
  return settings.except.some((entry) => isExcept(host, url.port || '80', entry)) ? undefined : settings.proxy;
}

// `*`, a host, `.domain` or `domain` with everything below, an address, a network in CIDR form; each with `:port`.
function isExcept(host: string, port: string, entry: string): boolean {
  if (entry === '*') return true;
  const [, name = '', wantedPort] = /^(\[[^\]]*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (wantedPort !== undefined && wantedPort !== port) return false;
  const plain = plainHost(name).replace(/^\*?\./, '');
  if (plain.includes('/')) return isInNetwork(host, plain);
  return host === plain || host.endsWith(`.${plain}`);
}

function isInNetwork(host: string, network: string): boolean {
  const [base = '', length = ''] = network.split('/');
  const [address, prefix] = [addressOctets(host), addressOctets(base)];
  const bits = Number(length);
  if (address === undefined || prefix === undefined || address.length !== prefix.length) return false;
  const isSet = (octets: readonly number[], bit: number): number => (octets[bit >> 3]! >> (7 - (bit & 7))) & 1;
  for (let bit = 0; bit < bits; bit++) if (isSet(address, bit) !== isSet(prefix, bit)) return false;
  return bits <= address.length * 8;
}
