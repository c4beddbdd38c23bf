import type { Report } from '../../core/base/finding.ts';
import { isQuiet } from './report.ts';
import type { Style } from './style.ts';
import { plural, visible, wrap } from './text.ts';

/** `summary` of the JSON. */
export interface Summary {
  readonly total: number;
  readonly accepted: number;
  readonly unsupported: number;
  readonly refused: number;
}

export function summarise(reports: readonly Report[]): Summary {
  const count = (verdict: Report['verdict']) => reports.filter((report) => report.verdict === verdict).length;
  return {
    total: reports.length,
    accepted: count('accepted'),
    unsupported: count('unsupported'),
    refused: count('refused'),
  };
}

/** `12 bundles: 9 accepted, 1 unsupported, 2 refused`, and what leads the reports that were not accepted. */
export function renderSummary(style: Style, reports: readonly Report[]): string {
  const { total, accepted, unsupported, refused } = summarise(reports);
  const part = (count: number, word: string, colour: 'green' | 'yellow' | 'red') =>
    style.paint(count === 0 ? 'dim' : colour, `${count} ${word}`);
  const counts = [
    part(accepted, 'accepted', 'green'),
    part(unsupported, 'unsupported', 'yellow'),
    part(refused, 'refused', 'red'),
  ].join(', ');
  const causes = new Map<string, number>();
  for (const { verdict, findings } of reports) {
    const first = findings[0];
    if (verdict !== 'accepted' && first !== undefined) causes.set(first.rule, (causes.get(first.rule) ?? 0) + 1);
  }
  const sorted = [...causes].toSorted((a, b) => b[1] - a[1]).map(([rule, count]) => `${visible(rule)} ${count}`);
  return `${[
    `${style.paint('bold', plural(total, 'bundle'))}: ${counts}`,
    ...(sorted.length > 0 ? wrap(`First causes: ${sorted.join(', ')}`, style.columns) : []),
    ...unchecked(style, reports.filter(isQuiet)),
  ].join('\n')}\n`;
}

/** Why something was left unchecked in bundles that got only one line. */
function unchecked(style: Style, quiet: readonly Report[]): string[] {
  const reasons = new Map<string, number>();
  for (const { findings } of quiet) {
    for (const { rule, status, message } of findings) {
      if (status !== 'not-checked') continue;
      const reason = `${rule}: ${message}`;
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
  }
  return [...reasons]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, MOST_REASONS)
    .flatMap(([reason, count]) =>
      wrap(`Not checked in ${count} of the accepted: ${visible(reason)}`, style.columns).map((line) =>
        style.paint('dim', line),
      ),
    );
}

const MOST_REASONS = 5;
