import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { open, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { Agent, type Dispatcher } from 'undici';
import { type FetchPolicy, forbiddenKind, isListed, plainHost } from './address-guard.ts';
import { forbiddenFailure, guardHost, readCrlUrl } from './crl-url.ts';
import { dnsFailure, FetchFailure, networkFailure, timeoutFailure } from './failure.ts';
import { type Proxy, proxyFor, type ProxySettings } from './proxy.ts';

/** What one download may cost. Milliseconds and bytes. */
export interface FetchLimits {
  readonly connect: number;
  /** From the request to the end of the headers. */
  readonly headers: number;
  readonly total: number;
  /** Once nothing has come for so long, no further URL of the same errand is asked. */
  readonly patience: number;
  /** After `slowAfter`, less than this many bytes a second on average is given up: a server that drips holds nobody. */
  readonly slowest: number;
  readonly slowAfter: number;
  readonly bytes: number;
  readonly redirects: number;
}

// A CRL of 2.5 million entries has 100 MB; over a line of 4 Mbit/s that takes 200 s.
export const FETCH_LIMITS: FetchLimits = {
  connect: 10_000,
  headers: 15_000,
  total: 300_000,
  // Two servers that do not answer: a third and a fourth would be waited for no less in vain.
  patience: 25_000,
  slowest: 1024,
  slowAfter: 10_000,
  bytes: 100 * 1024 * 1024,
  redirects: 3,
};

export interface Address {
  readonly address: string;
  readonly family: number;
}

export interface DownloadSettings {
  readonly policy: FetchPolicy;
  readonly proxies: ProxySettings;
  readonly limits: FetchLimits;
  /** Where the body is written while it comes. */
  readonly folder: string;
  /** All addresses of a host name; by default those of the system's resolver. */
  readonly resolve?: ((host: string) => Promise<readonly Address[]>) | undefined;
}

export interface DownloadRequest {
  readonly url: string;
  readonly anchored: boolean;
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

export type Download =
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'body';
      /** The caller removes it. */
      readonly file: string;
      readonly etag: string | undefined;
      readonly lastModified: string | undefined;
    };

/** Fetches one body into a file, redirects followed. @throws {FetchFailure} */
export async function download(request: DownloadRequest, settings: DownloadSettings): Promise<Download> {
  const { limits } = settings;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(overdue(limits.total)), limits.total);
  try {
    let url = readCrlUrl(request.url);
    for (let hop = 0; ; hop++) {
      const answer = await oneHop(url, request, settings, abort);
      if (!('redirect' in answer)) return answer;
      if (hop === limits.redirects) throw tooManyRedirects(limits.redirects);
      url = redirectTarget(answer.redirect, url);
    }
  } finally {
    clearTimeout(timer);
  }
}

const overdue = (total: number): FetchFailure =>
  timeoutFailure(`The CRL did not come within ${Math.round(total / 1000)} s`);

const tooManyRedirects = (most: number): FetchFailure =>
  new FetchFailure(
    'redirects',
    `The server redirects more than ${most} times; it may go round in a circle.`,
    'Have the certificate name the URL where the CRL really lies.',
  );

function redirectTarget(location: string, from: URL): URL {
  if (!URL.canParse(location, from.href)) {
    throw new FetchFailure('redirects', `${from.host} redirects to something that is no URL.`, 'Repair the redirect.');
  }
  const target = new URL(location, from);
  try {
    return readCrlUrl(target.href);
  } catch (error) {
    if (!(error instanceof FetchFailure)) throw error;
    throw new FetchFailure(error.code, `${from.host} redirects. ${error.message}`, error.fix);
  }
}

type HopAnswer = Download | { readonly redirect: string };

async function oneHop(
  url: URL,
  request: DownloadRequest,
  settings: DownloadSettings,
  abort: AbortController,
): Promise<HopAnswer> {
  guardHost(url, settings.policy, request.anchored);
  const proxy = proxyFor(url, settings.proxies);
  // Behind a proxy names are resolved there, and only the proxy's own address is known here.
  const pinned = proxy === undefined ? await resolveAndCheck(url.hostname, settings, abort.signal) : undefined;
  const agent = new Agent({
    connect: { timeout: settings.limits.connect, ...(pinned === undefined ? {} : { lookup: answering(pinned) }) },
    connections: 1,
    maxHeaderSize: 16 * 1024,
  });
  try {
    const response = await agent.request({
      origin: proxy?.origin ?? url.origin,
      // RFC 9112 §3.2.2: a proxy is sent the whole URL.
      path: proxy === undefined ? url.pathname + url.search : `${url.origin}${url.pathname}${url.search}`,
      method: 'GET',
      headers: headersFor(url, request, proxy),
      headersTimeout: settings.limits.headers,
      bodyTimeout: settings.limits.headers,
      signal: abort.signal,
    });
    response.body.on('error', () => {});
    return await readAnswer(response, {
      url,
      proxy,
      settings,
      abort,
      conditional: request.etag !== undefined || request.lastModified !== undefined,
    });
  } catch (error) {
    if (abort.signal.aborted && abort.signal.reason instanceof FetchFailure) throw abort.signal.reason;
    if (error instanceof FetchFailure) throw error;
    throw networkFailure(error, url.host, proxy?.origin);
  } finally {
    await agent.destroy();
  }
}

const headersFor = (url: URL, request: DownloadRequest, proxy: Proxy | undefined): Record<string, string> => ({
  host: url.host,
  accept: 'application/pkix-crl, */*;q=0.5',
  // Compressed, a small answer could become a large one.
  'accept-encoding': 'identity',
  'user-agent': 'certgate',
  ...(request.etag === undefined ? {} : { 'if-none-match': request.etag }),
  ...(request.lastModified === undefined ? {} : { 'if-modified-since': request.lastModified }),
  ...(proxy?.authorization === undefined ? {} : { 'proxy-authorization': proxy.authorization }),
});

