import { DerError } from '../der/errors.ts';
import { crlLabel, dateProblem, isDelta, supersedes, unknownCritical } from './crl-facts.ts';
import { SignerSearch } from './crl-signer.ts';
import { type Continuation, continuationsOf } from './deltas.ts';
import type { Listing, OpenCrl } from './open-crl.ts';
import type { RevocationAnswer, RevocationCode, RevocationIssue, RevocationQuestion } from './question.ts';
import {
  ALL_REASONS,
  assumedPoint,
  interimReasons,
  issuerFits,
  type Point,
  pointsOf,
  scopeKey,
  scopeMismatch,
} from './scope.ts';

/**
 * RFC 5280 §6.3: whether the certificate is revoked, by all CRLs at hand, in whatever order they come. A CRL that
 * cannot be read, used or trusted is an issue in the answer, never an exception.
 */
export function checkRevocation(question: RevocationQuestion): RevocationAnswer {
  try {
    void question.certificate.issuer.canonical;
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    const message = `the certificate's issuer cannot be read, so no CRL is its own: ${error.message}`;
    return { status: 'undetermined', issues: [{ code: 'crl-missing', crl: undefined, message }] };
  }
  return new Inquiry(question).answer();
}

/** A complete CRL whose scope covers the certificate and whose signature is good, with the deltas that continue it. */
interface Candidate {
  readonly crl: OpenCrl;
  /** Whoever signed it may speak for others than itself: see `CrlTrust.isSettled`. */
  readonly settled: boolean;
  readonly continuations: readonly Continuation[];
  /** Current, by itself or through a delta. */
  readonly current: boolean;
  /** The interim_reasons_mask of §6.3.3 (d). */
  readonly interim: number;
}

class Inquiry {
  readonly question: RevocationQuestion;
  readonly #signers: SignerSearch;
  readonly #issues: RevocationIssue[] = [];
  /** The reasons_mask of §6.3.2. */
  #reasons = 0;
  #validUntil = Infinity;
  /** The CRLs that said good for some reasons, in the order in which they were asked. */
  readonly #used: OpenCrl[] = [];

  constructor(question: RevocationQuestion) {
    this.question = question;
    this.#signers = new SignerSearch(question, (code, crl, message) => this.#note(code, crl, message));
  }

  answer(): RevocationAnswer {
    // Our reading: §6.3.3 stops as soon as all reasons are answered for. All points are asked, because a certificate
    // that any current CRL of its CA lists must not pass for the order in which its CA named them.
    for (const point of this.#points()) {
      const revoked = this.#askPoint(point);
      if (revoked !== undefined) return revoked;
    }
    if (this.#reasons === ALL_REASONS) return this.#good();
    if (this.#issues.length === 0 && this.#reasons === 0) {
      this.#note('crl-missing', undefined, `no CRL of "${this.question.certificate.issuer}" is at hand`);
    }
    if (this.#reasons !== 0) {
      this.#note('crl-reasons-incomplete', undefined, 'the CRLs at hand answer for some reasons of revocation only');
    }
    return { status: 'undetermined', issues: this.#sortedIssues() };
  }

  #good(): RevocationAnswer {
    const [first] = this.#used;
    return {
      status: 'good',
      ...(first === undefined ? {} : { crl: first }),
      ...(this.#validUntil === Infinity ? {} : { validUntil: this.#validUntil }),
      issues: this.#sortedIssues(),
    };
  }

  #points(): Point[] {
    const { certificate } = this.question;
    try {
      return pointsOf(certificate);
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      this.#note('distribution-points-malformed', undefined, `cRLDistributionPoints cannot be read: ${error.message}`);
      return [assumedPoint(certificate)];
    }
  }

  /** Adds to the reasons answered for; returns an answer only for a revoked certificate. */
  #askPoint(point: Point): RevocationAnswer | undefined {
    const { certificate, crls } = this.question;
    const ofIssuer = crls.filter((crl) => this.#guard(crl, () => issuerFits(crl, point, certificate)));
    const deltas = ofIssuer.filter(isDelta);
    const candidates: Candidate[] = [];
    for (const crl of ofIssuer) {
      const candidate = isDelta(crl) ? undefined : this.#guard(crl, () => this.#candidate(crl, point, deltas));
      if (candidate !== undefined) candidates.push(candidate);
    }
    const first = deltas[0];
    if (first !== undefined && deltas.length === ofIssuer.length) {
      this.#note('crl-delta-without-base', first, `${crlLabel(first)} needs the complete CRL that it builds on`);
    }
    // All that are left are asked and the one that says revoked counts: none hides behind another.
    for (const candidate of withoutObsolete(candidates)) {
      const revoked = this.#guard(candidate.crl, () => this.#askCandidate(candidate));
      if (revoked !== undefined) return revoked;
    }
    return undefined;
  }

  /** RFC 5280 §6.3.3 (b) to (h). */
  #candidate(crl: OpenCrl, point: Point, deltas: readonly OpenCrl[]): Candidate | undefined {
    const { certificate, at } = this.question;
    const mismatch = scopeMismatch(crl, point, certificate);
    if (mismatch !== undefined) return this.#note('crl-out-of-scope', crl, `${crlLabel(crl)} ${mismatch}`);
    const interim = interimReasons(crl, point);
    // Point and CRL have no reason in common: it is not the CRL of this point.
    if (interim === 0) return undefined;
    const problem = dateProblem(crl, at);
    if (problem?.code === 'crl-not-yet-valid') return this.#note(problem.code, crl, problem.message);
    const signer = this.#signers.find(crl);
    if (signer === undefined) return undefined;
    const continuations = continuationsOf(crl, signer, deltas, { at, signers: this.#signers });
    // RFC 5280 §5.2.4: complete and delta CRL together have the dates of the delta.
    const current = problem === undefined || continuations.some(({ complete }) => complete);
    if (!current) this.#note(problem.code, crl, problem.message);
    const settled = signer !== certificate && this.question.trust.isSettled?.(signer) !== false;
    return { crl, settled, continuations, current, interim };
  }

  /** RFC 5280 §6.3.3 (i) to (l). */
  #askCandidate(candidate: Candidate): RevocationAnswer | undefined {
    const { crl, continuations, current, interim } = candidate;
    let removed = false;
    for (const { delta, complete } of continuations) {
      const listing = this.#listing(delta);
      if (listing?.reason === 'removeFromCRL') removed ||= complete;
      else if (listing !== undefined && isFinal(listing, complete)) return this.#revoked(listing, delta);
    }
    const listing = removed ? undefined : this.#listing(crl);
    if (listing !== undefined && listing.reason !== 'removeFromCRL' && isFinal(listing, current)) {
      return this.#revoked(listing, crl);
    }
    if (!current) return undefined;
    const unknown = unknownCritical(crl);
    if (unknown !== undefined) {
      const message = `${crlLabel(crl)} has the critical extension ${unknown}, which is not known here`;
      return this.#note('crl-unknown-critical', crl, message);
    }
    this.#restOn(continuations.find(({ complete }) => complete)?.delta ?? crl);
    this.#used.push(crl);
    this.#reasons |= interim;
    return undefined;
  }

  #listing(crl: OpenCrl): Listing | undefined {
    const { certificate } = this.question;
    return crl.find(certificate.serialNumber.content(), certificate.issuer);
  }

