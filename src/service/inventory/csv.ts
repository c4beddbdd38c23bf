/** One record of a CSV file. */
export interface CsvRecord {
  /** Where it begins, counted from 1; a quoted value may hold line breaks. */
  readonly line: number;
  readonly values: readonly string[];
}

export type CsvResult =
  | { readonly records: readonly CsvRecord[]; readonly separator: ',' | ';' | '\t' }
  | { readonly problem: { readonly line: number; readonly reason: string } };

/**
 * Reads CSV as RFC 4180 has it, and as spreadsheets write it: with a byte order mark, semicolons or tabs, any line
 * ends, empty lines. The separator is the one that the first line holds most of.
 */
export function parseCsv(text: string): CsvResult {
  const body = text.replace(/^\uFEFF/, '');
  const separator = separatorOf(body);
  const records: CsvRecord[] = [];
  let values: string[] = [];
  let [line, start, at] = [1, 1, 0];
  const endRecord = (): void => {
    if (values.length > 1 || values[0] !== '') records.push({ line: start, values });
    values = [];
    start = line;
  };
  for (;;) {
    const field = readField(body, at, separator);
    if (field === undefined) return { problem: { line, reason: 'a quotation mark is opened and never closed' } };
    if (field.junk) {
      return {
        problem: {
          line,
          reason: 'text stands behind a closing quotation mark; write a quotation mark inside a value twice',
        },
      };
    }
    values.push(field.value);
    line += field.value.split(/\r\n|\n|\r/).length - 1;
    at = field.end;
    const mark = body.slice(at, at + 2);
    if (mark === '') {
      endRecord();
      return { records, separator };
    }
    if (mark.startsWith(separator)) at++;
    else {
      line++;
      endRecord();
      start = line;
      at += mark === '\r\n' ? 2 : 1;
    }
  }
}

function separatorOf(body: string): ',' | ';' | '\t' {
  const first = body.slice(0, /[\r\n]/.exec(body)?.index ?? body.length);
  const count = (mark: string): number => first.split(mark).length;
  return ([',', ';', '\t'] as const).reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

interface Field {
  readonly value: string;
  /** Of the separator, the line end, or the end of the text. */
  readonly end: number;
  readonly junk: boolean;
}

function readField(body: string, start: number, separator: string): Field | undefined {
  const plain = (from: number): number => {
    let end = from;
    while (end < body.length && body[end] !== separator && body[end] !== '\n' && body[end] !== '\r') end++;
    return end;
  };
  if (body[start] !== '"') {
    const end = plain(start);
    return { value: body.slice(start, end), end, junk: false };
  }
  let value = '';
  for (let at = start + 1; ;) {
    const close = body.indexOf('"', at);
    if (close < 0) return undefined;
    value += body.slice(at, close);
    if (body[close + 1] !== '"') {
      const end = plain(close + 1);
      return { value, end, junk: body.slice(close + 1, end).trim() !== '' };
    }
    value += '"';
    at = close + 2;
  }
}
