import type { Finding, Report, Status } from '../../core/base/finding.ts';
import type { FileNames } from '../../core/base/prose.ts';
import { prose } from './prose.ts';
import type { Style } from './style.ts';
import { plural, visible } from './text.ts';

const WORDS: Readonly<Partial<Record<Status, string>>> = {
  refused: 'Refused',
  'checker-failed': 'Our own failure',
  unsupported: 'Unsupported',
  warning: 'Warning',
  'not-checked': 'Not checked',
};

const SENTENCES = {
  accepted: 'A certificate made of this request will meet the requirements that a request can decide.',
  unsupported: 'A certificate made of this request may work; the vendor does not support it.',
  refused: 'A certificate made of this request would be refused. Do not send it to your CA.',
} as const;

/** How a request was judged, problems first; the passes are only counted. */
export function renderRequestReport(style: Style, report: Report, names: FileNames = {}): string {
  const { verdict } = report;
  const sign = { accepted: style.sign.ok, unsupported: style.sign.unsure, refused: style.sign.bad }[verdict];
  const colour = ({ accepted: 'green', unsupported: 'yellow', refused: 'red' } as const)[verdict];
  const passes = report.findings.filter(({ status }) => status === 'pass').length;
  const problems = report.findings.filter(({ status }) => WORDS[status] !== undefined);
  const lines = [
    `${style.paint(['bold', colour], `${sign} ${verdict.toUpperCase()}`)}  ${style.paint('bold', visible(report.bundle))}  ${style.paint('dim', `${plural(passes, 'check')} passed`)}`,
    ...prose(style, SENTENCES[verdict], style.columns - 2).map((line) => `  ${line}`),
    ...problems.flatMap((finding) => ['', ...renderFinding(style, finding, names)]),
  ];
  return `${lines.join('\n')}\n`;
}

/** One finding in a few lines: what, why, what to do. */
function renderFinding(style: Style, finding: Finding, names: FileNames): string[] {
  const { fix } = finding;
  const advice = fix === undefined ? [] : prose(style, `Fix: ${fix}`, style.columns - 2, names);
  return [...renderProblem(style, finding), ...advice.map((line) => `  ${line}`)];
}

/** The same without what to do. */
export function renderProblem(style: Style, { status, rule, message }: Finding): string[] {
  return [
    `${style.paint('bold', WORDS[status] ?? status)}  ${style.paint('dim', visible(rule))}`,
    ...prose(style, message, style.columns - 2).map((line) => `  ${line}`),
  ];
}
