import { UNSAFE } from '../../core/base/visible.ts';

export { visible, visibleLines } from '../../core/base/visible.ts';

/** Text on its way to a terminal: measured, wrapped, shortened. */

/** JSON that means the same and is harmless on a terminal: what JSON itself leaves raw is escaped as `\uXXXX`. */
export function safeJson(value: unknown, indent?: number): string {
  return (JSON.stringify(value, null, indent) ?? 'null').replace(UNSAFE, (character) =>
    // Line ends between the values are ours; inside strings JSON has escaped them already.
    character === '\n'
      ? character
      : Array.from(
          { length: character.length },
          (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
        ).join(''),
  );
}

// East Asian Wide and Fullwidth, and emoji: two columns. Combining marks: none.
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u;
const MARK = /^\p{M}$/u;

/** Columns that `text` takes on a terminal; `text` must be free of control and colour sequences. */
export function width(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (character < '\u0300') columns += 1;
    else if (WIDE.test(character)) columns += 2;
    else if (!MARK.test(character)) columns += 1;
  }
  return columns;
}

/** `text` in at most `most` columns, the middle taken out: both ends of a name or a number tell the most. */
export function shorten(text: string, most: number): string {
  if (width(text) <= most) return text;
  const characters = [...text];
  const keep = Math.max(2, most - 1);
  let head = '';
  let tail = '';
  let [from, to] = [0, characters.length - 1];
  while (from <= to) {
    const left = width(head) <= width(tail);
    const next = left ? head + characters[from]! : characters[to]! + tail;
    if (width(next) + width(left ? tail : head) > keep) break;
    if (left) {
      head = next;
      from += 1;
    } else {
      tail = next;
      to -= 1;
    }
  }
  return `${head}…${tail}`;
}

/** `text` from the right: the end of a path says more than its beginning. */
export function shortenPath(path: string, most: number): string {
  if (width(path) <= most) return path;
  const characters = [...path];
  while (characters.length > 0 && width(characters.join('')) > most - 1) characters.shift();
  return `…${characters.join('')}`;
}

/** Lines of at most `columns`; a word that is longer is cut. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((word) => pieces(word, columns))) {
    if (line === '') line = word;
    else if (width(line) + 1 + width(word) <= columns) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

function pieces(word: string, columns: number): string[] {
  if (width(word) <= columns) return word === '' ? [] : [word];
  const parts: string[] = [];
  let part = '';
  for (const character of word) {
    if (width(part) + width(character) > columns) {
      parts.push(part);
      part = '';
    }
    part += character;
  }
  return [...parts, part];
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
