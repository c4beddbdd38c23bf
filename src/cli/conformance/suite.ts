import type { ChainInput, ValidatorOptions } from '../../core/path/validate.ts';
import type { PathProfile } from '../../core/path/settings.ts';
import { validatePath } from '../../index.ts';

export type Decision = 'accept' | 'reject';

/** One case of an external suite. */
export interface SuiteCase {
  readonly id: string;
  /** The part of the suite that it is counted in. */
  readonly group: string;
  readonly expected: Decision;
  /** Cases that demand the opposite of the same kind of certificate. */
  readonly conflictsWith: readonly string[];
  /** The user-constrained-policy-set that a valid chain must have, where the suite says so. */
  readonly policies?: readonly string[];
  readonly input: ChainInput & ValidatorOptions;
}

/** A known divergence, as `tests/conformance/*-exceptions.json` lists it. */
export interface ConformanceException {
  readonly id: string;
  readonly profile: PathProfile;
  readonly expected: Decision;
  readonly actual: Decision;
  readonly reason: string;
}

export interface Divergence {
  readonly id: string;
  readonly expected: Decision;
  readonly actual: Decision;
  /** The first finding; `valid` where there is none. */
  readonly found: string;
  readonly conflictsWith: readonly string[];
  /** Undefined where nobody has explained it: that is a failure. */
  readonly exception: ConformanceException | undefined;
}

/** Accepts and rejects apart: "always reject" alone scores 70 % on limbo. */
export interface GroupScore {
  readonly group: string;
  readonly accepts: { readonly right: number; readonly total: number };
  readonly rejects: { readonly right: number; readonly total: number };
}

export interface SuiteRun {
  readonly profile: PathProfile;
  readonly scores: readonly GroupScore[];
  readonly divergences: readonly Divergence[];
  /** Exceptions for cases of this file that now come out as the suite expects. */
  readonly unexpectedSuccesses: readonly ConformanceException[];
  /** Exceptions for cases that the file does not hold. */
  readonly absent: readonly ConformanceException[];
  /** The slowest case. */
  readonly slowest: { readonly id: string; readonly milliseconds: number };
}

/** Runs every case with one profile and holds the divergences against the exceptions. */
export function runSuite(
  cases: readonly SuiteCase[],
  profile: PathProfile,
  exceptions: readonly ConformanceException[],
): SuiteRun {
  const known = new Map(exceptions.filter((entry) => entry.profile === profile).map((entry) => [entry.id, entry]));
  const divergences: Divergence[] = [];
  const unexpectedSuccesses: ConformanceException[] = [];
  const scores = new Map<string, { accept: [number, number]; reject: [number, number] }>();
  let slowest = { id: '', milliseconds: 0 };
  for (const { id, group, expected, input, conflictsWith, policies } of cases) {
    const start = performance.now();
    const result = validatePath({ ...input, profile });
    const milliseconds = performance.now() - start;
    if (milliseconds > slowest.milliseconds) slowest = { id, milliseconds };
    const actual: Decision = result.valid ? 'accept' : 'reject';
    const wrong = result.valid ? wrongPolicies(result.policies ?? [], policies) : undefined;
    let score = scores.get(group);
    if (score === undefined) scores.set(group, (score = { accept: [0, 0], reject: [0, 0] }));
    score[expected][1] += 1;
    const exception = known.get(id);
    if (actual === expected && wrong === undefined) {
      score[expected][0] += 1;
      if (exception !== undefined) unexpectedSuccesses.push(exception);
      continue;
    }
    const found = wrong ?? result.findings[0]?.message ?? 'valid';
    divergences.push({ id, expected, actual, found, conflictsWith, exception });
  }
  const ids = new Set(cases.map(({ id }) => id));
  const absent = [...known.values()].filter(({ id }) => !ids.has(id));
  return { profile, scores: [...scores].map(toScore), divergences, unexpectedSuccesses, absent, slowest };
}

function wrongPolicies(actual: readonly string[], expected: readonly string[] | undefined): string | undefined {
  if (expected === undefined || actual.toSorted().join() === expected.toSorted().join()) return undefined;
  return `valid for the policies ${actual.join(', ') || '(none)'} instead of ${expected.join(', ') || '(none)'}`;
}

function toScore([group, { accept, reject }]: [
  string,
  { accept: [number, number]; reject: [number, number] },
]): GroupScore {
  return {
    group,
    accepts: { right: accept[0], total: accept[1] },
    rejects: { right: reject[0], total: reject[1] },
  };
}

/** The mean of the two shares; a half of the suite that has no cases does not count. */
export function balancedAccuracy({ accepts, rejects }: GroupScore): number {
  const shares = [accepts, rejects].filter(({ total }) => total > 0).map(({ right, total }) => right / total);
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/** Nobody has explained it, or it is no longer what was explained. */
export const isUnexplained = ({ exception, expected, actual }: Divergence): boolean =>
  exception === undefined || exception.actual !== actual || exception.expected !== expected;

/** Every divergence is explained and every explanation is needed. `whole`: the file that the exceptions were written for. */
export const verdictOf = (run: SuiteRun, whole: boolean): boolean =>
  !run.divergences.some(isUnexplained) && run.unexpectedSuccesses.length === 0 && !(whole && run.absent.length > 0);
