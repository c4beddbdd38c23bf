import { homedir } from 'node:os';
import { join } from 'node:path';
import type { CrlFetcher } from '../platform/fetch/crl-fetcher.ts';
import type { FetchLimits } from '../platform/fetch/download.ts';
import { UsageError } from './failure.ts';

export interface CrlSourceOptions {
  /** The URL of an HTTP proxy; undefined: what http_proxy and no_proxy say. */
  readonly proxy?: string | undefined;
  /** Where CRLs are kept; undefined: the user's cache folder. */
  readonly folder?: string | undefined;
  readonly limits?: Partial<FetchLimits>;
  /** Seconds since 1970. */
  readonly now?: number | undefined;
}

/** `$XDG_CACHE_HOME/certgate/crls`, by default below `~/.cache`. */
export const crlCacheFolder = (): string =>
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'certgate', 'crls');

/** What fetches CRLs for commands; loaded only when something is to be fetched. @throws {UsageError} */
export async function createCrlSource(options: CrlSourceOptions): Promise<CrlFetcher> {
  const [{ CrlFetcher }, { COMMAND_POLICY }, { explicitProxy, proxyFromEnvironment, ProxyUrlError }] = await Promise.all([
    import('../platform/fetch/crl-fetcher.ts'),
    import('../platform/fetch/address-guard.ts'),
    import('../platform/fetch/proxy.ts'),
  ]);
  const { proxy, now } = options;
  try {
    return new CrlFetcher({
      folder: options.folder ?? crlCacheFolder(),
      now: () => now ?? Math.floor(Date.now() / 1000),
      policy: COMMAND_POLICY,
      proxies: proxy === undefined ? proxyFromEnvironment(process.env) : explicitProxy(proxy),
      ...(options.limits !== undefined && { limits: options.limits }),
    });
  } catch (error) {
    if (error instanceof ProxyUrlError) throw new UsageError(error.message);
    throw error;
  }
}
