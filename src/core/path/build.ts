import type { CandidatePath, JudgeTools, VerifiedPath } from './judge.ts';
import { judge, signatureProblemOf } from './judge.ts';
import { nodeProblems } from './node-problems.ts';
import type { ParsedCertificate } from './parsed-certificate.ts';
import { type Problem, rankOf } from './problem.ts';
import type { PathQuestion } from './question.ts';
import { needsParameters } from './signature.ts';

/** A chain that was tried, as far as it went, leaf first, and what spoke against it. */
export interface Attempt extends CandidatePath {
  /** It led to a trust anchor. */
  readonly complete: boolean;
  readonly problems: readonly Problem[];
}

export interface SearchResult {
  readonly path: VerifiedPath | undefined;
  /** Every failed attempt that says something of its own, the most useful first. */
  readonly attempts: readonly Attempt[];
}

/** Where issuers are looked for. */
export class CertificatePool {
  readonly anchors: readonly ParsedCertificate[];
  readonly intermediates: readonly ParsedCertificate[];
  readonly #anchorsBySubject: Map<string, ParsedCertificate[]>;
  readonly #bySubject: Map<string, ParsedCertificate[]>;

  constructor(anchors: readonly ParsedCertificate[], intermediates: readonly ParsedCertificate[]) {
    this.anchors = anchors;
    this.intermediates = intermediates;
    this.#anchorsBySubject = bySubject(anchors);
    this.#bySubject = bySubject(intermediates);
  }

  isAnchor(node: ParsedCertificate): boolean {
    return (this.#anchorsBySubject.get(node.subjectKey) ?? []).some((anchor) => anchor.isSameCertificate(node));
  }

  anchorsNamed(subjectKey: string): readonly ParsedCertificate[] {
    return this.#anchorsBySubject.get(subjectKey) ?? [];
  }

  intermediatesNamed(subjectKey: string): readonly ParsedCertificate[] {
    return this.#bySubject.get(subjectKey) ?? [];
  }
}

function bySubject(nodes: readonly ParsedCertificate[]): Map<string, ParsedCertificate[]> {
  const map = new Map<string, ParsedCertificate[]>();
  for (const node of nodes) {
    const list = map.get(node.subjectKey);
    if (list === undefined) map.set(node.subjectKey, [node]);
    else list.push(node);
  }
  return map;
}

const MOST_ATTEMPTS = 16;

/**
 * Searches for a valid chain from `leaf` to one of the pool's anchors, in whatever order the certificates came. First
 * only through certificates that nothing speaks against by themselves; where that finds none, once more through all of
 * them, so that the report can say what the best chain fails for.
 */
export function search(
  leaf: ParsedCertificate,
  pool: CertificatePool,
  question: PathQuestion,
  tools: JudgeTools,
): SearchResult {
  const careful = new Search(pool, question, tools, true);
  const path = careful.run(leaf);
  if (path !== undefined) return { path, attempts: careful.attempts };
  if (careful.pruned && tools.budget.exceeded === undefined) {
    const all = new Search(pool, question, tools, false);
    const found = all.run(leaf);
    return { path: found, attempts: ranked([...all.attempts, ...careful.attempts]) };
  }
  return { path: undefined, attempts: ranked(careful.attempts) };
}

class Search {
  readonly #pool: CertificatePool;
  readonly #question: PathQuestion;
  readonly #tools: JudgeTools;
  readonly #prune: boolean;
  readonly attempts: Attempt[] = [];
  /** A certificate was passed over for a problem of its own. */
  pruned = false;
  /** The leaf is refused whatever chain it has: one complete chain is enough to report. */
  #leafRefused = false;
  #done = false;

  constructor(pool: CertificatePool, question: PathQuestion, tools: JudgeTools, prune: boolean) {
    this.#pool = pool;
    this.#question = question;
    this.#tools = tools;
    this.#prune = prune;
  }

