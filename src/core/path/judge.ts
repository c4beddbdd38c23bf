import type { AlgorithmIdentifier } from '../x509/algorithm.ts';
import { basicConstraints } from '../x509/extensions/basic-constraints.ts';
import type { Budget } from './budget.ts';
import { NameConstraintState } from './name-constraints.ts';
import { nodeProblems } from './node-problems.ts';
import type { ParsedCertificate, Role } from './parsed-certificate.ts';
import { PolicyState } from './policy-state.ts';
import type { Problem } from './problem.ts';
import type { PathQuestion } from './question.ts';
import { needsParameters, type Signatures } from './signature.ts';

/** Certificates that may form a chain: leaf first, then issuer after issuer, a trust anchor last. Nothing is proved. */
export interface CandidatePath {
  readonly certificates: readonly ParsedCertificate[];
}

const proof: unique symbol = Symbol('judged valid');

/** A chain that was found valid, leaf first, anchor last: only `judge` can make one. */
export interface VerifiedPath extends CandidatePath {
  readonly [proof]: true;
  /** user-constrained-policy-set, dotted. */
  readonly policies: readonly string[];
}

export interface JudgeTools {
  readonly signatures: Signatures;
  readonly budget: Budget;
  /** RFC 5280 §6.1.3 (a)(3); asked only about chains that are valid otherwise. */
  readonly revocation?: (path: CandidatePath, question: PathQuestion) => readonly Problem[];
}

export type Judgement = { readonly path: VerifiedPath } | { readonly problems: readonly Problem[] };

/** Judges one given chain, RFC 5280 §6.1: every problem that it has, from the anchor down. */
export function judge(candidate: CandidatePath, question: PathQuestion, tools: JudgeTools): Judgement {
  const walk = new Walk(candidate, question, tools);
  const problems = walk.problems();
  if (problems.length === 0) problems.push(...(tools.revocation?.(candidate, question) ?? []));
  if (problems.length > 0) return { problems };
  return { path: { certificates: candidate.certificates, policies: walk.policies, [proof]: true } };
}

/** The state variables of RFC 5280 §6.1.2, and one pass over the certificates. */
class Walk {
  readonly #certificates: readonly ParsedCertificate[];
  readonly #question: PathQuestion;
  readonly #tools: JudgeTools;
  readonly #constraints: NameConstraintState;
  readonly #policy: PolicyState;
  readonly #found: Problem[] = [];
  policies: readonly string[] = [];
  /** max_path_length, and who set it to what. */
  #pathLength: number;
  #limit: { readonly by: string; readonly length: number };
  /** working_public_key_parameters, for DSA */
  #parameters: AlgorithmIdentifier | undefined;

  constructor({ certificates }: CandidatePath, question: PathQuestion, tools: JudgeTools) {
    this.#certificates = certificates;
    this.#question = question;
    this.#tools = tools;
    this.#constraints = new NameConstraintState(question.settings, tools.budget);
    this.#policy = new PolicyState(question, certificates.length - 1, tools.budget);
    this.#pathLength = question.maxDepth;
    this.#limit = { by: 'the caller', length: question.maxDepth };
  }

  problems(): Problem[] {
    const last = this.#certificates.length - 1;
    // What cannot be read cannot be judged any further.
    for (let i = last; i >= 0; i--) this.#add(...this.#ownProblems(i));
    if (this.#found.some(({ code }) => code === 'malformed')) return this.#found;
    if (last > 0) this.#start(this.#certificates[last]!);
    for (let i = last - 1; i >= 0; i--) this.#enter(i);
    const policies = this.#policy.finish(this.#certificates[0]!);
    if ('code' in policies) this.#add(policies);
    else this.policies = policies;
    return this.#found;
  }

  #ownProblems(index: number): readonly Problem[] {
    const own = nodeProblems(this.#certificates[index]!, this.#roleOf(index), this.#question);
    // A leaf that is an anchor itself is trusted for what it is: its signature proves nothing, as that of any anchor.
    return this.#certificates.length > 1 ? own : own.filter(({ code }) => code !== 'weak-signature');
  }

  #roleOf(index: number): Role {
    if (index === 0) return 'leaf';
    return index === this.#certificates.length - 1 ? 'anchor' : 'intermediate';
  }

