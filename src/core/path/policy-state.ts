import { ANY_POLICY, certificatePolicies } from '../x509/extensions/certificate-policies.ts';
import { inhibitAnyPolicy } from '../x509/extensions/inhibit-any-policy.ts';
import { policyConstraints } from '../x509/extensions/policy-constraints.ts';
import { policyMappings } from '../x509/extensions/policy-mappings.ts';
import type { Budget } from './budget.ts';
import type { ParsedCertificate } from './parsed-certificate.ts';
import { PolicyGraph } from './policy-graph.ts';
import type { Problem } from './problem.ts';
import type { PathQuestion } from './question.ts';

/** explicit_policy, policy_mapping, inhibit_anyPolicy and the graph: the policy half of RFC 5280 §6.1. */
export class PolicyState {
  readonly #graph: PolicyGraph;
  readonly #initial: readonly string[];
  #explicitPolicy: number;
  #policyMapping: number;
  #inhibitAnyPolicy: number;

  /** RFC 5280 §6.1.2 (d)–(f); `length` is n, the certificates below the anchor. */
  constructor(question: PathQuestion, length: number, budget: Budget) {
    this.#graph = new PolicyGraph(budget);
    this.#initial = question.initialPolicySet;
    this.#explicitPolicy = question.explicitPolicy ? 0 : length + 1;
    this.#policyMapping = question.inhibitMapping ? 0 : length + 1;
    this.#inhibitAnyPolicy = question.inhibitAny ? 0 : length + 1;
  }

  /** RFC 5937 §4: what the anchor's own certificate demands of every chain below it. */
  startFrom(anchor: ParsedCertificate): void {
    this.#constrain(anchor);
  }

  /** RFC 5280 §6.1.3 (d)–(f) for one certificate, `isLast` for the final one. */
  enter(node: ParsedCertificate, isLast: boolean): Problem | undefined {
    const policies = node.certificate.get(certificatePolicies);
    const anyAllowed = this.#inhibitAnyPolicy > 0 || (!isLast && node.isSelfIssued);
    this.#graph.assert(
      policies?.policies.map(({ policyIdentifier }) => policyIdentifier),
      anyAllowed,
    );
    if (this.#explicitPolicy > 0 || !this.#graph.isEmpty) return undefined;
    return this.#noPolicy(node, 'certificatePolicies that continue a policy of the certificates above');
  }

  /** RFC 5280 §6.1.4 (a), (b), (h)–(j): from a CA certificate to the next. */
  leave(node: ParsedCertificate): Problem | undefined {
    const mappings = node.certificate.get(policyMappings)?.mappings ?? [];
    const any = mappings.find(
      ({ issuerDomainPolicy, subjectDomainPolicy }) =>
        issuerDomainPolicy === ANY_POLICY || subjectDomainPolicy === ANY_POLICY,
    );
    if (any !== undefined) {
      return {
        code: 'policy',
        certificate: node,
        field: 'tbsCertificate.extensions.policyMappings',
        element: any.element,
        found: 'a mapping from or to anyPolicy',
        required: 'mappings between named policies',
        message: `${node.label} maps anyPolicy, which no certificate may`,
        section: '6.1.4 (a)',
      };
    }
    this.#graph.map(mappings, this.#policyMapping > 0);
    if (!node.isSelfIssued) {
      this.#explicitPolicy = Math.max(0, this.#explicitPolicy - 1);
      this.#policyMapping = Math.max(0, this.#policyMapping - 1);
      this.#inhibitAnyPolicy = Math.max(0, this.#inhibitAnyPolicy - 1);
    }
    this.#constrain(node);
    return undefined;
  }

  #constrain({ certificate }: ParsedCertificate): void {
    const constraints = certificate.get(policyConstraints);
    const inhibit = certificate.get(inhibitAnyPolicy);
    this.#explicitPolicy = Math.min(this.#explicitPolicy, constraints?.requireExplicitPolicy ?? Infinity);
    this.#policyMapping = Math.min(this.#policyMapping, constraints?.inhibitPolicyMapping ?? Infinity);
    this.#inhibitAnyPolicy = Math.min(this.#inhibitAnyPolicy, inhibit?.skipCerts ?? Infinity);
  }

  /** RFC 5280 §6.1.5 (a), (b), (g): the user-constrained-policy-set, or why the chain has none. */
  finish(leaf: ParsedCertificate): readonly string[] | Problem {
    let explicit = Math.max(0, this.#explicitPolicy - 1);
    if (leaf.certificate.get(policyConstraints)?.requireExplicitPolicy === 0) explicit = 0;
    const policies = this.#graph.userConstrained(this.#initial);
    if (explicit > 0 || policies.length > 0) return policies;
    const wanted = this.#initial.includes(ANY_POLICY) ? 'any policy' : this.#initial.join(', ');
    return this.#noPolicy(leaf, `a chain whose certificates all carry ${wanted}`);
  }

  #noPolicy(node: ParsedCertificate, required: string): Problem {
    const policies = node.certificate.get(certificatePolicies);
    return {
      code: this.#graph.overBudget ? 'budget-exceeded' : 'policy',
      certificate: node,
      field: 'tbsCertificate.extensions.certificatePolicies',
      element: policies?.element,
      found: policies?.policies.map(({ policyIdentifier }) => policyIdentifier).join(', ') || 'no policies',
      required,
      message: `A certificate policy is demanded, and none is valid for the whole chain down to ${node.label}`,
      section: '6.1.3 (f)',
    };
  }
}
