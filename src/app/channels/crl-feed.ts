import type { OpenCrl } from '../../core/revocation/open-crl.ts';
import { judgeCrl } from '../../core/revocation/judge-crl.ts';
import { type Certificate, parseCertificate } from '../../core/x509/certificate.ts';
import { nodeCrypto } from '../../platform/crypto/node-crypto.ts';
import { CrlFetcher } from '../../platform/fetch/crl-fetcher.ts';
import { proxyFromEnvironment } from '../../platform/fetch/proxy.ts';
import type { CrlFetching } from '../crl-fetching.ts';

/** After a failure it is tried again sooner. */
const AGAIN_MS = 60_000;

/**
 * CRLs from URLs, asked for again and again, and kept on disk: while what is held is current, a server that does not
 * answer is a warning and nothing else.
 */
export class CrlFeed {
  readonly #urls: readonly string[];
  readonly #everyMs: number;
  readonly #fetcher: CrlFetcher;
  readonly #held = new Map<string, OpenCrl>();
  readonly #failures = new Map<string, string>();
  #next = 0;
  #asking = false;

  /** @param folder where they are kept @param options.now milliseconds @param options.fetching default: as a command does */
  constructor(
    folder: string,
    options: { urls: readonly string[]; everyMs: number; now: () => number; fetching?: CrlFetching | undefined },
  ) {
    const { urls, everyMs, now, fetching } = options;
    this.#urls = urls;
    this.#everyMs = everyMs;
    this.#fetcher = new CrlFetcher({
      folder,
      now: () => Math.floor(now() / 1000),
      ...(fetching ?? { proxies: proxyFromEnvironment(process.env) }),
    });
  }

  get crls(): readonly OpenCrl[] {
    return [...this.#held.values()];
  }

  /** Why the last attempts failed, one sentence for each URL. */
  get failures(): readonly string[] {
    return [...this.#failures.values()];
  }

  /** What lies on disk from the last run where it is current, else what the servers say. @param signers DER */
  async begin(signers: readonly Uint8Array[]): Promise<void> {
    await this.#ask(signers, 'held');
  }

  /** Asks where it is time to. @returns whether there is another CRL, or another failure, than before */
  async look(signers: readonly Uint8Array[], now: number): Promise<boolean> {
    if (this.#asking || now < this.#next) return false;
    this.#asking = true;
    try {
      return await this.#ask(signers, 'newest');
    } finally {
      this.#asking = false;
      this.#next = now + (this.#failures.size === 0 ? this.#everyMs : Math.min(AGAIN_MS, this.#everyMs));
    }
  }

  async #ask(signers: readonly Uint8Array[], want: 'held' | 'newest'): Promise<boolean> {
    const certificates = signers.map((der) => parseCertificate(der));
    const changes = await Promise.all(this.#urls.map((url) => this.#askOne(url, certificates, want)));
    return changes.includes(true);
  }

  async #askOne(url: string, signers: readonly Certificate[], want: 'held' | 'newest'): Promise<boolean> {
    const issuers = signers.map(({ subject }) => subject);
    const { crl, failure } = await this.#fetcher.fetch({
      url,
      want,
      anchored: true,
      judge: (fetched) =>
        judgeCrl(fetched, { issuers, signers, at: Math.floor(this.#fetcher.now()), crypto: nodeCrypto }),
    });
    const before = [this.#held.get(url), this.#failures.get(url)];
    // What was held goes on being held; whether it is still current is the verdict's question.
    if (crl !== undefined) this.#held.set(url, crl);
    if (failure === undefined) this.#failures.delete(url);
    else this.#failures.set(url, failure.message);
    return before[0] !== this.#held.get(url) || before[1] !== this.#failures.get(url);
  }
}
