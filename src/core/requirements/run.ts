import { APPLIANCE_SAYS, type Finding, type Status } from '../base/finding.ts';
import { DerError } from '../der/errors.ts';
import type { OpenedBundle } from '../files/bundle.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { ProfileRule, ResolvedProfile } from './profile.ts';
import type { Circumstances, EncodingSubject, FilesSubject, Lazy, Outcome, Outcomes, Subject } from './rule.ts';

/** What is judged. Without `bundle` only the rules on the certificate alone run. */
export interface Judged {
  readonly certificate: Certificate | undefined;
  /** Why `certificate` is undefined although bytes of one came. */
  readonly error: DerError | undefined;
  readonly block: number | undefined;
  readonly bundle: OpenedBundle | undefined;
  readonly circumstances: Circumstances;
}

/** Runs of many certificates want `problems`: no words are made for what passes or does not apply. */
export type Wanted = 'all' | 'problems';

// What decides the verdict comes first; a rule that failed to judge weighs as much as a refusal.
const RANK: Readonly<Record<Status, number>> = {
  refused: 0,
  'checker-failed': 0,
  unsupported: 1,
  warning: 2,
  'not-checked': 3,
  pass: 4,
  'not-applicable': 5,
};

/** One object for all rules of a run; only the settings change from rule to rule. */
interface MutableSubject extends EncodingSubject {
  settings: Readonly<Record<string, unknown>>;
}

/** All findings of a profile's rules, what decides first, inside one status in the order of the registry. */
export function run(profile: ResolvedProfile, judged: Judged, wanted: Wanted): Finding[] {
  const findings: Finding[] = [];
  const { certificate, error, block, bundle, circumstances } = judged;
  const subject: MutableSubject = { certificate, error, block, bundle, circumstances, settings: NO_SETTINGS };
  const rules = judged.bundle === undefined ? profile.certificateRules : profile.rules;
  for (const entry of rules) {
    const before = findings.length;
    subject.settings = entry.settings;
    try {
      collect(findings, entry, subject, wanted);
    } catch (error) {
      findings.length = before;
      findings.push(finding(entry, error instanceof DerError ? malformed(error) : failed(error), subject));
    }
  }
  return sortByRank(findings);
}

const NO_SETTINGS = {};

/** Stable: inside a rank the order of the registry stays. A few are sorted by insertion: they are nearly in order. */
function sortByRank(findings: Finding[]): Finding[] {
  if (findings.length > 64) return findings.sort((a, b) => RANK[a.status] - RANK[b.status]);
  for (let i = 1; i < findings.length; i++) {
    const finding = findings[i]!;
    const rank = RANK[finding.status];
    let at = i;
    for (; at > 0 && RANK[findings[at - 1]!.status] > rank; at--) findings[at] = findings[at - 1]!;
    findings[at] = finding;
  }
  return findings;
}

function collect(findings: Finding[], entry: ProfileRule, subject: MutableSubject, wanted: Wanted): void {
  const outcomes = judge(entry, subject);
  if (Array.isArray(outcomes)) {
    for (const outcome of outcomes as readonly Outcome[]) {
      if (isWanted(outcome, wanted)) findings.push(finding(entry, outcome, subject));
    }
  } else if (isWanted(outcomes as Outcome, wanted)) findings.push(finding(entry, outcomes as Outcome, subject));
}

const isWanted = ({ status }: Outcome, wanted: Wanted): boolean =>
  wanted === 'all' || (status !== 'pass' && status !== 'not-applicable');

function judge({ rule }: ProfileRule, subject: MutableSubject): Outcomes {
  switch (rule.needs) {
    case 'certificate':
      return subject.certificate === undefined ? UNREADABLE : rule.check(subject as Subject);
    case 'encoding':
      return rule.check(subject);
    case 'bundle':
      if (subject.certificate === undefined) return UNREADABLE;
      return rule.check(subject as Subject & { bundle: OpenedBundle });
    case 'files':
      return rule.check(subject as FilesSubject);
  }
}

const UNREADABLE: Outcome = { status: 'not-checked', message: 'There is no readable certificate to check this on.' };

