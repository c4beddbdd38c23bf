import type { Crypto, CrlFailure, CrlReply, CrlSource } from '../base/ports.ts';
import { DerError } from '../der/errors.ts';
import type { Certificate } from '../x509/certificate.ts';
import { judgeCrl } from './judge-crl.ts';
import { type CrlLocation, crlLocations, deltaLocations, URLS_PER_BUNDLE, URLS_PER_CERTIFICATE } from './locations.ts';
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
  /** The delta CRL that continues it; undefined where none is named. */
  readonly delta: Pick<Delivery, 'urls' | 'url' | 'crl' | 'from' | 'failures'> | undefined;
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
  const budget = new UrlBudget();
  const errand = {};
  const jobs = request.certificates.flatMap((certificate) =>
    readable(() => crlLocations(certificate)).map((location) =>
      deliver(source, request, { certificate, location, budget, errand }),
    ),
  );
  return Promise.all(jobs);
}

/** How many URLs may still be asked. */
class UrlBudget {
  #bundle = URLS_PER_BUNDLE;
  readonly #certificates = new Map<Certificate, number>();

  take(certificate: Certificate): boolean {
    const left = this.#certificates.get(certificate) ?? URLS_PER_CERTIFICATE;
    if (left === 0 || this.#bundle === 0) return false;
    this.#certificates.set(certificate, left - 1);
    this.#bundle--;
    return true;
  }
}

function readable<T>(read: () => T[]): T[] {
  try {
    return read();
  } catch (error) {
    // The rule on the certificate's form says so.
    if (error instanceof DerError) return [];
    throw error;
  }
}

interface Job {
  /** See `CrlRequest`. */
  readonly errand: object;
  readonly certificate: Certificate;
  readonly location: CrlLocation;
  readonly budget: UrlBudget;
}

type Obtained = Pick<Delivery, 'url' | 'crl' | 'from' | 'failures'>;

async function deliver(source: CrlSource<OpenCrl>, request: GatherRequest, job: Job): Promise<Delivery> {
  const { certificate, location } = job;
  const obtained = await obtain(source, request, job);
  const { crl } = obtained;
  const [delta] = crl === undefined ? [] : readable(() => deltaLocations(certificate, crl));
  return {
    certificate,
    urls: location.urls,
    ...obtained,
    delta: delta && { urls: delta.urls, ...(await obtain(source, request, { ...job, location: delta })) },
  };
}

async function obtain(
  source: CrlSource<OpenCrl>,
  { signers, at, crypto, anchored, want }: GatherRequest,
  { certificate, location, budget, errand }: Job,
): Promise<Obtained> {
  const failures: CrlFailure[] = [];
  const { issuers } = location;
  // Without a certificate of its issuer the signature cannot be judged: such a CRL must not become the newest known.
  const keep = readable(() => signers.filter(({ subject }) => issuers.some((name) => name.equals(subject)))).length > 0;
  const expected = { issuers, signers: keep ? signers : [], at, crypto };
  let held: CrlReply<OpenCrl> | undefined;
  for (const url of location.urls) {
    if (!budget.take(certificate)) {
      failures.push(tooMany(url));
      break;
    }
    const reply = await source.fetch({ url, anchored, want, keep, errand, judge: (crl) => judgeCrl(crl, expected) });
    if (reply.failure === undefined) return { url, crl: reply.crl, from: reply.from, failures };
    failures.push(reply.failure);
    if (reply.crl !== undefined) held ??= reply;
  }
  return { url: held?.url, crl: held?.crl, from: held?.from, failures };
}

const tooMany = (url: string): CrlFailure => ({
  code: 'too-many',
  url,
  message: `Not asked: of one certificate ${URLS_PER_CERTIFICATE} URLs are asked at most, of a bundle ${URLS_PER_BUNDLE}.`,
  fix: 'Have the CA name fewer URLs in its certificates; one or two that answer are enough.',
});
