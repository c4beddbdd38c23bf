import type { Finding, Location, Report, Source, Status, Verdict } from '../../core/base/finding.ts';
import type { FileNames } from '../../core/base/prose.ts';
import { hang, prose, withoutRepeated } from './prose.ts';
import type { Style } from './style.ts';
import { plural, shorten, shortenPath, visible, width, wrap } from './text.ts';

/** What the renderer knows beside the report: the real names behind `crt`, `key`, `chain`. */
export interface Handed {
  readonly crt: string | undefined;
  readonly key: string | undefined;
  readonly chain: string | undefined;
}

export interface ReportView {
  readonly report: Report;
  readonly handed: Handed;
  /** Unsupported bundles were allowed beforehand. */
  readonly allowed: boolean;
  /** List every finding, passes too. */
  readonly everything: boolean;
}

const INDENT = '  ';
// Wide enough for `Appliance`, the longest label.
const LABEL = 11;

const VERDICT_WORDS: Readonly<Record<Verdict, { word: string; colour: 'green' | 'yellow' | 'red'; sentence: string }>> =
  {
    accepted: { word: 'ACCEPTED', colour: 'green', sentence: 'The appliance should take this bundle.' },
    unsupported: {
      word: 'UNSUPPORTED',
      colour: 'yellow',
      sentence:
        'The appliance may take this bundle, but the vendor does not support it: nobody promises that it works, or goes on working.',
    },
    refused: { word: 'REFUSED', colour: 'red', sentence: 'Do not upload this bundle as it is.' },
  };

