import { type ComparedRow, type Comparison, isBad, type Likeness } from '../compare/compare.ts';
import type { Style } from './style.ts';
import { shortenPath, visible, width, wrap } from './text.ts';

const LABEL = 22;

const WORDS: Readonly<Record<Likeness, string>> = {
  same: '',
  better: 'better than the sample: an appliance is no CA',
  differs: 'differs',
  missing: 'missing in yours',
  extra: 'not in the sample',
  moved: 'in another place',
  unsure: 'the sample is not legible here',
};

export interface ComparedPaths {
  readonly file: string;
  readonly sample: string;
}

/** The file and the sample side by side, then the answer in one line. */
export function renderComparison(
  style: Style,
  { rows, same, sampleDamaged }: Comparison,
  paths: ComparedPaths,
): string {
  const column = Math.floor((style.columns - 2 - LABEL - 4) / 2);
  const head = line(
    { label: '', file: shortenPath(visible(paths.file), column), sample: shortenPath(visible(paths.sample), column) },
    column,
  );
  const lines = [style.paint('bold', `  ${head[0]!}`)];
  let last = '';
  for (const row of rows) {
    const label = row.label === last ? '' : row.label;
    last = row.label;
    lines.push(...rowLines(style, { ...row, label }, column));
  }
  lines.push('', ...wrap(answer(style, rows, same), style.columns));
  if (sampleDamaged) {
    lines.push(
      ...wrap('The sample is damaged: what it does not show may have been there all the same.', style.columns),
    );
  }
  return `${lines.join('\n')}\n`;
}

function rowLines(style: Style, row: ComparedRow, column: number): string[] {
  const { likeness } = row;
  const bad = isBad(likeness);
  const sign = bad ? style.sign.bad : likeness === 'unsure' ? style.sign.unsure : style.sign.ok;
  const paint = bad ? 'red' : likeness === 'unsure' ? 'yellow' : 'green';
  const text = line({ label: row.label, file: visible(row.file), sample: visible(row.sample) }, column);
  const lines = text.map((one, i) => `${i === 0 ? style.paint(paint, sign) : ' '} ${one}`);
  if (likeness !== 'same') lines.push(style.paint(paint, `  ${' '.repeat(LABEL)}(${WORDS[likeness]})`));
  return lines.map((one) => one.trimEnd());
}

function line({ label, file, sample }: Omit<ComparedRow, 'likeness'>, column: number): string[] {
  const cells = [
    wrap(label, LABEL - 1),
    wrap(file === '' ? '-' : file, column),
    wrap(sample === '' ? '-' : sample, column),
  ];
  if (label === '' && file !== '' && cells[0]!.length === 0) cells[0] = [''];
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, i) =>
    [pad(cells[0]![i] ?? '', LABEL), pad(cells[1]![i] ?? '', column + 2), cells[2]![i] ?? ''].join(''),
  );
}

const pad = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - width(text)));

function answer(style: Style, rows: readonly ComparedRow[], same: boolean): string {
  if (same) return `${style.sign.ok} The same fields in the same order as in the sample.`;
  const off = rows.filter(({ likeness }) => isBad(likeness));
  const said = off.map(({ label, file, sample, likeness }) => {
    const type = label === 'Subject' ? `${label} ${visible((file || sample).split('=')[0]!)}` : label;
    return `${type} (${WORDS[likeness]})`;
  });
  return `${style.sign.bad} Not as the sample: ${[...new Set(said)].join(', ')}.`;
}
