import { createRequire } from 'node:module';

type Tldts = typeof import('tldts');

let tldts: Tldts | undefined;

/**
 * The public suffix that a host name ends in, by publicsuffix.org's list as the package `tldts` carries it, its private
 * part (`s3.amazonaws.com`) included. The list is loaded at the first question: it takes 35 ms, and only the path
 * profile `webpki` asks.
 */
export function publicSuffixOf(name: string): string | undefined {
  tldts ??= createRequire(import.meta.url)('tldts') as Tldts;
  return tldts.getPublicSuffix(name, { allowPrivateDomains: true }) ?? undefined;
}
