import { homedir } from 'node:os';
import { join } from 'node:path';
import type { CrlReply, CrlRequest } from '../core/base/ports.ts';
import type { OpenCrl } from '../core/revocation/open-crl.ts';
import { COMMAND_POLICY } from '../platform/fetch/address-guard.ts';
import { CrlFetcher } from '../platform/fetch/crl-fetcher.ts';
import { explicitProxy, proxyFromEnvironment, type ProxySettings, ProxyUrlError } from '../platform/fetch/proxy.ts';
import { UsageError } from './failure.ts';
import { note } from './output.ts';

/** `$XDG_CACHE_HOME/certgate/crls`, by default below `~/.cache`. */
const cacheFolder = (): string => join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'certgate', 'crls');

/**
 * What fetches CRLs for commands. Load this module only when something is to be fetched.
 * @param proxy the URL of an HTTP proxy; undefined: what http_proxy and no_proxy say
 * @throws {UsageError}
 */
export function createCrlSource(proxy: string | undefined, folder = cacheFolder()): CrlFetcher {
  const now = (): number => Math.floor(Date.now() / 1000);
  // The bundles of one run name the same CRLs.
  return new TellingFetcher({ folder, now, policy: COMMAND_POLICY, proxies: readProxies(proxy), freshFor: 600 });
}

const PATIENCE_MS = 2000;

/** Says on a terminal whom it is waiting for, where that takes a while. */
class TellingFetcher extends CrlFetcher {
  override async fetch(request: CrlRequest<OpenCrl>): Promise<CrlReply<OpenCrl>> {
    const tell = (): void => {
      if (process.stderr.isTTY === true) note(`still waiting for ${request.url}`);
    };
    const timer = setTimeout(tell, PATIENCE_MS);
    try {
      return await super.fetch(request);
    } finally {
      clearTimeout(timer);
    }
  }
}

function readProxies(proxy: string | undefined): ProxySettings {
  try {
    return proxy === undefined ? proxyFromEnvironment(process.env) : explicitProxy(proxy);
  } catch (error) {
    if (error instanceof ProxyUrlError) throw new UsageError(error.message);
    throw error;
  }
}
