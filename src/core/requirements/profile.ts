import { didYouMean } from '../base/nearest.ts';
import type { Rule } from './rule.ts';

/** What a profile may make of a rule's problems. */
export const SEVERITIES = ['refused', 'unsupported', 'warning', 'off'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface RuleChoice {
  /**
   * The status of *every* problem the rule finds, whichever the rule itself would have given it; `off`: the rule does
   * not run. Passes, not-applicable and not-checked stay what they are. Absent: as the rule says.
   */
  readonly severity?: Severity;
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** A named, versioned set of rules and settings. Rules it does not mention run as they are. */
export interface Profile {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  /** The id of a profile whose choices hold where this one makes none. */
  readonly extends?: string;
  readonly rules: Readonly<Record<string, RuleChoice>>;
}

/** A rule as a profile wants it. */
export interface ProfileRule {
  readonly rule: Rule;
  /** Never `off`. */
  readonly severity: Exclude<Severity, 'off'> | undefined;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A profile made ready to run. */
export interface ResolvedProfile {
  readonly id: string;
  readonly version: number;
  readonly rules: readonly ProfileRule[];
  /** Those that a certificate alone suffices for, without the costly ones. */
  readonly certificateRules: readonly ProfileRule[];
  /** Rules of a vendor or a standard that this profile judges more leniently than they do. */
  readonly lowered: readonly string[];
}

/** The profile is not one that can be run; the message says which line to change. */
export class ProfileError extends Error {
  override readonly name = 'ProfileError';
}

/**
 * Joins a profile with what it extends and with the rules themselves.
 * @throws {ProfileError} for an unknown base, rule, setting or a setting of another type than its default.
 */
export function resolveProfile(profile: Profile, known: readonly Profile[], rules: readonly Rule[]): ResolvedProfile {
  const choices = inherit(profile, known, []);
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  for (const [id, choice] of choices) {
    const rule = byId.get(id);
    if (rule === undefined)
      throw new ProfileError(`Profile ${profile.id}: there is no rule "${id}".${didYouMean(id, byId.keys())}`);
    checkSettings(profile, rule, choice.settings ?? {});
  }
  const entries: ProfileRule[] = [];
  const lowered: string[] = [];
  for (const rule of rules) {
    const { severity, settings } = choices.get(rule.id) ?? {};
    if (rule.origin !== 'certgate' && isLower(severity, rule)) lowered.push(rule.id);
    if (severity === 'off') continue;
    entries.push({ rule, severity, settings: { ...rule.defaults, ...settings } });
  }
  const certificateRules = entries.filter(
    ({ rule }) => (rule.needs === 'certificate' || rule.needs === 'encoding') && rule.costly !== true,
  );
  return { id: profile.id, version: profile.version, rules: entries, certificateRules, lowered };
}

function inherit(profile: Profile, known: readonly Profile[], seen: readonly string[]): Map<string, RuleChoice> {
  if (seen.includes(profile.id)) {
    throw new ProfileError(`Profile ${profile.id} extends itself (${[...seen, profile.id].join(' → ')}).`);
  }
  const choices = new Map<string, RuleChoice>();
  if (profile.extends !== undefined) {
    const base = known.find(({ id }) => id === profile.extends);
    if (base === undefined) {
      throw new ProfileError(
        `Profile ${profile.id} extends "${profile.extends}", which does not exist.${didYouMean(
          profile.extends,
          known.map(({ id }) => id),
        )}`,
      );
    }
    for (const [id, choice] of inherit(base, known, [...seen, profile.id])) choices.set(id, choice);
  }
  for (const [id, choice] of Object.entries(profile.rules)) {
    const before = choices.get(id);
    choices.set(id, { ...before, ...choice, settings: { ...before?.settings, ...choice.settings } });
  }
  return choices;
}

const WEIGHT: Readonly<Record<string, number>> = { refused: 3, unsupported: 2, warning: 1, off: 0 };

function isLower(severity: Severity | undefined, rule: Rule): boolean {
  if (severity === undefined) return false;
  return WEIGHT[severity]! < Math.max(...rule.gives.map((status) => WEIGHT[status] ?? 0));
}

function checkSettings(profile: Profile, rule: Rule, settings: Readonly<Record<string, unknown>>): void {
  const defaults = rule.defaults ?? {};
  for (const [name, value] of Object.entries(settings)) {
    if (!Object.hasOwn(defaults, name)) {
      throw new ProfileError(
        `Profile ${profile.id}: the rule ${rule.id} has no setting "${name}".${didYouMean(name, Object.keys(defaults))}`,
      );
    }
    const wanted = typeof defaults[name];
    if (typeof value !== wanted || (wanted === 'number' && !Number.isFinite(value))) {
      throw new ProfileError(
        `Profile ${profile.id}: ${rule.id}.${name} must be a ${wanted}, as in ${name}: ${String(defaults[name])}.`,
      );
    }
  }
}

/**
 * Takes a parsed YAML or JSON document apart.
 * @throws {ProfileError} which says what is wrong and what would be right.
 */
export function readProfile(document: unknown): Profile {
  const fields = record(document, 'A profile');
  for (const key of Object.keys(fields)) {
    if (!PROFILE_KEYS.includes(key))
      throw new ProfileError(`A profile has no key "${key}".${didYouMean(key, PROFILE_KEYS)}`);
  }
  const { id, version = 1, title, extends: base, rules = {} } = fields;
  if (typeof id !== 'string' || !/^[a-z0-9][a-z0-9-]*$/.test(id)) {
    throw new ProfileError('A profile needs an id of lower-case letters, digits and dashes, e.g. id: my-sensors');
  }
  if (typeof version !== 'number') throw new ProfileError(`Profile ${id}: version must be a number.`);
  if (base !== undefined && typeof base !== 'string')
    throw new ProfileError(`Profile ${id}: extends must name a profile.`);
  const choices = Object.entries(record(rules, `Profile ${id}: rules`)).map(
    ([rule, choice]) => [rule, readChoice(choice, `Profile ${id}: ${rule}`)] as const,
  );
  return {
    id,
    version,
    title: typeof title === 'string' ? title : id,
    ...(base !== undefined && { extends: base }),
    rules: Object.fromEntries(choices),
  };
}

const PROFILE_KEYS = ['id', 'version', 'title', 'extends', 'rules'];
const CHOICE_KEYS = ['severity', 'settings'];

function readChoice(choice: unknown, where: string): RuleChoice {
  const fields = record(choice ?? {}, where);
  for (const key of Object.keys(fields)) {
    if (!CHOICE_KEYS.includes(key))
      throw new ProfileError(`${where} has no key "${key}".${didYouMean(key, CHOICE_KEYS)}`);
  }
  // YAML 1.1 readers turn an unquoted `off` into false.
  const severity = fields['severity'] === false ? 'off' : fields['severity'];
  if (severity !== undefined && !SEVERITIES.includes(severity as Severity)) {
    throw new ProfileError(`${where}: severity must be one of ${SEVERITIES.join(', ')}; found "${String(severity)}".`);
  }
  const settings = fields['settings'];
  return {
    ...(severity !== undefined && { severity: severity as Severity }),
    ...(settings !== undefined && { settings: record(settings, `${where}: settings`) }),
  };
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ProfileError(`${what} must be a mapping of names to values.`);
}