/** One bundle's report in full: verdict, root cause, fix, then the rest. */
export function renderReport(style: Style, view: ReportView): string {
  const { report, everything } = view;
  const problems = report.findings.filter(({ status }) => isProblem(status));
  const passes = report.findings.filter(({ status }) => status === 'pass' || status === 'not-applicable');
  const unchecked = report.findings.filter(({ status }) => status === 'not-checked');
  const blocks = [
    header(style, view),
    ...problems.map((_, index) => problem(style, view, problems, index)),
    ...(unchecked.length > 0 ? [notChecked(style, unchecked, everything)] : []),
    passed(style, passes, everything),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** A bundle with nothing to say about, in one line. */
export function renderAccepted(style: Style, { report }: ReportView): string {
  const passes = report.findings.filter(({ status }) => status === 'pass').length;
  const rest = report.complete ? '' : `, ${report.notChecked.length} not checked`;
  return headline(style, report, `${plural(passes, 'check')} passed${rest}`);
}

/** Whether there is anything that a reader must see. */
export const isQuiet = (report: Report): boolean => !report.findings.some(({ status }) => isProblem(status));

const isProblem = (status: Status): boolean =>
  status === 'refused' || status === 'checker-failed' || status === 'unsupported' || status === 'warning';

function signOf(style: Style, verdict: Verdict): string {
  return verdict === 'accepted' ? style.sign.ok : verdict === 'refused' ? style.sign.bad : style.sign.unsure;
}

function headline(style: Style, report: Report, note: string): string {
  const { word, colour } = VERDICT_WORDS[report.verdict];
  const badge = `${signOf(style, report.verdict)} ${word}`;
  const room = style.columns - width(badge) - 2 - (note === '' ? 0 : width(note) + 2);
  const name = shortenPath(visible(report.bundle), Math.max(16, room));
  return `${style.paint(['bold', colour], badge)}  ${style.paint('bold', name)}${note === '' ? '' : `  ${style.paint('dim', note)}`}`;
}

const TRUST_WORDS = {
  anchors: 'trust: your anchors',
  'own-chain': "trust: the chain's own root, as on the appliance",
  none: 'trust: nothing to check against',
} as const;

function header(style: Style, { report, handed, allowed }: ReportView): string[] {
  const columns = style.columns - INDENT.length;
  const parts = [
    ...(handed.key !== undefined && handed.key !== report.bundle ? [`key ${fileName(handed.key)}`] : []),
    ...(handed.chain !== undefined ? [`chain ${fileName(handed.chain)}`] : []),
    `judged for ${visible(report.at).replace('T', ' ').replace('Z', ' UTC')}`,
    `profile ${visible(report.profile)}`,
    TRUST_WORDS[report.trust],
  ];
  const lowered = (report.lowered ?? []).map(visible).join(', ');
  const lowerings = lowered === '' ? [] : wrap(`The profile is more lenient than the vendor in: ${lowered}.`, columns);
  return [
    headline(style, report, ''),
    ...wrap(`${sentenceOf(report)}${tally(report)}`, columns).map((line) => INDENT + line),
    ...(report.verdict === 'unsupported' && !allowed
      ? wrap('If you accept that: --allow-unsupported makes the exit code 0.', columns).map((line) => INDENT + line)
      : []),
    ...wrapParts(style, parts, columns).map((line) => style.paint('dim', INDENT + line)),
    ...lowerings.map((line) => style.paint('yellow', INDENT + line)),
  ];
}

function sentenceOf({ verdict, lowered = [] }: Report): string {
  if (verdict === 'accepted' && lowered.length > 0) return 'This profile accepts the bundle; the appliance may not.';
  return VERDICT_WORDS[verdict].sentence;
}

/** ` 2 reasons to refuse, 1 warning.`, and whether anything was left out. */
function tally({ findings, verdict, complete }: Report): string {
  const count = (...statuses: Status[]) => findings.filter(({ status }) => statuses.includes(status)).length;
  const [refusals, unsupporteds, warnings] = [
    count('refused', 'checker-failed'),
    count('unsupported'),
    count('warning'),
  ];
  const parts = [
    ...(refusals > 0 ? [plural(refusals, 'reason to refuse', 'reasons to refuse')] : []),
    ...(unsupporteds > 0 ? [plural(unsupporteds, 'thing unsupported', 'things unsupported')] : []),
    ...(warnings > 0 ? [plural(warnings, 'warning')] : []),
  ];
  const incomplete = verdict === 'accepted' && !complete ? ' Not everything could be checked, see below.' : '';
  return `${parts.length === 0 ? '' : ` ${upperFirst(parts.join(', '))}.`}${incomplete}`;
}

const upperFirst = (text: string): string => (text === '' ? '' : text[0]!.toUpperCase() + text.slice(1));

/** Parts with dots between them, broken only between parts. */
function wrapParts(style: Style, parts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const joined = last === undefined ? part : `${last} ${style.sign.dot} ${part}`;
    if (last !== undefined && width(joined) <= columns) lines[lines.length - 1] = joined;
    else lines.push(part);
  }
  return lines;
}

const fileName = (path: string): string => shortenPath(visible(path.split(/[\\/]/).at(-1) ?? path), 40);

const STATUS_WORDS: Readonly<Record<Status, { word: string; colour: 'red' | 'yellow' | 'cyan' | 'green' | 'gray' }>> = {
  refused: { word: 'Refused', colour: 'red' },
  'checker-failed': { word: 'Our own failure', colour: 'red' },
  unsupported: { word: 'Unsupported', colour: 'yellow' },
  warning: { word: 'Warning', colour: 'cyan' },
  'not-checked': { word: 'Not checked', colour: 'gray' },
  pass: { word: 'Passed', colour: 'green' },
  'not-applicable': { word: 'Does not apply', colour: 'gray' },
};

function signOfStatus(style: Style, status: Status): string {
  if (status === 'refused' || status === 'checker-failed') return style.sign.bad;
  return status === 'unsupported' ? style.sign.unsure : style.sign.warning;
}

/** One finding; the root cause with everything that is known, the others with what to do. */
function problem(style: Style, view: ReportView, problems: readonly Finding[], index: number): string[] {
  const finding = problems[index]!;
  const isRoot = index === 0 && finding.status !== 'warning';
  const title = `${signOfStatus(style, finding.status)} ${titleOf(problems, index)}`;
  const rule = visible(finding.rule);
  const gap = ' '.repeat(Math.max(2, style.columns - width(title) - width(rule)));
  const message = prose(style, finding.message, style.columns - INDENT.length);
  // Ten findings may ask for the same new certificate: once is enough.
  const earlier = problems.slice(0, index).flatMap(({ fix }) => (fix === undefined ? [] : [fix]));
  const shown = new Set<string>();
  for (const fix of earlier) withoutRepeated(fix, shown);
  const { fix } = finding;
  const told: Finding =
    fix === undefined
      ? finding
      : { ...finding, fix: earlier.includes(fix) ? 'The same as above.' : withoutRepeated(fix, shown) };
  return [
    style.paint(['bold', STATUS_WORDS[finding.status].colour], title) + gap + style.paint('dim', rule),
    ...message.map((line) => INDENT + (isRoot ? style.paint('bold', line) : line)),
    ...rows(style, view, told, isRoot),
  ];
}

/** Of several refusals the first is the one to mend first. */
function titleOf(problems: readonly Finding[], index: number): string {
  const { status } = problems[index]!;
  if (status !== 'refused') return STATUS_WORDS[status].word;
  const several = problems.filter((other) => other.status === 'refused').length > 1;
  if (!several) return 'Refused';
  return index === 0 ? 'Root cause' : 'Also refused';
}

function rows(style: Style, view: ReportView, finding: Finding, isRoot: boolean): string[] {
  const { status, fix, found, required, location, applianceSays, clientsSay, source } = finding;
  const indent = INDENT.length + LABEL;
  const columns = style.columns - indent;
  const row = (label: string, lines: readonly string[]): string[] =>
    hang(`${INDENT}${style.paint('dim', label.padEnd(LABEL))}`, lines, indent);
  const words = (text: string) => wrap(visible(text), columns);
  const out = fix === undefined ? [] : row('Fix', prose(style, fix, columns, namesFor(view.handed)));
  if (status !== 'warning') {
    // What the message says already in full is not worth several lines more.
    const said = found !== undefined && width(found) > columns && finding.message.includes(found);
    if (found !== undefined && !said) out.push(...row('Found', valueLines(visible(found), columns)));
    if (required !== undefined) out.push(...row('Required', words(required)));
  }
  if (status === 'refused' && location !== undefined) {
    out.push(...row('Where', wrap(whereabouts(location, view.handed), columns)));
  }
  if (isRoot && status !== 'checker-failed') {
    const says = applianceSays === undefined ? 'It would take this without a word.' : `"${applianceSays}"`;
    out.push(...row('Appliance', words(says)));
  }
  if (clientsSay !== undefined) out.push(...row('Browsers', words(clientsSay)));
  if (isRoot && source !== undefined) out.push(...row('Source', words(citation(source))));
  return out;
}

const citation = ({ document, section }: Source): string =>
  document.endsWith(section) ? document : `${document}, ${section}`;

const namesFor = ({ crt, key, chain }: Handed): FileNames => ({
  ...(crt !== undefined && { 'sensor.crt': crt }),
  ...(key !== undefined && { 'sensor.key': key }),
  ...(chain !== undefined && !chain.includes(' + ') && { 'chain.pem': chain }),
});

const FILE_WORDS: Readonly<Record<string, keyof Handed>> = { crt: 'crt', key: 'key', chain: 'chain' };

/** One long value loses its middle; several words may take two lines before they do. */
const valueLines = (text: string, columns: number): string[] =>
  text.includes(' ') ? wrap(shorten(text, columns * 2 - 8), columns) : [shorten(text, columns)];

/** `sensor.crt, validity.notAfter, bytes 154 to 168`: where to look, with the file's real name. */
function whereabouts(location: Location, handed: Handed): string {
  const known = FILE_WORDS[location.file];
  const path = known === undefined ? undefined : handed[known];
  const file = path !== undefined ? fileName(path) : (FILE_NAMES[location.file] ?? visible(location.file));
  const parts = [file];
  // The first block of a file is nearly always the only one.
  if (location.block !== undefined && location.block > 0) parts.push(`block ${location.block + 1}`);
  if (location.path !== undefined) parts.push(visible(location.path).replace(/^tbsCertificate\.(?:extensions\.)?/, ''));
  if (location.offset !== undefined) {
    const { offset, length } = location;
    parts.push(length === undefined || length < 2 ? `byte ${offset}` : `bytes ${offset} to ${offset + length - 1}`);
  }
  return parts.join(', ');
}

const FILE_NAMES: Readonly<Record<string, string>> = {
  crt: 'the certificate file',
  key: 'the key file',
  chain: 'the chain file',
  passphrase: 'the passphrase',
};

const MOST_RULES_NAMED = 5;

/** Rules that could not be checked, those with the same reason together. */
function notChecked(style: Style, findings: readonly Finding[], everything: boolean): string[] {
  const reasons = new Map<string, string[]>();
  for (const { rule, message } of findings) {
    const rules = reasons.get(message) ?? [];
    if (!rules.includes(rule)) rules.push(rule);
    reasons.set(message, rules);
  }
  const count = new Set(findings.map(({ rule }) => rule)).size;
  const lines = [style.paint(['bold', 'gray'], `- Not checked: ${plural(count, 'rule')}`)];
  for (const [message, rules] of reasons) {
    // Twenty names of rules that wait for the same thing tell nobody anything.
    const few = everything || rules.length <= MOST_RULES_NAMED ? rules : rules.slice(0, MOST_RULES_NAMED - 1);
    const more = few.length < rules.length ? ` and ${rules.length - few.length} more` : '';
    const text = `${few.map(visible).join(', ')}${more}: ${lowerFirst(visible(message))}`;
    lines.push(...wrap(text, style.columns - INDENT.length).map((line) => style.paint('dim', INDENT + line)));
  }
  return lines;
}

const lowerFirst = (text: string): string => (/^[A-Z][a-z]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text);

/** The passes in one line, or one line each. */
function passed(style: Style, findings: readonly Finding[], everything: boolean): string[] {
  const passes = findings.filter(({ status }) => status === 'pass');
  const others = findings.length - passes.length;
  if (findings.length === 0) return [];
  const tail = others === 0 ? '' : `, ${others} ${others === 1 ? 'does' : 'do'} not apply`;
  const line =
    style.paint('green', `${style.sign.ok} ${plural(passes.length, 'check')} passed`) + style.paint('dim', tail);
  if (!everything) return [line];
  const columns = style.columns - INDENT.length - 2;
  return [
    line,
    ...findings.flatMap((finding) => {
      const sign = finding.status === 'pass' ? style.paint('green', style.sign.ok) : style.paint('dim', '-');
      return hang(
        `${INDENT}${sign} `,
        wrap(`${visible(finding.rule)}: ${lowerFirst(visible(finding.message))}`, columns),
        4,
      );
    }),
  ];
}