  run(leaf: ParsedCertificate): VerifiedPath | undefined {
    if (this.#pool.isAnchor(leaf)) return this.#judge([leaf]);
    const own = nodeProblems(leaf, 'leaf', this.#question);
    this.#leafRefused = own.length > 0;
    if (own.some(({ code }) => code === 'malformed')) {
      this.attempts.push({ certificates: [leaf], complete: false, problems: own });
      return undefined;
    }
    return this.#extend([leaf]);
  }

  #extend(path: readonly ParsedCertificate[]): VerifiedPath | undefined {
    const child = path.at(-1)!;
    const rejected: Problem[] = [];
    let followed = false;
    let circle: ParsedCertificate | undefined;
    for (const [issuer, isAnchor] of this.#issuersOf(child)) {
      if (this.#done) return undefined;
      if (!this.#tools.budget.spend('steps')) return this.#giveUp(path);
      if (path.some((node) => node.isSameEntity(issuer))) {
        if (issuer !== child) circle = issuer;
        continue;
      }
      const problem = this.#edgeProblem(child, issuer);
      if (problem !== undefined) {
        rejected.push(problem);
        if (problem.code === 'budget-exceeded') return this.#giveUp(path);
        continue;
      }
      followed = true;
      const found = this.#follow([...path, issuer], isAnchor);
      if (found !== undefined) return found;
    }
    if (!followed) this.#deadEnd(path, rejected, circle);
    return undefined;
  }

  #follow(path: readonly ParsedCertificate[], isAnchor: boolean): VerifiedPath | undefined {
    const issuer = path.at(-1)!;
    const own = this.#prune ? nodeProblems(issuer, isAnchor ? 'anchor' : 'intermediate', this.#question) : [];
    if (own.length > 0) {
      this.pruned = true;
      return undefined;
    }
    if (isAnchor) return this.#judge(path);
    // The chain so far has the leaf and `path.length - 1` intermediates.
    if (path.length - 1 > this.#tools.budget.limits.intermediates) return this.#tooLong(path);
    return this.#extend(path);
  }

  /** Anchors first, then those whose key identifier fits, then those without one. */
  *#issuersOf(child: ParsedCertificate): Generator<readonly [ParsedCertificate, boolean]> {
    const wanted = child.authorityKeyId;
    const fit = (node: ParsedCertificate): number =>
      wanted === undefined || node.subjectKeyId === undefined ? 1 : node.subjectKeyId === wanted ? 0 : 2;
    const anchors = this.#pool.anchorsNamed(child.issuerKey);
    const others = this.#pool.intermediatesNamed(child.issuerKey);
    for (const score of [0, 1, 2]) {
      for (const anchor of anchors) if (fit(anchor) === score) yield [anchor, true];
      for (const node of others) if (fit(node) === score && !this.#pool.isAnchor(node)) yield [node, false];
    }
  }

  #edgeProblem(child: ParsedCertificate, issuer: ParsedCertificate): Problem | undefined {
    // Only the whole chain knows the parameters of such a key: `judge` verifies with it.
    if (needsParameters(issuer)) return undefined;
    const verdict = this.#tools.signatures.check(child, issuer);
    return verdict.status === 'valid' ? undefined : signatureProblemOf(child, issuer, verdict);
  }

  #judge(certificates: readonly ParsedCertificate[]): VerifiedPath | undefined {
    if (!this.#tools.budget.spend('candidates')) return this.#giveUp(certificates);
    const judgement = judge({ certificates }, this.#question, this.#tools);
    if ('path' in judgement) return judgement.path;
    this.#record({ certificates, complete: true, problems: judgement.problems });
    const over = judgement.problems.some(({ code }) => code === 'budget-exceeded');
    if (over || this.#leafRefused) this.#done = true;
    return undefined;
  }

  #deadEnd(
    path: readonly ParsedCertificate[],
    rejected: readonly Problem[],
    circle: ParsedCertificate | undefined,
  ): void {
    const child = path.at(-1)!;
    const none =
      circle !== undefined && !child.isSelfIssued
        ? roundAndRound(child, circle)
        : child.isSelfIssued
          ? untrustedRoot(child, this.#tools.signatures.fingerprint(child))
          : unknownIssuer(child);
    const own = this.#leafRefused ? nodeProblems(path[0]!, 'leaf', this.#question) : [];
    const problems = rejected.length > 0 ? rejected.slice(0, 4) : [none];
    this.#record({ certificates: path, complete: false, problems: [...problems, ...own] });
  }

  #tooLong(path: readonly ParsedCertificate[]): undefined {
    const { intermediates } = this.#tools.budget.limits;
    const problem: Problem = {
      code: 'path-too-long',
      certificate: path.at(-1)!,
      found: `more than ${intermediates} intermediate certificates in a row`,
      required: `at most ${intermediates}`,
      message: `The chain does not end: after ${intermediates} intermediate certificates no trust anchor is reached`,
    };
    this.#record({ certificates: path, complete: false, problems: [problem] });
    return undefined;
  }

  #giveUp(path: readonly ParsedCertificate[]): undefined {
    this.#done = true;
    const { exceeded, limits } = this.#tools.budget;
    const problem: Problem = {
      code: 'budget-exceeded',
      certificate: path[0]!,
      found: `${this.#pool.intermediates.length} intermediate certificates that lead round and round`,
      required: `a chain found with at most ${limits.steps} steps, ${limits.signatures} signature checks and ${limits.candidates} candidates`,
      message: `The search for a chain was given up: ${exceeded ?? 'the budget'} ran out. Hand in only the certificates of the chain`,
    };
    this.#record({ certificates: path, complete: false, problems: [problem] });
    return undefined;
  }

  #record(attempt: Attempt): void {
    const telling = attempt.complete || attempt.problems.some(({ code }) => code === 'budget-exceeded');
    if (telling || this.attempts.length < MOST_ATTEMPTS) this.attempts.push(attempt);
  }
}

function roundAndRound(child: ParsedCertificate, issuer: ParsedCertificate): Problem {
  return {
    code: 'issuer-unknown',
    certificate: child,
    field: 'tbsCertificate.issuer',
    element: child.certificate.issuer.element,
    found: `${child.title} issued by ${issuer.title}, which stands below it already`,
    required: 'issuers that lead to a trust anchor',
    message: `The chain goes round: ${child.label} and ${issuer.label} vouch for each other, and neither leads to a trust anchor`,
    fix: 'Add the certificate of one of them that the root issued',
  };
}

function untrustedRoot(child: ParsedCertificate, fingerprint: string): Problem {
  return {
    code: 'untrusted-root',
    certificate: child,
    field: 'tbsCertificate.subject',
    element: child.certificate.subject.element,
    found: `the root ${child.title}, SHA-256 ${fingerprint}`,
    required: 'a root that is among the trust anchors',
    message: `The chain ends in ${child.label}, which is not among the trust anchors`,
    fix: 'If this root is your own CA, add it to the trust anchors (--trust FILE) after comparing its fingerprint',
  };
}

function unknownIssuer(child: ParsedCertificate): Problem {
  const issuer = child.issuerTitle;
  return {
    code: 'issuer-unknown',
    certificate: child,
    field: 'tbsCertificate.issuer',
    element: child.certificate.issuer.element,
    found: `issuer ${issuer}`,
    required: 'the certificate of the issuer, among the intermediates or the trust anchors',
    message: `The certificate of ${child.issuerLabel}, which issued ${child.label}, is missing`,
    fix: 'Add the missing CA certificate to the chain file; the CA that issued the certificate publishes it',
  };
}

/** The attempt that came closest leads; those that say the same are dropped. */
function ranked(attempts: readonly Attempt[]): Attempt[] {
  const worst = ({ problems }: Attempt): number => Math.min(...problems.map(({ code }) => rankOf(code)));
  const sorted = attempts.toSorted(
    (a, b) =>
      Number(b.complete) - Number(a.complete) ||
      worst(b) - worst(a) ||
      a.problems.length - b.problems.length ||
      b.certificates.length - a.certificates.length,
  );
  const said = new Set<string>();
  return sorted.filter((attempt) => {
    const key = attempt.problems.map(({ message }) => message).join('\n');
    return !said.has(key) && said.add(key);
  });
}
