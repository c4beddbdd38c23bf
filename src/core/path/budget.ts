/** How much one validation may cost. A hostile graph reaches a limit; no honest one comes near. */
export interface BudgetLimits {
  /** Signatures verified. webpki's MAX_SIGNATURE_CHECKS is 100, OpenSSL has none. */
  readonly signatures: number;
  /** One name held against one subtree. webpki allows 250 000, OpenSSL 1 048 576 (NAME_CHECK_MAX). */
  readonly nameComparisons: number;
  /** Certificates taken into consideration as issuer of another. webpki's MAX_BUILD_CHAIN_CALLS is 200 000. */
  readonly steps: number;
  /** Whole chains judged before giving up. Go stops at 100 signature checks, which comes to the same. */
  readonly candidates: number;
  /** Certificates between leaf and anchor, both excluded. OpenSSL's default depth is 100, webpki's 6, Go has none. */
  readonly intermediates: number;
  /** Nodes of the policy graph, edges included: linear in the input by RFC 9618, this is for inputs that are huge. */
  readonly policyNodes: number;
}

export const BUDGET: BudgetLimits = {
  signatures: 100,
  nameComparisons: 250_000,
  steps: 20_000,
  candidates: 64,
  intermediates: 20,
  policyNodes: 20_000,
};

export type BudgetKind = keyof BudgetLimits;

/** What is left of a validation's budget; one object per call, shared by everything that call does. */
export class Budget {
  readonly limits: BudgetLimits;
  readonly #spent: Record<BudgetKind, number> = {
    signatures: 0,
    nameComparisons: 0,
    steps: 0,
    candidates: 0,
    intermediates: 0,
    policyNodes: 0,
  };
  #exceeded: BudgetKind | undefined;

  constructor(limits: BudgetLimits = BUDGET) {
    this.limits = limits;
  }

  /** The first limit that was reached. */
  get exceeded(): BudgetKind | undefined {
    return this.#exceeded;
  }

  /** False when there is not that much left; then it is not spent, and `exceeded` names the limit. */
  spend(kind: BudgetKind, amount = 1): boolean {
    if (this.#spent[kind] + amount > this.limits[kind]) {
      this.#exceeded ??= kind;
      return false;
    }
    this.#spent[kind] += amount;
    return true;
  }

  spent(kind: BudgetKind): number {
    return this.#spent[kind];
  }
}

const WORDS: Readonly<Record<BudgetKind, string>> = {
  signatures: 'signature checks',
  nameComparisons: 'comparisons of a name with a name constraint',
  steps: 'possible issuers looked at',
  candidates: 'candidate chains judged',
  intermediates: 'intermediate certificates in one chain',
  policyNodes: 'nodes of the policy graph',
};

/** `100 signature checks`. */
export const describeLimit = (kind: BudgetKind, limits: BudgetLimits): string => `${limits[kind]} ${WORDS[kind]}`;
