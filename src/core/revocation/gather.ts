import type { Crypto, CrlFailure, CrlReply, CrlSource } from '../base/ports.ts';
import { DerError } from '../der/errors.ts';
import type { Certificate } from '../x509/certificate.ts';
import { judgeCrl } from './judge-crl.ts';
import { type CrlLocation, crlLocations, URLS_PER_BUNDLE, URLS_PER_CERTIFICATE } from './locations.ts';
import type { OpenCrl } from './open-crl.ts';

/** What came of one distribution point. */
export interface Delivery {
  readonly certificate: Certificate;
  readonly urls: readonly string[];
  /** The URL that its CRL came from, or whose held CRL serves. */
  readonly url: string | undefined;
  readonly crl: OpenCrl | undefined;
  readonly from: CrlReply<OpenCrl>['from'];
  /** Of the URLs that were asked in vain, in their order. */
  readonly failures: readonly CrlFailure[];
}

export interface GatherRequest {
  /** Certificates whose CRLs are wanted: of a chain all but the root. */
  readonly certificates: readonly Certificate[];
  /** Certificates whose keys may have signed them. */
  readonly signers: readonly Certificate[];
  /** The chain leads to a configured trust anchor. */
  readonly anchored: boolean;
  readonly want: 'held' | 'newest';
  /** Seconds since 1970. */
  readonly at: number;
  readonly crypto: Crypto;
}

/** Gets the CRLs of every distribution point that the certificates name, URL after URL until one answers. */
export async function gatherCrls(source: CrlSource<OpenCrl>, request: GatherRequest): Promise<Delivery[]> {
  const jobs: Promise<Delivery>[] = [];
  let asked = 0;
  for (const certificate of request.certificates) {
    let left = URLS_PER_CERTIFICATE;
    for (const location of locationsOf(certificate)) {
      const allowed = location.urls.slice(0, Math.max(0, Math.min(left, URLS_PER_BUNDLE - asked)));
      left -= allowed.length;
      asked += allowed.length;
      jobs.push(deliver(source, request, { certificate, location, allowed }));
    }
  }
  return Promise.all(jobs);
}

function locationsOf(certificate: Certificate): CrlLocation[] {
  try {
    return crlLocations(certificate);
  } catch (error) {
    // The rule on the certificate's form says so.
    if (error instanceof DerError) return [];
    throw error;
  }
}

interface Job {
  readonly certificate: Certificate;
  readonly location: CrlLocation;
  readonly allowed: readonly string[];
}

async function deliver(
  source: CrlSource<OpenCrl>,
  { signers, at, crypto, anchored, want }: GatherRequest,
  { certificate, location, allowed }: Job,
): Promise<Delivery> {
  const failures: CrlFailure[] = [];
  const expected = { issuers: location.issuers, signers, at, crypto };
  let held: CrlReply<OpenCrl> | undefined;
  for (const url of allowed) {
    const reply = await source.fetch({ url, anchored, want, judge: (crl) => judgeCrl(crl, expected) });
    if (reply.failure !== undefined) failures.push(reply.failure);
    else return { certificate, urls: location.urls, url, crl: reply.crl, from: reply.from, failures };
    if (reply.crl !== undefined) held ??= reply;
  }
  const [first] = location.urls.slice(allowed.length);
  if (first !== undefined && held === undefined) failures.push(tooMany(first));
  return { certificate, urls: location.urls, url: held?.url, crl: held?.crl, from: held?.from, failures };
}

const tooMany = (url: string): CrlFailure => ({
  code: 'too-many',
  url,
  message: `Not asked: of one certificate ${URLS_PER_CERTIFICATE} URLs are asked at most, of a bundle ${URLS_PER_BUNDLE}.`,
  fix: 'Have the CA name fewer URLs in its certificates; one or two that answer are enough.',
});
