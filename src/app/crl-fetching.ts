import { type FetchPolicy, SERVICE_POLICY } from '../platform/fetch/address-guard.ts';
import { explicitProxy, proxyFromEnvironment, type ProxySettings } from '../platform/fetch/proxy.ts';
import type { Config } from './config/config.ts';

/** Whom CRLs are asked of, and through whom. */
export interface CrlFetching {
  readonly policy: FetchPolicy;
  readonly proxies: ProxySettings;
}

/** As `crl.proxy` and `crl.hosts` say, for the server and for the processes that go on without it. @throws {ProxyUrlError} */
export const crlFetching = ({ crlProxy, crlHosts }: Pick<Config, 'crlProxy' | 'crlHosts'>): CrlFetching => ({
  policy: { ...SERVICE_POLICY, hosts: crlHosts },
  proxies: crlProxy === undefined ? proxyFromEnvironment(process.env) : explicitProxy(crlProxy),
});
