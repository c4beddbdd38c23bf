import { shellWord } from './shell-word.ts';
import { visible, visibleLines } from './visible.ts';

/** A piece of a text: words to wrap, or a command that must stay in one line, so that it can be copied. */
export type Piece = { readonly kind: 'words' | 'command'; readonly text: string };

// `openssl x509 -in a -out b`: a command. `sensor.crt`: only a name.
const CODE = /`([^`]+)`/;

// `… sign it: openssl req -new …`: programs that our texts name without marking them.
const UNMARKED =
  /(?<=[:;,] )(?:openssl|certgate|certutil|keytool|ssh-keygen|base64|iconv|unzip|cat|awk|cp|curl|printf|sed|tr) [-\w.']/;

/** The words and commands of a text in which backticks, or lines that are indented or begin with `$ `, mark code. */
export function piecesOf(text: string): Piece[] {
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

const isCommand = (code: string): boolean => /^[a-z][\w.-]* +\S/.test(code.trim()) && code.length > 12;

const endWithColon = (words: string): string => {
  const trimmed = words.trimEnd().replace(/[,;]$/, '');
  return /[\w)]$/.test(trimmed) ? `${trimmed}:` : trimmed;
};

/** How commands name files: the names in our texts, and what they are called here. */
export type FileNames = Readonly<Record<string, string>>;

/** Our texts speak of `sensor.crt`; a command that is to be pasted needs the real name, quoted for a POSIX shell. */
export function withNames(command: string, names: FileNames): string {
  return command.replace(/(?<=^|[\s=])(?:sensor\.crt|sensor\.key|chain\.pem)(?=$|[\s;)])/g, (generic) => {
    const real = names[generic];
    return real === undefined ? generic : shellWord(visible(real));
  });
}
