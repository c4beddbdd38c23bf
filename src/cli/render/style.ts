import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** How output looks: colours and signs where the terminal has them, words everywhere. */
export interface Style {
  readonly columns: number;
  readonly sign: {
    readonly bad: string;
    readonly ok: string;
    readonly warning: string;
    readonly unsure: string;
    readonly dot: string;
  };
  paint(format: Format, text: string): string;
}

/** What of the surroundings decides about colour and signs. */
export interface Terminal {
  readonly isTerminal: boolean;
  readonly columns: number | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const UNICODE_SIGNS = { bad: '✗', ok: '✓', warning: '!', unsure: '?', dot: '·' };
const ASCII_SIGNS = { bad: 'x', ok: '+', warning: '!', unsure: '?', dot: '-' };

// 80 columns is what is promised; more than 100 makes lines that eyes lose.
const MOST_COLUMNS = 100;
const LEAST_COLUMNS = 40;

export function styleFor(terminal: Terminal): Style {
  const colours = wantsColour(terminal);
  return {
    columns: Math.max(LEAST_COLUMNS, Math.min(terminal.columns ?? 80, MOST_COLUMNS)),
    sign: hasUnicode(terminal) ? UNICODE_SIGNS : ASCII_SIGNS,
    // validateStream: false, for the decision is made here, and only from what was handed in.
    paint: (format, text) => (colours && text !== '' ? styleText(format, text, { validateStream: false }) : text),
  };
}

// https://no-color.org and https://force-color.org: NO_COLOR when set and not empty; FORCE_COLOR likewise, `0` means no.
function wantsColour({ isTerminal, environment }: Terminal): boolean {
  const force = environment['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  if ((environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb') return false;
  return isTerminal;
}

function hasUnicode({ isTerminal, environment }: Terminal): boolean {
  if (!isTerminal) return true;
  if (environment['TERM'] === 'linux') return false;
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'];
  return locale === undefined || /utf-?8/i.test(locale);
}
