import { toHex } from '../../core/der/values.ts';
import type { Field } from '../../core/x509/describe/field.ts';
import type { InspectedBlock, InspectedFile, Relation } from '../inspection.ts';
import { hang } from './prose.ts';
import type { Style } from './style.ts';
import { MEANINGS } from './meanings.data.ts';
import { plural, shorten, visible, width, wrap } from './text.ts';

export interface InspectView {
  /** Offset and hex of each field. */
  readonly bytes: boolean;
  /** Seconds since 1970, to say how long ago or ahead a date is. */
  readonly now: number;
}

// Leaves 16 octets in hexadecimal a line at 80 columns.
const LABEL = 32;

/** What one file is, and what each of its blocks says. */
export function renderFile(style: Style, file: InspectedFile, view: InspectView): string {
  const lines = [
    `${style.paint('bold', visible(file.path))}  ${visible(file.description)}, ${file.size} bytes`,
    ...file.remarks.flatMap((remark) => hang('  ! ', wrap(visible(remark), style.columns - 4), 4)),
  ];
  for (const block of file.blocks) {
    lines.push('');
    if (file.blocks.length > 1) lines.push(style.paint('bold', `  Block ${block.index + 1}: ${visible(block.title)}`));
    else lines.push(style.paint('bold', `  ${visible(block.title)}`));
    lines.push(...block.remarks.flatMap((remark) => hang('  ! ', wrap(visible(remark), style.columns - 4), 4)));
    for (const field of block.fields) lines.push(...fieldLines({ style, block, view }, field, 1));
    for (const { label, value } of block.facts)
      lines.push(...valueLines(style, { label, value: visible(value) + distance(value, view.now), note: '' }, 1));
  }
  return `${lines.join('\n')}\n`;
}

/** What all fields of a block are shown with. */
interface Surroundings {
  readonly style: Style;
  readonly block: InspectedBlock;
  readonly view: InspectView;
}

function fieldLines(surroundings: Surroundings, field: Field, depth: number): string[] {
  const { style, block, view } = surroundings;
  const notes = [
    ...(field.critical === true ? ['critical'] : []),
    ...(field.problem === undefined ? [] : [`cannot be read: ${field.problem}`]),
    ...(field.deviations ?? []),
  ];
  const note = notes.length === 0 ? '' : `(${visible(notes.join('; '))})`;
  const value = visible(field.value ?? '') + distance(field.value, view.now);
  const lines = valueLines(style, { label: field.label, value, note }, depth);
  const meaning = depth === 1 ? MEANINGS[field.path.split('.').at(-1)!] : undefined;
  if (meaning !== undefined) {
    const text = wrap(meaning, style.columns - LABEL - 2).map((line) => style.paint('dim', line));
    lines.push(...hang(`${' '.repeat(LABEL)}${style.sign.dot} `, text, LABEL + 2));
  }
  if (view.bytes) lines.push(...hexLines(style, field, block, depth));
  for (const child of field.children) {
    if (view.bytes || !isDetail(field, child)) lines.push(...fieldLines(surroundings, child, depth + 1));
  }
  return lines;
}

const DAY = 86_400;

/** ` (in 41 days)`, ` (41 days ago)` behind a time; nothing behind other values. */
function distance(value: string | undefined, now: number): string {
  if (value === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value)) return '';
  const days = (Date.parse(value) / 1000 - now) / DAY;
  const whole = plural(Math.floor(Math.abs(days)), 'day');
  if (Math.abs(days) < 1) return days < 0 ? ' (less than a day ago)' : ' (in less than a day)';
  return days < 0 ? ` (${whole} ago)` : ` (in ${whole})`;
}

/** What repeats its parent, or serves those who look at bytes. */
const isDetail = (parent: Field, child: Field): boolean =>
  child.label === 'Encoded as' ||
  child.label === 'Modulus' ||
  (parent.label === 'Issuer' && child.problem === undefined);

interface LabelledValue {
  readonly label: string;
  readonly value: string;
  readonly note: string;
}

function valueLines(style: Style, { label, value, note }: LabelledValue, depth: number): string[] {
  const indent = '  '.repeat(depth);
  const name = visible(label);
  const column = Math.max(LABEL, width(indent) + width(name) + 2);
  const head = `${indent}${style.paint('dim', name)}${' '.repeat(column - width(indent) - width(name))}`;
  const room = Math.max(20, style.columns - column);
  const text = value === '' ? [] : isOneWord(value) ? fold(value, room) : wrap(value, room);
  const extra = note === '' ? [] : wrap(note, room).map((line) => style.paint('yellow', line));
  const lines = [...text, ...extra];
  return lines.length === 0 ? [head.trimEnd()] : hang(head, lines, column);
}

const isOneWord = (text: string): boolean => !text.includes(' ');

/** Long hexadecimal values break at their colons, at the same place in every line. */
function fold(value: string, columns: number): string[] {
  if (width(value) <= columns) return [value];
  if (!/^(?:[0-9A-Fa-f]{2}:)+[0-9A-Fa-f]{2}/.test(value)) return wrap(value, columns);
  const step = Math.floor(columns / 3) * 3;
  const lines: string[] = [];
  for (let i = 0; i < value.length; i += step) lines.push(value.slice(i, i + step));
  return lines;
}

const MOST_HEX = 16;

function hexLines(style: Style, { offset, length }: Field, block: InspectedBlock, depth: number): string[] {
  const bytes = block.der.subarray(offset, offset + length);
  const shown = toHex(bytes.subarray(0, MOST_HEX), ' ');
  const more = bytes.length > MOST_HEX ? ` … ${bytes.length} bytes` : '';
  return [style.paint('cyan', shorten(`${'  '.repeat(depth)}@${offset}+${length}  ${shown}${more}`, style.columns))];
}

const SIGNS = { yes: 'ok', no: 'bad', unsure: 'unsure' } as const;

/** The answer to "do these belong together?" */
export function renderRelations(style: Style, relations: readonly Relation[]): string {
  const lines = [style.paint('bold', 'Do these belong together?')];
  for (const { answer, sentence } of relations) {
    const colour = answer === 'yes' ? 'green' : answer === 'no' ? 'red' : 'yellow';
    const sign = style.paint(colour, style.sign[SIGNS[answer]]);
    lines.push(...hang(`  ${sign} `, wrap(visible(sentence), style.columns - 4), 4));
  }
  return `${lines.join('\n')}\n`;
}
