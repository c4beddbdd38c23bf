import { PathValidator } from '../../core/path/validate.ts';
import type { OpenCrl } from '../../core/revocation/open-crl.ts';
import { nodeCrypto } from '../crypto/node-crypto.ts';
import { PeerJudge, type PeerExpectation, type PeerVerdict } from './peer-judge.ts';

export interface TrustOptions {
  /** Whether certificates are held against CRLs. */
  readonly crl: 'on' | 'off';
  /** How long after its nextUpdate a CRL still counts; 0: not at all. */
  readonly staleCrlGraceMs?: number;
}

/**
 * Anchors and CRLs at one moment, ready to judge by; a new one is made whenever either changes. Synchronous: what has to
 * be fetched is fetched before.
 */
export class Trust {
  readonly anchors: readonly Uint8Array[];
  readonly #crls: readonly OpenCrl[];
  readonly #withCrls: PeerJudge;
  readonly #withoutCrls: PeerJudge;

  constructor(anchors: readonly Uint8Array[], crls: readonly OpenCrl[]) {
    this.anchors = anchors;
    this.#crls = crls;
    const validator = new PathValidator({ trustAnchors: anchors, crls, profile: 'appliance' }, { crypto: nodeCrypto });
    this.#withCrls = new PeerJudge(validator, 'required');
    this.#withoutCrls = new PeerJudge(validator, 'off');
  }

  /** @param now milliseconds. The verdict's `validUntil` is the next moment at which it could change by itself. */
  judge(chain: readonly Uint8Array[], expectation: PeerExpectation, now: number, options: TrustOptions): PeerVerdict {
    if (options.crl === 'off') return this.#withoutCrls.judge(chain, expectation, now);
    const verdict = this.#withCrls.judge(chain, expectation, now);
    if (verdict.valid) return until(verdict, this.#nextStale(now));
    const { staleCrlGraceMs = 0 } = options;
    return (staleCrlGraceMs > 0 ? this.#withinGrace(chain, expectation, now, staleCrlGraceMs) : undefined) ?? verdict;
  }

  /** Everything but the age of the CRLs holds now, and all of it held at the last moment at which they were current. */
  #withinGrace(
    chain: readonly Uint8Array[],
    expectation: PeerExpectation,
    now: number,
    grace: number,
  ): PeerVerdict | undefined {
    const lastCurrent = this.#lastCurrent(now);
    if (lastCurrent === undefined || now > lastCurrent + grace) return undefined;
    const apartFromCrls = this.#withoutCrls.judge(chain, expectation, now);
    const then = this.#withCrls.judge(chain, expectation, lastCurrent);
    return apartFromCrls.valid && then.valid ? until(apartFromCrls, lastCurrent + grace) : undefined;
  }

  #nextStale(now: number): number {
    const coming = this.#nextUpdates().filter((nextUpdate) => nextUpdate > now);
    return Math.min(Infinity, ...coming);
  }

  #lastCurrent(now: number): number | undefined {
    const past = this.#nextUpdates().filter((nextUpdate) => nextUpdate <= now);
    return past.length === 0 ? undefined : Math.min(...past);
  }

  #nextUpdates(): number[] {
    return this.#crls.flatMap(({ list: { nextUpdate } }) =>
      nextUpdate === undefined ? [] : [nextUpdate.seconds * 1000],
    );
  }
}

const until = (verdict: PeerVerdict, limit: number): PeerVerdict => ({
  ...verdict,
  validUntil: Math.min(verdict.validUntil, limit),
});
