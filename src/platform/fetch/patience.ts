import { FetchFailure } from './failure.ts';

/**
 * How long the requests of one errand have waited since anything came. A certificate that names four servers behind a
 * firewall that drops packets would else cost four times the longest wait.
 */
export class Patience {
  readonly #most: number;
  /** By errand: when it began, or when something came last; of the monotonic clock, in milliseconds. */
  readonly #since = new WeakMap<object, number>();

  /** @param most milliseconds */
  constructor(most: number) {
    this.#most = most;
  }

  /** Why no more is asked; undefined while there is patience left, which begins with the first question. */
  lost(errand: object | undefined): FetchFailure | undefined {
    if (errand === undefined) return undefined;
    const since = this.#since.get(errand);
    if (since === undefined) this.renew(errand);
    if (since === undefined || performance.now() - since < this.#most) return undefined;
    return new FetchFailure(
      'timeout',
      `Not asked any more: the CRL servers asked before have kept us waiting for ${Math.round(this.#most / 1000)} s.`,
      'Make the CRL server that is named first reachable, or name a proxy with --crl-proxy http://HOST:PORT.',
    );
  }

  renew(errand: object | undefined): void {
    if (errand !== undefined) this.#since.set(errand, performance.now());
  }
}
