import type { Finding, Report } from '../src/core/base/finding.ts';

/**
 * A golden case: one readable file.
 *
 *     why: What is wrong with it and why that matters.
 *     at: 2026-06-01T00:00:00Z
 *     hostname: sensor.contoso.com
 *
 *     == crt (crlf)
 *     -----BEGIN CERTIFICATE-----
 *     == key
 *     == chain
 *     == expect
 *     verdict: refused
 *     refused crt-valid-to: 2026-05-01T00:00:00Z
 *
 * A section's words in brackets say how its text becomes the bytes of the file: `crlf`, `bom`, `utf-16`, `no-newline`,
 * and `base64` for what is no text at all.
 */
export interface Case {
  readonly why: string;
  readonly options: CaseOptions;
  readonly files: readonly CaseFile[];
  /** The lines below `== expect`. */
  readonly expect: readonly string[];
}

export interface CaseOptions {
  readonly at: string;
  readonly hostname?: string;
  readonly role?: 'sensor' | 'ha';
  readonly crl?: 'on' | 'off';
  readonly profile?: string;
  readonly passphrase?: string;
}

export const CASE_SECTIONS = ['crt', 'key', 'chain', 'trust', 'crl-file'] as const;
export type CaseSection = (typeof CASE_SECTIONS)[number];

export interface CaseFile {
  readonly section: CaseSection;
  readonly forms: readonly string[];
  /** As it stands in the case, before `forms` are applied. */
  readonly text: string;
}

const OPTION_NAMES = ['at', 'hostname', 'role', 'crl', 'profile', 'passphrase'] as const;
const FORMS = ['crlf', 'bom', 'utf-16', 'no-newline', 'base64'];

export function parseCase(text: string, name: string): Case {
  const [head = '', ...sections] = text.split(/^== /m);
  const fields = new Map<string, string>();
  for (const line of head.split('\n')) {
    if (line.trim() === '') continue;
    const [, key, value] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
    if (key === undefined) throw new Error(`${name}: not a "key: value" line: ${line}`);
    fields.set(key, value!);
  }
  const why = fields.get('why');
  const at = fields.get('at');
  if (why === undefined || at === undefined) throw new Error(`${name}: a case needs why: and at:`);
  const files: CaseFile[] = [];
  let expect: string[] = [];
  for (const section of sections) {
    const [, word = '', forms = '', body = ''] = /^([a-z-]+)(?: \(([^)]*)\))?\n([^]*)$/.exec(section) ?? [];
    if (word === 'expect') expect = body.split('\n').filter((line) => line.trim() !== '');
    else if (isSection(word)) files.push({ section: word, forms: readForms(forms, name), text: body });
    else throw new Error(`${name}: there is no section "${section.split('\n')[0]}"`);
  }
  for (const key of fields.keys()) {
    if (key !== 'why' && !(OPTION_NAMES as readonly string[]).includes(key))
      throw new Error(`${name}: there is no option "${key}"`);
  }
  fields.delete('why');
  return { why, options: Object.fromEntries(fields) as unknown as CaseOptions, files, expect };
}

const isSection = (word: string): word is CaseSection => (CASE_SECTIONS as readonly string[]).includes(word);

function readForms(text: string, name: string): string[] {
  const forms = text === '' ? [] : text.split(', ');
  const unknown = forms.find((form) => !FORMS.includes(form));
  if (unknown !== undefined) throw new Error(`${name}: there is no form "${unknown}"`);
  return forms;
}

export function formatCase({ why, options, files, expect }: Case): string {
  const head = [
    `why: ${why}`,
    ...OPTION_NAMES.flatMap((key) => (options[key] === undefined ? [] : [`${key}: ${options[key]}`])),
  ];
  const sections = files.map(
    ({ section, forms, text }) => `== ${section}${forms.length > 0 ? ` (${forms.join(', ')})` : ''}\n${text}`,
  );
  return `${head.join('\n')}\n\n${sections.join('')}== expect\n${expect.join('\n')}\n`;
}

/** The bytes of the file as somebody would upload it. */
export function bytesOf({ forms, text }: CaseFile): Uint8Array {
  if (forms.includes('base64')) return Buffer.from(text, 'base64');
  let shaped = forms.includes('no-newline') ? text.replace(/\n$/, '') : text;
  if (forms.includes('crlf')) shaped = shaped.replaceAll('\n', '\r\n');
  if (forms.includes('bom')) shaped = `\ufeff${shaped}`;
  return Buffer.from(shaped, forms.includes('utf-16') ? 'utf16le' : 'utf8');
}

/** What a report has to say, in the form of an expectation: the verdict, then the problems in order. */
export function expectationOf(report: Report): string[] {
  return [
    `verdict: ${report.verdict}`,
    ...report.findings
      .filter(isProblem)
      .map(({ status, rule, found }) => `${status} ${rule}${found === undefined ? '' : `: ${oneLine(found)}`}`),
  ];
}

const PROBLEMS = ['refused', 'checker-failed', 'unsupported', 'warning'];
const isProblem = ({ status }: Finding): boolean => PROBLEMS.includes(status);
const oneLine = (text: string): string => JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