/** The addresses that may be connected to; resolved once, so that what was checked is what is asked. */
async function resolveAndCheck(
  hostname: string,
  { policy, resolve }: DownloadSettings,
  signal: AbortSignal,
): Promise<readonly Address[]> {
  const host = plainHost(hostname);
  const family = isIP(host);
  const addresses = family === 0 ? await resolved(host, resolve, signal) : [{ address: host, family }];
  if (isListed(host, policy)) return addresses;
  const allowed = addresses.filter(({ address }) => forbiddenKind(address, policy) === undefined);
  const first = addresses[0];
  if (first === undefined) throw dnsFailure(host, 'no address');
  if (allowed.length === 0) throw forbiddenFailure(host, forbiddenKind(first.address, policy)!);
  return allowed;
}

async function resolved(
  host: string,
  resolve: DownloadSettings['resolve'],
  signal: AbortSignal,
): Promise<readonly Address[]> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  aborted.catch(() => {});
  try {
    return await Promise.race([(resolve ?? systemResolver)(host), aborted]);
  } catch (error) {
    throw error instanceof FetchFailure ? error : networkFailure(error, host, undefined);
  }
}

const systemResolver = (host: string): Promise<Address[]> => lookup(host, { all: true });

const answering = (addresses: readonly Address[]): LookupFunction =>
  ((_host, options, done) => {
    if (options.all === true) done(null, [...addresses]);
    else done(null, addresses[0]!.address, addresses[0]!.family);
  }) as LookupFunction;

interface Transfer {
  readonly url: URL;
  readonly proxy: Proxy | undefined;
  readonly settings: DownloadSettings;
  readonly abort: AbortController;
  readonly conditional: boolean;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

async function readAnswer(response: Dispatcher.ResponseData, transfer: Transfer): Promise<HopAnswer> {
  const { statusCode, headers } = response;
  const header = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  const location = header('location');
  if (REDIRECTS.has(statusCode) && location !== undefined) return { redirect: location };
  if (statusCode === 304 && transfer.conditional) return { kind: 'unchanged' };
  if (statusCode !== 200) throw statusFailure(statusCode, transfer);
  const encoding = header('content-encoding');
  if (encoding !== undefined && encoding !== 'identity') {
    throw new FetchFailure(
      'not-a-crl',
      `${transfer.url.host} sends the CRL compressed although it was asked not to.`,
      'Switch off compression for CRLs at the server.',
    );
  }
  const { bytes: most } = transfer.settings.limits;
  if (Number(header('content-length') ?? 0) > most) throw tooLarge(transfer.url, most);
  const file = await writeBody(response.body, transfer);
  return { kind: 'body', file, etag: header('etag'), lastModified: header('last-modified') };
}

function statusFailure(status: number, { url, proxy }: Transfer): FetchFailure {
  if (status === 407) {
    return new FetchFailure(
      'proxy',
      `The proxy ${proxy?.origin ?? url.host} asks for a user name and password (status 407).`,
      'Name the proxy with them: --crl-proxy http://USER:PASSWORD@HOST:PORT.',
    );
  }
  // RFC 9110 §15.6: what a gateway says about the server behind it.
  const byProxy = proxy !== undefined && status >= 500;
  return new FetchFailure(
    'http-status',
    byProxy
      ? `The answer to ${url.host} through the proxy ${proxy.origin} is status ${status}: the CRL server failed, or the proxy cannot reach it.`
      : `${url.host} answers with status ${status} instead of a CRL.`,
    status === 404 || status === 410
      ? 'The CRL is not published there. Have the CA publish it, or compare the URL with the one the CA gives.'
      : `Look into the log of the CRL server; to compare: curl -sSI ${shownCommand(url)}`,
  );
}

const shownCommand = (url: URL): string => `'${url.href.replaceAll("'", '%27').slice(0, 300)}'`;

const tooLarge = (url: URL, most: number): FetchFailure =>
  new FetchFailure(
    'too-large',
    `The answer of ${url.host} is larger than ${Math.round(most / 1024 / 1024)} MiB; it was given up.`,
    'Where the CRL really is that large, fetch it by hand and give the file with --crl-file.',
  );

/** Streams the body into a new file, watching size and speed. */
async function writeBody(body: AsyncIterable<Uint8Array>, { url, settings, abort }: Transfer): Promise<string> {
  const { limits, folder } = settings;
  const path = join(folder, `${randomBytes(8).toString('hex')}.part`);
  let size = 0;
  const slow = watchSpeed(
    () => size,
    limits,
    () => {
      abort.abort(timeoutFailure(`${url.host} sends less than ${limits.slowest} bytes a second; it was given up`));
    },
  );
  const file = await open(path, 'wx', 0o600).catch(storageFailure);
  try {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > limits.bytes) throw tooLarge(url, limits.bytes);
      await file.write(chunk).catch(storageFailure);
    }
    await file.close();
    return path;
  } catch (error) {
    await file.close().catch(() => {});
    await rm(path, { force: true });
    throw error;
  } finally {
    clearInterval(slow);
  }
}

function watchSpeed(size: () => number, limits: FetchLimits, giveUp: () => void): NodeJS.Timeout {
  const start = performance.now();
  return setInterval(
    () => {
      const elapsed = performance.now() - start;
      if (elapsed >= limits.slowAfter && (size() / elapsed) * 1000 < limits.slowest) giveUp();
    },
    Math.min(1000, limits.slowAfter),
  );
}

function storageFailure(error: unknown): never {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  throw new FetchFailure(
    'storage',
    `The CRL came and could not be written to disk (${code}).`,
    'Make room, or name a writable folder.',
  );
}