  #revoked({ reason, revocationDate }: Listing, crl: OpenCrl): RevocationAnswer {
    return {
      status: 'revoked',
      ...(reason === undefined ? {} : { reason }),
      revokedAt: revocationDate,
      crl,
      issues: this.#sortedIssues(),
    };
  }

  #restOn(crl: OpenCrl): void {
    const { nextUpdate } = crl.list;
    if (nextUpdate !== undefined) this.#validUntil = Math.min(this.#validUntil, nextUpdate.seconds);
    else this.#note('crl-no-next-update', crl, `${crlLabel(crl)} does not say when the next one comes (nextUpdate)`);
  }

  /** A field that cannot be read makes that one CRL unusable. */
  #guard<T>(crl: OpenCrl, ask: () => T): T | undefined {
    try {
      return ask();
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      return this.#note('crl-malformed', crl, `a CRL cannot be read: ${error.message}`);
    }
  }

  /** Keeps one of each code and CRL. Returns undefined, so that a caller can give up in the same breath. */
  #note(code: RevocationCode, crl: OpenCrl | undefined, message: string): undefined {
    if (!this.#issues.some((issue) => issue.code === code && issue.crl === crl)) {
      this.#issues.push({ code, crl, message });
    }
  }

  #sortedIssues(): RevocationIssue[] {
    // A CRL out of scope for one distribution point may have answered for another.
    const told = this.#issues.filter(({ code, crl }) => code !== 'crl-out-of-scope' || !this.#used.includes(crl!));
    return told.toSorted((a, b) => USEFULNESS.indexOf(a.code) - USEFULNESS.indexOf(b.code));
  }
}

/** The closer a CRL came to answering, the more its issue says. */
const USEFULNESS: readonly RevocationCode[] = [
  'crl-expired',
  'crl-not-yet-valid',
  'crl-unknown-critical',
  'crl-bad-signature',
  'crl-sign-missing',
  'crl-signer-unknown',
  'crl-malformed',
  'distribution-points-malformed',
  'crl-reasons-incomplete',
  'crl-delta-without-base',
  'crl-out-of-scope',
  'crl-missing',
  'crl-no-next-update',
];

/** A hold that is out of date may have been lifted since; every other reason is for good. */
const isFinal = (listing: Listing, current: boolean): boolean => current || listing.reason !== 'certificateHold';

function withoutObsolete(candidates: readonly Candidate[]): readonly Candidate[] {
  if (candidates.length < 2) return candidates;
  const current = candidates.filter((candidate) => candidate.current && candidate.settled);
  return candidates.filter(
    ({ crl }) => !current.some((other) => scopeKey(other.crl) === scopeKey(crl) && supersedes(other.crl, crl)),
  );
}