// A field that cannot be read is crt-well-formed's to refuse; here it only means that nothing can be said.
const malformed = (error: DerError): Outcome => ({
  status: 'not-checked',
  message: `The field that this rule reads is damaged: ${error.message}. See crt-well-formed.`,
});

const failed = (error: unknown): Outcome => ({
  status: 'checker-failed',
  message:
    `Certgate itself failed while it checked this: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}. ` +
    'That says nothing about your certificate.',
  fix: 'Report this with the certificate (never the key) to the people who run Certgate. The other findings still count.',
});

const isProblem = (status: Status): boolean => status === 'refused' || status === 'unsupported' || status === 'warning';

function finding({ rule, severity }: ProfileRule, outcome: Outcome, subject: MutableSubject): Finding {
  const problem = isProblem(outcome.status);
  const status = problem && severity !== undefined ? severity : outcome.status;
  const location = now(outcome.location) ?? defaultLocation(rule, subject);
  const found = now(outcome.found);
  const required = now(outcome.required) ?? rule.required;
  const message = now(outcome.message) ?? defaultMessage(rule, status, found);
  const hasFix = problem || status === 'checker-failed' || outcome.fix !== undefined;
  const fix = hasFix ? fixOf(outcome, rule, subject) : undefined;
  const says = saysOf(outcome, rule, status);
  const { clientsSay } = outcome;
  const { source, id } = rule;
  // In the order of the report's documentation, which is also the order of its JSON. Nearly all problems are of one of
  // these shapes: made at once they cost a fraction of what the parts of the last one do.
  if (location !== undefined && found !== undefined && fix !== undefined) {
    if (clientsSay === undefined) {
      return says === undefined
        ? { rule: id, status, location, found, required, message, fix, source }
        : { rule: id, status, location, found, required, message, fix, applianceSays: says, source };
    }
    return says === undefined
      ? { rule: id, status, location, found, required, message, fix, clientsSay, source }
      : { rule: id, status, location, found, required, message, fix, applianceSays: says, clientsSay, source };
  }
  return {
    rule: id,
    status,
    ...(location !== undefined && { location }),
    ...(found !== undefined && { found }),
    required,
    message,
    ...(fix !== undefined && { fix }),
    ...(says !== undefined && { applianceSays: says }),
    ...(clientsSay !== undefined && { clientsSay }),
    source,
  };
}

const fixOf = (outcome: Outcome, rule: ProfileRule['rule'], { circumstances }: MutableSubject): string =>
  circumstances.brief === true ? briefFix(outcome, rule) : (now(outcome.fix) ?? rule.fix ?? ASK_FOR_NEW_ONE);

/** The appliance never warns: what we only warn about it takes without a word. */
function saysOf({ applianceSays }: Outcome, rule: ProfileRule['rule'], status: Status): string | undefined {
  if (status !== 'refused' && status !== 'unsupported') return undefined;
  const says = applianceSays === undefined ? rule.applianceSays : applianceSays;
  return says === null ? undefined : APPLIANCE_SAYS[says];
}

/** Among a million findings nobody pastes a command made for one of them: the texts that are there already do. */
const briefFix = ({ fix }: Outcome, rule: ProfileRule['rule']): string =>
  typeof fix === 'string' ? fix : (rule.fix ?? ASK_FOR_NEW_ONE);

const ASK_FOR_NEW_ONE =
  'Make a new request that has it right and have your CA sign it. For the exact command, check this certificate by itself.';

function defaultLocation(rule: ProfileRule['rule'], { block }: MutableSubject): Finding['location'] {
  if (rule.needs === 'files') return undefined;
  return block === undefined ? { file: 'crt' } : { file: 'crt', block };
}

const defaultMessage = (rule: ProfileRule['rule'], status: Status, found: string | undefined): string => {
  if (status === 'pass') return found === undefined ? `${rule.title}: in order.` : `${rule.title}: ${found}.`;
  return `${rule.title}: ${found === undefined ? '' : `found ${found}; `}required: ${rule.required}.`;
};

/** What is undefined here has a default. A text may have to read a field that is itself damaged: that costs the text only. */
function now<T>(lazy: Lazy<T> | undefined): T | undefined {
  if (typeof lazy !== 'function') return lazy;
  try {
    return (lazy as () => T)();
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