  #add(...problems: (Problem | undefined)[]): void {
    for (const problem of problems) if (problem !== undefined) this.#found.push(problem);
  }

  /** An anchor is a certificate here, and its constraints apply (RFC 5937 §4). */
  #start(anchor: ParsedCertificate): void {
    this.#policy.startFrom(anchor);
    this.#add(this.#constraints.add(anchor));
    this.#limitLength(anchor);
    this.#parameters = anchor.certificate.subjectPublicKeyInfo.algorithm;
  }

  #enter(index: number): void {
    const node = this.#certificates[index]!;
    const issuer = this.#certificates[index + 1]!;
    this.#add(this.#chaining(node, issuer));
    // §6.1.3 (b), (c): "If certificate i is self-issued and it is not the final certificate in the path, skip this step".
    if (index === 0 || !node.isSelfIssued) this.#add(this.#constraints.check(node, index === 0));
    this.#add(this.#policy.enter(node, index === 0));
    if (index > 0) this.#leave(node);
  }

  /** §6.1.4, preparation for the certificate below. */
  #leave(node: ParsedCertificate): void {
    this.#add(this.#policy.leave(node));
    this.#add(this.#constraints.add(node));
    const { algorithm } = node.certificate.subjectPublicKeyInfo;
    if (!needsParameters(node)) this.#parameters = algorithm;
    // (l) "If the certificate was not self-issued, verify that max_path_length is greater than zero and decrement".
    if (!node.isSelfIssued) {
      if (this.#pathLength <= 0) this.#add(tooLong(node, this.#limit));
      this.#pathLength--;
    }
    this.#limitLength(node);
  }

  #limitLength({ certificate, title }: ParsedCertificate): void {
    const length = certificate.get(basicConstraints)?.pathLenConstraint;
    if (length === undefined || length >= this.#pathLength) return;
    this.#pathLength = length;
    this.#limit = { by: title, length };
  }

  /** §6.1.3 (a)(1), (4), and the key identifiers. */
  #chaining(node: ParsedCertificate, issuer: ParsedCertificate): Problem | undefined {
    if (node.issuerKey !== issuer.subjectKey) {
      return {
        code: 'issuer-unknown',
        certificate: node,
        field: 'tbsCertificate.issuer',
        element: node.certificate.issuer.element,
        found: node.issuerTitle,
        required: issuer.title,
        message: `${node.label} was not issued by ${issuer.label}`,
        section: '6.1.3 (a)(4)',
      };
    }
    const verdict = this.#tools.signatures.check(node, issuer, needsParameters(issuer) ? this.#parameters : undefined);
    if (verdict.status !== 'valid') return signatureProblemOf(node, issuer, verdict);
    const { authorityKeyId } = node;
    if (!this.#question.settings.keyIdentifiersMatch || authorityKeyId === undefined) return undefined;
    if (issuer.subjectKeyId === undefined || issuer.subjectKeyId === authorityKeyId) return undefined;
    return {
      code: 'key-identifier-mismatch',
      certificate: node,
      field: 'tbsCertificate.extensions.authorityKeyIdentifier',
      found: authorityKeyId,
      required: `${issuer.subjectKeyId}, the subjectKeyIdentifier of ${issuer.title}`,
      message: `${node.label} names another key of its issuer than the one that signed it`,
      section: '4.2.1.2',
    };
  }
}

function tooLong(node: ParsedCertificate, { by, length }: { readonly by: string; readonly length: number }): Problem {
  const allowed = length === 0 ? 'no CA certificate' : `${length} CA certificate${length === 1 ? '' : 's'}`;
  return {
    code: 'path-too-long',
    certificate: node,
    field: 'tbsCertificate.extensions.basicConstraints.pathLenConstraint',
    found: `CA certificate ${length + 1} below ${by}`,
    required: `${allowed} below ${by}`,
    message: `${node.label} is one CA certificate too many: ${by} allows ${allowed} between itself and the last certificate`,
    section: '6.1.4 (l)',
  };
}

/** Why a certificate does not follow from its issuer's key. */
export function signatureProblemOf(
  node: ParsedCertificate,
  issuer: ParsedCertificate,
  verdict: Exclude<ReturnType<Signatures['check']>, { status: 'valid' }>,
): Problem {
  const shared = {
    certificate: node,
    field: 'signatureValue',
    element: node.certificate.signatureValue,
    section: '6.1.3 (a)(1)',
  } as const;
  if (verdict.status === 'budget') {
    return {
      ...shared,
      code: 'budget-exceeded',
      required: 'a graph of certificates that can be searched with a bounded number of signature checks',
      message: `Too many signatures had to be checked before that of ${node.label}; the search was given up`,
    };
  }
  if (verdict.status === 'unsupported') {
    return {
      ...shared,
      code: 'algorithm-unsupported',
      found: verdict.reason,
      required: `a signature that the key of ${issuer.title} can have made`,
      message: `The signature of ${node.label} cannot be checked: ${verdict.reason}`,
    };
  }
  return {
    ...shared,
    code: 'signature-invalid',
    found: `a signature that the key of ${issuer.title} did not make`,
    required: `the signature of ${node.issuerTitle}`,
    message: `${node.label} was altered, or signed by another key of the same name: its signature does not fit the key of ${issuer.label}`,
  };
}
