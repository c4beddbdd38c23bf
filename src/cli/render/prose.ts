import { type FileNames, piecesOf, withNames } from '../../core/base/prose.ts';
import { width, wrap } from './text.ts';
import type { Style } from './style.ts';

/** `text` as lines of at most `columns`; commands stay whole, even where they are longer, and are indented. */
export function prose(style: Style, text: string, columns: number, names: FileNames = {}): string[] {
  return piecesOf(text).flatMap(({ kind, text }) =>
    kind === 'command'
      ? foldCommand(withNames(text, names), columns - 4).map((line) => style.paint('cyan', `  ${line}`))
      : wrap(text.trim(), columns),
  );
}

/** `text` without the commands that were shown before: `shown` grows by those that are new. */
export function withoutRepeated(text: string, shown: Set<string>): string {
  return piecesOf(text)
    .map(({ kind, text }) => {
      if (kind === 'words') return text;
      if (shown.has(text)) return '(the same command as above)';
      shown.add(text);
      return `$ ${text}`;
    })
    .join('\n');
}

/** A long command over several lines, broken where it can still be pasted into a POSIX shell. */
function foldCommand(command: string, columns: number): string[] {
  return splitBefore(command, /^;$/).flatMap((single) => foldSingle(single.replace(/^; /, ''), columns));
}

function foldSingle(command: string, columns: number): string[] {
  if (width(command) <= columns) return [command];
  const lines: string[] = [];
  for (const stage of splitBefore(command, /^(?:\||\|\||&&)$/)) {
    let line = '';
    for (const part of splitBefore(stage, /^-/)) {
      if (line !== '' && width(line) + 1 + width(part) + 2 > columns) {
        lines.push(line);
        line = `  ${part}`;
      } else line = line === '' ? part : `${line} ${part}`;
    }
    lines.push(lines.length === 0 || line.startsWith(' ') ? line : `  ${line}`);
  }
  return lines.map((line, i) => (i === lines.length - 1 ? line : `${line} \\`));
}

/** `openssl req`, `-new`, `-subj '/C=US/O=A B'`: parts that begin with such a word; quotes stay whole. */
function splitBefore(command: string, start: RegExp): string[] {
  const words = command.match(/;|(?:'[^']*'|"[^"]*"|\\.|[^\s;'"\\])+|\S/g) ?? [command];
  const parts: string[] = [];
  for (const word of words) {
    if (parts.length === 0 || start.test(word)) parts.push(word);
    else parts[parts.length - 1] += ` ${word}`;
  }
  return parts;
}

/** Lines that begin with `first`, those after it indented by as much. */
export function hang(first: string, lines: readonly string[], indent: number): string[] {
  return lines.map((line, i) => (i === 0 ? first : ' '.repeat(indent)) + line);
}
