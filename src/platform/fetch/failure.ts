import type { CrlFailure, CrlFailureCode } from '../../core/base/ports.ts';

/** What goes wrong on the way to a CRL; caught by the fetcher and handed out as a `CrlFailure`. */
export class FetchFailure extends Error {
  override readonly name = 'FetchFailure';
  readonly code: CrlFailureCode;
  readonly fix: string;

  constructor(code: CrlFailureCode, message: string, fix: string) {
    super(message);
    this.code = code;
    this.fix = fix;
  }

  of(url: string): CrlFailure {
    return { code: this.code, url: shownUrl(url), message: this.message, fix: this.fix };
  }
}

/** A URL fit for a message: no password, and no character that a terminal could take for a command. */
export function shownUrl(url: string): string {
  const withoutSecret = url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1…@');
  const shown = withoutSecret.replace(/[^\u0021-\u007e]/g, '?');
  return shown.length > 300 ? `${shown.slice(0, 300)}…` : shown;
}

/** Turns what undici or the socket threw into its reason. */
export function networkFailure(error: unknown, host: string, proxy: string | undefined): FetchFailure {
  const code = codeOf(error);
  const through = proxy === undefined ? '' : ` through the proxy ${proxy}`;
  if (proxy !== undefined && isConnectFailure(code)) {
    return new FetchFailure(
      'proxy',
      `The proxy ${proxy} does not answer (${code}).`,
      'Check host and port of the proxy; name another with --crl-proxy http://HOST:PORT.',
    );
  }
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'ENODATA':
    case 'EAI_FAIL':
    case 'EAI_NONAME':
    case 'EAI_NODATA':
      return dnsFailure(host, code);
    case 'ECONNREFUSED':
      return new FetchFailure(
        'refused',
        `${host} refuses the connection: nothing listens at that port, or a firewall rejects it.`,
        `Check that the CRL server runs, and try: curl -sSI http://${host}/`,
      );
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
    case 'EACCES':
    case 'EPERM':
      return new FetchFailure(
        'unreachable',
        `There is no way from here to ${host} (${code}).`,
        'Check routes and firewall; where only a proxy leads out, name it with --crl-proxy http://HOST:PORT.',
      );
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
    case 'ETIMEDOUT':
      return timeoutFailure(`${host} did not answer in time${through}`);
    case 'UND_ERR_RES_EXCEEDED_MAX_SIZE':
    case 'UND_ERR_HEADERS_OVERFLOW':
    case 'HPE_HEADER_OVERFLOW':
      return new FetchFailure('interrupted', `${host} answers with headers that are too large${through}.`, SERVER_FIX);
    default:
      return new FetchFailure(
        'interrupted',
        `The answer of ${host}${through} broke off or is no HTTP (${code}).`,
        SERVER_FIX,
      );
  }
}

const SERVER_FIX = 'Look into the log of the CRL server; fetch it by hand to compare: curl -sS -o crl.der URL';

export const dnsFailure = (host: string, code: string): FetchFailure =>
  new FetchFailure(
    'dns',
    `The name ${host} cannot be resolved (${code}): the DNS that this computer asks does not know it.`,
    `Try: getent hosts ${host}. Where only a proxy can resolve it, name the proxy with --crl-proxy http://HOST:PORT.`,
  );

export const timeoutFailure = (what: string): FetchFailure =>
  new FetchFailure(
    'timeout',
    `${what}.`,
    'A firewall that drops packets looks like this, too. Check the way to the CRL server, or name a proxy with --crl-proxy http://HOST:PORT.',
  );

const isConnectFailure = (code: string): boolean =>
  /^(?:ENOTFOUND|EAI_.*|ENODATA|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/.test(code);

/** The first code in the chain of causes. */
function codeOf(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at instanceof AggregateError && at.errors.length > 0) return codeOf(at.errors[0]);
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return 'unknown error';
}
