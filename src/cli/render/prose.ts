import { shellWord } from '../../core/base/shell-word.ts';
import { visible, visibleLines, width, wrap } from './text.ts';
import type { Style } from './style.ts';

/** A piece of a text: words to wrap, or a command that must stay in one line, so that it can be copied. */
type Piece = { readonly kind: 'words' | 'command'; readonly text: string };

// `openssl x509 -in a -out b`: a command. `sensor.crt`: only a name.
const CODE = /`([^`]+)`/;

// `… sign it: openssl req -new …`: programs that our texts name without marking them.
const UNMARKED =
  /(?<=[:;,] )(?:openssl|certgate|certutil|keytool|ssh-keygen|base64|iconv|unzip|cat|awk|cp|curl|printf|sed|tr) [-\w.']/;

/** The words and commands of a text in which backticks, or lines that are indented or begin with `$ `, mark code. */
function piecesOf(text: string): Piece[] {
  return visibleLines(text).flatMap((line): Piece[] => {
    if (line.trim() === '') return [];
    const command = /^(?: {2,}|\\t|\$ )(.*)$/.exec(line);
    if (command !== null) return [{ kind: 'command', text: command[1]!.replace(/^\$ /, '').trim() }];
    return line.includes('`') ? markedPieces(line.trim()) : unmarkedPieces(line.trim());
  });
}

function markedPieces(line: string): Piece[] {
  const pieces: Piece[] = [];
  let words = '';
  let rest = line;
  for (let code = CODE.exec(rest); code !== null; code = CODE.exec(rest)) {
    const [whole, inner] = [code[0], code[1]!];
    words += rest.slice(0, code.index);
    rest = rest.slice(code.index + whole.length);
    if (isCommand(inner)) {
      pieces.push({ kind: 'words', text: endWithColon(words) }, { kind: 'command', text: inner });
      // What follows begins a sentence of its own.
      words = '';
      rest = rest.replace(/^[.,;:]?\s*/, '');
    } else words += inner;
  }
  pieces.push({ kind: 'words', text: words + rest });
  return pieces.filter(({ text }) => text.trim() !== '');
}

/** A command that nobody marked goes on to the end of the line, or to the end of its sentence. */
function unmarkedPieces(line: string): Piece[] {
  const start = line.search(UNMARKED);
  if (start < 0) return [{ kind: 'words', text: line }];
  const sentence = /\.? *$|[.;] (?=[A-Z][a-z])| (?=\([a-z]+ [a-z])/.exec(line.slice(start));
  const end = sentence === null ? line.length : start + sentence.index;
  const after = line.slice(end).replace(/^[.;]? */, '');
  return [
    { kind: 'words', text: line.slice(0, start).trimEnd() },
    { kind: 'command', text: line.slice(start, end) },
    ...(after === '' ? [] : unmarkedPieces(after)),
  ];
}

const isCommand = (code: string): boolean => /^[a-z][\w.-]* +\S/.test(code.trim()) && width(code) > 12;

const endWithColon = (words: string): string => {
  const trimmed = words.trimEnd().replace(/[,;]$/, '');
  return /[\w)]$/.test(trimmed) ? `${trimmed}:` : trimmed;
};

/** How commands name files: the names in our texts, and what they are called here. */
export type FileNames = Readonly<Record<string, string>>;

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

/** Our texts speak of `sensor.crt`; a command that is to be pasted needs the real name, quoted for a POSIX shell. */
function withNames(command: string, names: FileNames): string {
  return command.replace(/(?<=^|[\s=])(?:sensor\.crt|sensor\.key|chain\.pem)(?=$|[\s;)])/g, (generic) => {
    const real = names[generic];
    return real === undefined ? generic : shellWord(visible(real));
  });
}

/** Lines that begin with `first`, those after it indented by as much. */
export function hang(first: string, lines: readonly string[], indent: number): string[] {
  return lines.map((line, i) => (i === 0 ? first : ' '.repeat(indent)) + line);
}
