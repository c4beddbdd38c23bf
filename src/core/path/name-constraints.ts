import type { Element } from '../der/element.ts';
import { type GeneralSubtree, nameConstraints } from '../x509/extensions/name-constraints.ts';
import type { Budget } from './budget.ts';
import { type ConstrainedName, constrainedNames, readSubtreeBase, type Subtree } from './constrained-names.ts';
import type { ParsedCertificate } from './parsed-certificate.ts';
import type { Problem } from './problem.ts';
import type { PathSettings } from './settings.ts';

interface Constraints {
  readonly owner: ParsedCertificate;
  readonly permitted: readonly Subtree[];
  readonly excluded: readonly Subtree[];
  readonly fault: { readonly element: Element; readonly message: string } | undefined;
}

const FIELD = 'tbsCertificate.extensions.nameConstraints';

/**
 * The name constraints of the certificates above. RFC 5280 §6.1.2 keeps the intersection of what is permitted and the
 * union of what is excluded; a name that satisfies each certificate's constraints by themselves satisfies both.
 */
export class NameConstraintState {
  readonly #constraints: Constraints[] = [];
  readonly #settings: PathSettings;
  readonly #budget: Budget;

  constructor(settings: PathSettings, budget: Budget) {
    this.#settings = settings;
    this.#budget = budget;
  }

  /** RFC 5280 §6.1.4 (g). The problem of constraints that cannot be applied: they must not be ignored. */
  add(issuer: ParsedCertificate): Problem | undefined {
    const constraints = issuer.remember(`nameConstraints ${this.#settings.id}`, () =>
      readConstraints(issuer, this.#settings),
    );
    if (constraints === undefined) return undefined;
    this.#constraints.push(constraints);
    const { fault } = constraints;
    if (fault === undefined) return undefined;
    return {
      code: 'name-constraints',
      certificate: issuer,
      field: FIELD,
      element: fault.element,
      found: fault.message,
      required: 'name constraints that can be applied',
      message: `${issuer.label} limits names in a way that cannot be applied: ${fault.message}`,
      section: '4.2.1.10',
    };
  }

  /** RFC 5280 §6.1.3 (b), (c): the first name of `node` that a certificate above it does not allow. */
  check(node: ParsedCertificate, isLast: boolean): Problem | undefined {
    if (this.#constraints.length === 0) return undefined;
    const key = `constrainedNames ${this.#settings.id} ${isLast}`;
    const names = node.remember(key, () => constrainedNames(node, this.#settings, isLast));
    for (const constraints of this.#constraints) {
      const cost = names.length * (constraints.permitted.length + constraints.excluded.length);
      if (!this.#budget.spend('nameComparisons', cost)) return this.#tooMany(node, constraints, cost);
      for (const name of names) {
        const problem = judgeName(node, name, constraints);
        if (problem !== undefined) return problem;
      }
    }
    return undefined;
  }

  #tooMany(node: ParsedCertificate, { owner }: Constraints, cost: number): Problem {
    return {
      code: 'budget-exceeded',
      certificate: owner,
      field: FIELD,
      found: `${cost} comparisons of names with constraints`,
      required: `at most ${this.#budget.limits.nameComparisons} in one validation`,
      message: `${owner.label} has so many name constraints, and ${node.label} so many names, that comparing them was given up`,
      section: '6.1.3',
    };
  }
}

function judgeName(node: ParsedCertificate, name: ConstrainedName, constraints: Constraints): Problem | undefined {
  const { owner, permitted, excluded } = constraints;
  const hit = excluded.find((subtree) => subtree.form === name.form && name.mayBeIn(subtree));
  if (hit !== undefined) return objection(node, name, `names outside ${hit.text}, which ${owner.title} excludes`);
  const allowed = permitted.filter(({ form }) => form === name.form);
  if (allowed.length === 0 || allowed.some((subtree) => name.isIn(subtree))) return undefined;
  const list = allowed.slice(0, 3).map(({ text }) => text);
  const more = allowed.length > 3 ? ` and ${allowed.length - 3} more` : '';
  return objection(node, name, `names inside ${list.join(', ')}${more}, all that ${owner.title} permits`);
}

function objection(node: ParsedCertificate, name: ConstrainedName, required: string): Problem {
  return {
    code: 'name-constraints',
    certificate: node,
    field: fieldOf(name, node),
    element: name.element,
    found: `${name.form} ${name.text}`,
    required,
    message: `${node.label} has a name that a certificate above it does not allow: ${name.text}`,
    section: '6.1.3 (b), (c)',
  };
}

function fieldOf({ element, form }: ConstrainedName, { certificate }: ParsedCertificate): string {
  const subject = certificate.subject.element;
  // Everything of the subject stands before every extension.
  const isOfSubject = element !== undefined && element.offset < subject.offset + subject.length;
  return isOfSubject ? 'tbsCertificate.subject' : `tbsCertificate.extensions.subjectAltName.${form}`;
}

function readConstraints(owner: ParsedCertificate, settings: PathSettings): Constraints | undefined {
  const extension = owner.certificate.get(nameConstraints);
  if (extension === undefined) return undefined;
  let fault: Constraints['fault'];
  const read = (subtrees: readonly GeneralSubtree[] | undefined): Subtree[] => {
    const list: Subtree[] = [];
    for (const { base, element, minimum, maximum } of subtrees ?? []) {
      // "the minimum MUST be zero, and maximum MUST be absent"; whoever cannot process others must reject.
      const subtree =
        minimum !== 0 || maximum !== undefined ? 'a minimum or maximum distance' : readSubtreeBase(base, settings);
      if (typeof subtree === 'string') fault ??= { element, message: subtree };
      else list.push(subtree);
    }
    return list;
  };
  const permitted = read(extension.permittedSubtrees);
  const excluded = read(extension.excludedSubtrees);
  return { owner, permitted, excluded, fault };
}
