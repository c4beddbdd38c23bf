import type { CrlFailure } from '../../core/base/ports.ts';
import type { OpenCrl } from '../../core/revocation/open-crl.ts';
import type { FetchFailure } from './failure.ts';

/** What asking a URL came to. */
export type RecentAnswer = { readonly crl: OpenCrl } | { readonly failure: CrlFailure };

// Together with the CRL that is just being fetched, well below what a small appliance has.
const MOST_BYTES = 128 * 1024 * 1024;
const MOST_ANSWERS = 256;

/** Failures of the way, which every bundle would meet again; what a judge says of a CRL depends on who asks. */
export const isOfTheWay = ({ code }: FetchFailure): boolean =>
  code === 'dns' ||
  code === 'refused' ||
  code === 'unreachable' ||
  code === 'timeout' ||
  code === 'proxy' ||
  code === 'http-status' ||
  code === 'redirects' ||
  code === 'too-large' ||
  code === 'interrupted';

/**
 * What URLs answered a moment ago: a fleet of 200 bundles names the same few CRLs, and a server that does not answer
 * would be waited for 200 times.
 */
export class RecentAnswers {
  readonly #seconds: number;
  readonly #answers = new Map<string, { readonly at: number; readonly answer: RecentAnswer }>();

  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  /** @param now seconds since 1970 */
  get(url: string, now: number): RecentAnswer | undefined {
    const known = this.#answers.get(url);
    if (known === undefined || now - known.at >= this.#seconds || now < known.at) return undefined;
    return known.answer;
  }

  put(url: string, now: number, answer: RecentAnswer): void {
    if (this.#seconds <= 0) return;
    this.#answers.delete(url);
    this.#answers.set(url, { at: now, answer });
    let bytes = 0;
    for (const { answer: one } of this.#answers.values()) bytes += 'crl' in one ? one.crl.list.der.length : 0;
    // Oldest first.
    for (const [key, { answer: one }] of this.#answers) {
      if (bytes <= MOST_BYTES && this.#answers.size <= MOST_ANSWERS) return;
      this.#answers.delete(key);
      bytes -= 'crl' in one ? one.crl.list.der.length : 0;
    }
  }
}
