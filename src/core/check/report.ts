import { type Finding, type Report, type Trust, verdictOf } from '../base/finding.ts';
import type { Prepared } from './options.ts';

const NONE: readonly string[] = [];

/** Adds the findings up. */
export function makeReport(bundle: string, { profile, at }: Prepared, trust: Trust, findings: Finding[]): Report {
  const notChecked = namesOfNotChecked(findings);
  return {
    bundle,
    profile: profile.id,
    at,
    trust,
    verdict: verdictOf(findings),
    complete: notChecked.length === 0,
    notChecked,
    ...(profile.lowered.length > 0 && { lowered: profile.lowered }),
    findings,
  };
}

/** The same report of some rules only, its verdict what these make of it. */
export function narrowed(report: Report, rules: ReadonlySet<string>): Report {
  const findings = report.findings.filter(({ rule }) => rules.has(rule));
  const notChecked = namesOfNotChecked(findings);
  return { ...report, verdict: verdictOf(findings), complete: notChecked.length === 0, notChecked, findings };
}

function namesOfNotChecked(findings: readonly Finding[]): readonly string[] {
  let names: string[] | undefined;
  for (const { status, rule } of findings) {
    if (status === 'not-checked' && names?.includes(rule) !== true) (names ??= []).push(rule);
  }
  return names ?? NONE;
}
