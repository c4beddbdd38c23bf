import type { Status, Verdict } from '../../core/base/finding.ts';
import type { Digest, Tally } from '../../platform/bulk/protocol.ts';
import type { Style } from './style.ts';
import { plural, shorten, visible, width } from './text.ts';

/** What a run over many certificates says to people: a line for each problem certificate, a summary by rule. */

const VERDICTS: Readonly<
  Record<Verdict, { word: string; colour: 'green' | 'yellow' | 'red'; sign: 'ok' | 'unsure' | 'bad' }>
> = {
  accepted: { word: 'ACCEPTED', colour: 'green', sign: 'ok' },
  unsupported: { word: 'UNSUPPORTED', colour: 'yellow', sign: 'unsure' },
  refused: { word: 'REFUSED', colour: 'red', sign: 'bad' },
};
const LONGEST_WORD = 'UNSUPPORTED'.length;

/** Turns digests into lines. On a terminal a line is cut to its width; elsewhere it is whole. */
export class DigestPrinter {
  readonly #style: Style;
  readonly #cut: boolean;
  /** Whether any line came. */
  printed = false;

  constructor(style: Style, cut: boolean) {
    this.#style = style;
    this.#cut = cut;
  }

  /** @param bytes digests as JSON, one a line */
  print(bytes: Uint8Array): string {
    if (bytes.length === 0) return '';
    this.printed = true;
    const lines = new TextDecoder().decode(bytes).trimEnd().split('\n');
    return lines.map((line) => `${this.#line(JSON.parse(line) as Digest)}\n`).join('');
  }

  #line({ bundle, verdict, rule, message, more }: Digest): string {
    const { columns, sign, paint } = this.#style;
    const { word, colour, sign: which } = VERDICTS[verdict];
    const badge = `${sign[which]} ${word.padEnd(LONGEST_WORD)}`;
    const tail = more > 0 ? ` (and ${more} more)` : '';
    const name = visible(bundle);
    const room = columns - width(badge) - width(name) - width(tail) - 4;
    const said = `${visible(message)}${rule === '' ? '' : ` [${visible(rule)}]`}`;
    const shown = this.#cut ? shorten(said, Math.max(24, room)) : said;
    return `${paint(['bold', colour], badge)}  ${paint('bold', name)}  ${shown}${paint('dim', tail)}`;
  }
}

const STATUS_ORDER: readonly Status[] = ['checker-failed', 'refused', 'unsupported', 'warning'];

/** `3 certificates: 1 accepted, 0 unsupported, 2 refused`, and in how many each rule found something. */
export function renderTally(style: Style, tally: Tally): string {
  const { total, accepted, unsupported, refused, incomplete, passedOver, byRule } = tally;
  const part = (count: number, word: string, colour: 'green' | 'yellow' | 'red') =>
    style.paint(count === 0 ? 'dim' : colour, `${count} ${word}`);
  const counts = [
    part(accepted, 'accepted', 'green'),
    part(unsupported, 'unsupported', 'yellow'),
    part(refused, 'refused', 'red'),
  ].join(', ');
  const notes = [
    ...(passedOver === 0 ? [] : [`  Passed over: ${plural(passedOver, 'PEM block')} that no certificate is in.`]),
    ...(incomplete === 0 ? [] : [`  Not everything could be checked in ${plural(incomplete, 'certificate')}.`]),
  ];
  return `${[`${style.paint('bold', plural(total, 'certificate'))}: ${counts}`, ...notes, ...ruleLines(byRule)].join('\n')}\n`;
}

function ruleLines(byRule: Tally['byRule']): string[] {
  const rows = Object.entries(byRule).flatMap(([rule, statuses]) =>
    Object.entries(statuses).map(([status, count]) => ({ rule, status: status as Status, count })),
  );
  const rank = ({ status }: { status: Status }) => STATUS_ORDER.indexOf(status);
  const sorted = rows.toSorted((a, b) => rank(a) - rank(b) || b.count - a.count);
  const digits = Math.max(0, ...sorted.map(({ count }) => `${count}`.length));
  const words = Math.max(0, ...sorted.map(({ status }) => status.length));
  return sorted.map(
    ({ rule, status, count }) => `  ${`${count}`.padStart(digits)} ${status.padEnd(words)}  ${visible(rule)}`,
  );
}
