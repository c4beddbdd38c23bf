import { PathValidator } from '../../core/path/validate.ts';
import type { OpenCrl } from '../../core/revocation/open-crl.ts';
import { parseCertificate } from '../../core/x509/certificate.ts';
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
  readonly crls: readonly OpenCrl[];
  readonly #withCrls: PeerJudge;
  readonly #withoutCrls: PeerJudge;

  constructor(anchors: readonly Uint8Array[], crls: readonly OpenCrl[]) {
    this.anchors = anchors;
    this.crls = crls;
    const validator = new PathValidator({ trustAnchors: anchors, crls, profile: 'appliance' }, { crypto: nodeCrypto });
    this.#withCrls = new PeerJudge(validator, 'required', changesOf(crls));
    this.#withoutCrls = new PeerJudge(validator, 'off');
  }

  /** @param now milliseconds. The verdict's `validUntil` is the next moment at which it could change by itself. */
  judge(chain: readonly Uint8Array[], expectation: PeerExpectation, now: number, options: TrustOptions): PeerVerdict {
    if (options.crl === 'off') return this.#withoutCrls.judge(chain, expectation, now);
    const verdict = this.#withCrls.judge(chain, expectation, now);
    const { staleCrlGraceMs = 0 } = options;
    if (verdict.valid || staleCrlGraceMs === 0) return verdict;
    return this.#withinGrace(chain, expectation, now, staleCrlGraceMs) ?? verdict;
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
    if (!apartFromCrls.valid || !then.valid) return undefined;
    return { ...apartFromCrls, validUntil: Math.min(apartFromCrls.validUntil, lastCurrent + grace) };
  }

  /** The earliest nextUpdate among those that have run out without a successor. */
  #lastCurrent(now: number): number | undefined {
    const newest = new Map<string, number>();
    for (const crl of this.crls) {
      const { nextUpdate } = crl.list;
      if (nextUpdate === undefined) continue;
      const issuer = crl.issuer.toString();
      newest.set(issuer, Math.max(newest.get(issuer) ?? 0, nextUpdate.seconds * 1000));
    }
    const past = [...newest.values()].filter((nextUpdate) => nextUpdate <= now);
    return past.length === 0 ? undefined : Math.min(...past);
  }

  /**
   * Whether at most dates, the chain and the age of CRLs can be wrong with this chain: its first certificate is sound,
   * serves the purpose and carries the names, and no CRL that is held, whatever its age, lists any of the certificates.
   */
  holdsApartFromPath(chain: readonly Uint8Array[], expectation: PeerExpectation): boolean {
    const [leaf] = chain;
    if (leaf === undefined) return false;
    try {
      if (chain.some((der) => this.#listed(der))) return false;
      const { notBefore } = parseCertificate(leaf);
      const alone = new PathValidator({ trustAnchors: [leaf], profile: 'appliance' }, { crypto: nodeCrypto });
      return new PeerJudge(alone, 'off').judge([leaf], expectation, notBefore.seconds * 1000).valid;
    } catch {
      // Bytes that cannot be read are nobody's exception.
      return false;
    }
  }

  #listed(der: Uint8Array): boolean {
    const { serialNumber, issuer } = parseCertificate(der);
    return this.crls.some((crl) => crl.find(serialNumber.content(), issuer) !== undefined);
  }
}

/** A CRL counts from its thisUpdate to the end of the second of its nextUpdate. */
const changesOf = (crls: readonly OpenCrl[]): number[] =>
  crls.flatMap(({ list: { thisUpdate, nextUpdate } }) => [
    thisUpdate.seconds * 1000,
    ...(nextUpdate === undefined ? [] : [(nextUpdate.seconds + 1) * 1000]),
  ]);
