import type { Style } from '../render/style.ts';
import { visible, wrap } from '../render/text.ts';
import {
  balancedAccuracy,
  type Divergence,
  type GroupScore,
  isUnexplained,
  type SuiteRun,
  verdictOf,
} from './suite.ts';

/** One profile's run as people read it: the scores, then every divergence with its reason. */
export function conformanceTable(style: Style, run: SuiteRun, whole: boolean): string {
  const { profile, scores, divergences, unexpectedSuccesses, absent, slowest } = run;
  const lines = [
    style.paint('bold', `Profile ${profile}`),
    '  part        accepts      rejects      right        balanced accuracy',
    ...scores.map(scoreLine),
    style.paint('dim', `  slowest: ${visible(slowest.id)}, ${slowest.milliseconds.toFixed(0)} ms`),
  ];
  const unexplained = divergences.filter(isUnexplained);
  const explained = divergences.filter((divergence) => !isUnexplained(divergence));
  if (unexplained.length > 0)
    lines.push('', style.paint('red', `Divergences that nobody has explained: ${unexplained.length}`));
  for (const divergence of unexplained) lines.push(...divergenceLines(style, divergence));
  if (explained.length > 0) lines.push('', `Divergences that are explained: ${explained.length}`);
  for (const divergence of explained) lines.push(...divergenceLines(style, divergence));
  for (const { id } of unexpectedSuccesses)
    lines.push(style.paint('red', `Exception no longer needed: ${visible(id)}`));
  if (whole)
    for (const { id } of absent)
      lines.push(style.paint('red', `Exception for a case that is not there: ${visible(id)}`));
  const good = verdictOf(run, whole);
  lines.push(
    '',
    good
      ? style.paint('green', `${style.sign.ok} as expected`)
      : style.paint('red', `${style.sign.bad} not as expected`),
  );
  return `${lines.join('\n')}\n`;
}

function scoreLine(score: GroupScore): string {
  const { group, accepts, rejects } = score;
  const share = ({ right, total }: { right: number; total: number }): string => `${right}/${total}`.padEnd(13);
  const all = { right: accepts.right + rejects.right, total: accepts.total + rejects.total };
  return `  ${group.padEnd(12)}${share(accepts)}${share(rejects)}${share(all)}${(100 * balancedAccuracy(score)).toFixed(1)} %`;
}

function divergenceLines(
  style: Style,
  { id, expected, actual, found, exception, conflictsWith }: Divergence,
): string[] {
  const text =
    exception?.reason ??
    `Found: ${found}${conflictsWith.length > 0 ? ` Contradicted by ${conflictsWith.join(', ')}.` : ''}`;
  return [
    `  ${visible(id)}: expected ${expected}, ${expected === actual ? 'other policies' : `got ${actual}`}`,
    ...wrap(visible(text), style.columns - 6).map((line) => style.paint('dim', `      ${line}`)),
  ];
}
