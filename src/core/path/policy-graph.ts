import { ANY_POLICY } from '../x509/extensions/certificate-policies.ts';
import type { Budget } from './budget.ts';

/** A policy asserted at one depth. */
interface Node {
  readonly policy: string;
  /** Policies of the level above; none: it descends from anyPolicy there. */
  parents: string[];
  /** A mapping takes it to other policies of the next level. */
  mapped: boolean;
  reachable: boolean;
}

interface Level {
  readonly nodes: Map<string, Node>;
  hasAnyPolicy: boolean;
}

/**
 * The valid policy graph of RFC 9618, which replaces the valid_policy_tree of RFC 5280 §6.1: the same answers, and as
 * many nodes as the certificates have policies, where the tree could be made to grow exponentially.
 */
export class PolicyGraph {
  readonly #levels: Level[] = [];
  /** As expected by the certificates above: where the next certificate's policies are looked up. */
  #current: Level = { nodes: new Map(), hasAnyPolicy: true };
  readonly #budget: Budget;
  /** The budget ended; nothing is valid any more. */
  overBudget = false;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** RFC 9618 §5.3 (d), (e), (f): the policies of the next certificate; undefined where it has none. */
  assert(policies: readonly string[] | undefined, anyPolicyAllowed: boolean): void {
    const level = this.#current;
    this.#levels.push(level);
    if (policies === undefined) {
      level.nodes.clear();
      level.hasAnyPolicy = false;
      return;
    }
    const before = level.hasAnyPolicy;
    const asserted = new Set(policies);
    if (!(asserted.delete(ANY_POLICY) && anyPolicyAllowed)) {
      level.hasAnyPolicy = false;
      for (const policy of level.nodes.keys()) if (!asserted.has(policy)) level.nodes.delete(policy);
    }
    if (before) for (const policy of asserted) if (!level.nodes.has(policy)) this.#add(level, policy, []);
  }

  /** RFC 9618 §5.4 (b): the mappings of a CA certificate, after its policies; `allowed`: policy_mapping is not 0. */
  map(mappings: readonly { issuerDomainPolicy: string; subjectDomainPolicy: string }[], allowed: boolean): void {
    const level = this.#current;
    const next: Level = { nodes: new Map(), hasAnyPolicy: level.hasAnyPolicy };
    for (const { issuerDomainPolicy: from } of mappings) {
      if (!allowed) {
        level.nodes.delete(from);
        continue;
      }
      if (!level.nodes.has(from) && level.hasAnyPolicy) this.#add(level, from, []);
      const node = level.nodes.get(from);
      if (node !== undefined) node.mapped = true;
    }
    for (const { issuerDomainPolicy: from, subjectDomainPolicy: to } of allowed ? mappings : []) {
      if (level.nodes.has(from)) this.#link(next, to, from);
    }
    for (const { policy, mapped } of level.nodes.values()) if (!mapped) this.#link(next, policy, policy);
    this.#current = next;
  }

  #link(level: Level, policy: string, parent: string): void {
    const node = level.nodes.get(policy);
    if (node === undefined) this.#add(level, policy, [parent]);
    else if (this.#spend()) node.parents.push(parent);
  }

  #add(level: Level, policy: string, parents: string[]): void {
    if (this.#spend()) level.nodes.set(policy, { policy, parents, mapped: false, reachable: false });
  }

  #spend(): boolean {
    if (this.#budget.spend('policyNodes')) return true;
    this.overBudget = true;
    return false;
  }

  /** The graph is not null: some policy leads from the anchor to the last certificate. */
  get isEmpty(): boolean {
    const last = this.#levels.at(-1);
    return this.overBudget || (last !== undefined && !last.hasAnyPolicy && last.nodes.size === 0);
  }

  /**
   * RFC 9618 §5.5 (g): the user-constrained-policy-set, in the terms of the anchor's domain. Contains anyPolicy where
   * the certificates and the user allow any.
   * @param initial user-initial-policy-set
   */
  userConstrained(initial: readonly string[]): string[] {
    if (this.isEmpty) return [];
    const authority = this.#authorityConstrained();
    if (initial.includes(ANY_POLICY)) return [...authority];
    if (authority.has(ANY_POLICY)) return [...initial];
    return initial.filter((policy) => authority.has(policy));
  }

  #authorityConstrained(): Set<string> {
    const found = new Set<string>();
    const last = this.#levels.at(-1);
    if (last === undefined || last.hasAnyPolicy) found.add(ANY_POLICY);
    for (const node of last?.nodes.values() ?? []) node.reachable = true;
    for (let depth = this.#levels.length - 1; depth >= 0; depth--) {
      for (const { policy, parents, reachable } of this.#levels[depth]!.nodes.values()) {
        if (!reachable) continue;
        if (parents.length === 0) found.add(policy);
        for (const parent of parents) {
          const above = this.#levels[depth - 1]?.nodes.get(parent);
          if (above !== undefined) above.reachable = true;
        }
      }
    }
    return found;
  }
}
