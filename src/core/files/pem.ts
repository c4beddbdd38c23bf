import { TAG } from '../der/tags.ts';
import { type Base64Fault, decodeBase64, decodeLinesApart } from './base64.ts';
import { FILE_BUDGET } from './budget.ts';
import type { Block, BlockFault, BlockFaultCode, BlockKind, PrivateKeyForm } from './content.ts';
import { FORM_WORDS, KIND_WORDS, LABELS } from './labels.data.ts';
import { recogniseStructure } from './structure.ts';
import { LineCounter, type Text } from './text.ts';

export interface PemBlocks {
  readonly blocks: readonly Block[];
  readonly moreBlocks: boolean;
  readonly bagAttributes: boolean;
  readonly strayText: boolean;
}

interface Marker {
  readonly type: 'BEGIN' | 'END';
  readonly label: string;
  readonly offset: number;
  /** After the closing dashes. */
  readonly end: number;
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const BEGIN = ascii('-----BEGIN ');
const END = ascii('-----END ');
const DASH = 0x2d;

/** Every PEM block of a text. Each character is looked at a fixed number of times, whatever the text. */
export function readPem(text: Text): PemBlocks {
  const { characters } = text;
  const lines = new LineCounter(characters);
  const blocks: Block[] = [];
  let bagAttributes = false;
  let strayText = false;
  let outside = 0;
  const gap = (end: number): void => {
    const kind = gapKind(characters, outside, end);
    bagAttributes ||= kind === 'bag-attributes';
    strayText ||= kind === 'text';
  };
  let marker = nextMarker(characters, 0);
  while (marker !== undefined && blocks.length < FILE_BUDGET.pemBlocks) {
    const next = nextMarker(characters, marker.end);
    if (marker.type === 'BEGIN') {
      gap(marker.offset);
      const block = readBlock({ text, lines, index: blocks.length, begin: marker, next });
      blocks.push(block);
      outside = next === undefined ? characters.length : next.type === 'END' ? next.end : next.offset;
      marker = next?.type === 'END' ? nextMarker(characters, next.end) : next;
    } else marker = next;
  }
  if (marker === undefined) gap(characters.length);
  return { blocks, moreBlocks: marker !== undefined, bagAttributes, strayText };
}

function nextMarker(text: Uint8Array, from: number): Marker | undefined {
  for (let i = from; i + END.length < text.length; i++) {
    if (text[i] !== DASH || text[i + 4] !== DASH || text[i + 5] === DASH) continue;
    const type = matches(text, i, BEGIN) ? 'BEGIN' : matches(text, i, END) ? 'END' : undefined;
    if (type === undefined) continue;
    const start = i + (type === 'BEGIN' ? BEGIN.length : END.length);
    const length = labelLength(text, start);
    if (length === undefined) continue;
    const label = String.fromCharCode(...text.subarray(start, start + length)).trim();
    if (label === '') continue;
    return { type, label, offset: i, end: start + length + 5 };
  }
  return undefined;
}

function matches(text: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i++) if (text[at + i] !== expected[i]) return false;
  return true;
}

/** Printable ASCII up to five dashes. */
function labelLength(text: Uint8Array, start: number): number | undefined {
  for (let length = 0; length <= FILE_BUDGET.labelCharacters; length++) {
    const at = start + length;
    const byte = text[at] ?? 0;
    if (byte < 0x20 || byte > 0x7e) return undefined;
    if (byte !== DASH) continue;
    if (text[at + 1] === DASH && text[at + 2] === DASH && text[at + 3] === DASH && text[at + 4] === DASH) {
      return length;
    }
  }
  return undefined;
}

const BAG = [ascii('Bag Attributes'), ascii('subject='), ascii('friendlyName'), ascii('localKeyID')];

/** What stands between blocks. `openssl pkcs12` writes bag attributes, and subject and issuer, before each one. */
function gapKind(text: Uint8Array, start: number, end: number): 'blank' | 'bag-attributes' | 'text' {
  let at = start;
  while (at < end && (text[at]! <= 0x20 || text[at] === 0x1a)) at++;
  if (at === end) return 'blank';
  return BAG.some((sign) => matches(text, at, sign)) ? 'bag-attributes' : 'text';
}

interface Found {
  readonly text: Text;
  readonly lines: LineCounter;
  readonly index: number;
  readonly begin: Marker;
  /** The marker after BEGIN, where there is one. */
  readonly next: Marker | undefined;
}

function readBlock(found: Found): Block {
  const { text, lines, begin, next } = found;
  const { characters } = text;
  const faults: BlockFault[] = [];
  const fault = (code: BlockFaultCode, character: number, message: string): void => {
    faults.push({ code, offset: text.offsetOf(character), ...lines.locate(character), message });
  };
  const { line } = lines.locate(begin.offset);
  if (!standsAlone(characters, begin)) fault('not-at-line-start', begin.offset, alone('BEGIN', begin.label));
  const closed = next?.type === 'END';
  const bodyEnd = next?.offset ?? characters.length;
  const { headers, bodyStart, broken } = readHeaders(characters, begin.end, bodyEnd);
  if (broken !== undefined) fault('bad-headers', broken, 'the header lines do not end with an empty line');
  const decoded = decodeBase64(characters, bodyStart, bodyEnd, FILE_BUDGET.faultsPerBlock);
  for (const one of decoded.faults) {
    fault(one.code, one.offset, base64Message(one, text) + moreOf(one, decoded.faults, decoded.moreFaults));
  }
  const blank = closed ? blankLine(characters, bodyStart, bodyEnd) : undefined;
  if (blank !== undefined) fault('blank-line', blank, 'an empty line inside the text, where OpenSSL stops reading');
  if (decoded.bytes.length === 0) fault('empty-block', bodyEnd, 'there is nothing between BEGIN and END');
  if (!closed) fault('no-end-line', bodyEnd, `the line -----END ${begin.label}----- is missing: the file was cut off`);
  else {
    if (!standsAlone(characters, next)) fault('not-at-line-start', next.offset, alone('END', next.label));
    if (next.label !== begin.label) {
      fault('label-mismatch', next.offset, `BEGIN says ${begin.label}, END says ${next.label}`);
    }
  }
  const content = contentOf(begin.label, headers, decoded.bytes);
  if (content.mismatch !== undefined) {
    faults.push({
      code: 'label-mismatch',
      offset: text.offsetOf(begin.offset),
      line,
      column: 1,
      message: content.mismatch,
    });
  }
  const damaged = content.kind === 'certificate' && faults.some(({ code }) => code === 'bad-base64');
  const small = bodyEnd - bodyStart <= FILE_BUDGET.salvageCharacters;
  const realigned = damaged && small ? decodeLinesApart(characters, bodyStart, bodyEnd) : undefined;
  const offset = text.offsetOf(begin.offset);
  return {
    index: found.index,
    kind: content.kind,
    label: begin.label,
    description: describe(content.kind, content.form),
    offset,
    length: text.offsetOf(closed ? next.end : bodyEnd) - offset,
    line,
    headers,
    der: decoded.bytes,
    ...(realigned !== undefined && { realigned }),
    ...(content.form !== undefined && { privateKeyForm: content.form }),
    faults,
  };
}

/** `a private key (PKCS#8)` */
export function describe(kind: BlockKind, form: PrivateKeyForm | undefined): string {
  const hasForm = form !== undefined && (kind === 'private-key' || kind === 'encrypted-private-key');
  return hasForm ? `${KIND_WORDS[kind]} (${FORM_WORDS[form]})` : KIND_WORDS[kind];
}

const alone = (type: string, label: string): string =>
  `the line -----${type} ${label}----- must stand alone, at the very start of its line`;

function standsAlone(text: Uint8Array, { offset, end }: Marker): boolean {
  if (offset > 0 && text[offset - 1] !== 0x0a && text[offset - 1] !== 0x0d) return false;
  let after = end;
  while (text[after] === 0x20 || text[after] === 0x09) after++;
  return after >= text.length || text[after] === 0x0a || text[after] === 0x0d;
}

function base64Message({ offset, reason }: Base64Fault, text: Text): string {
  switch (reason) {
    case 'character':
      return `${text.nameOf(offset)} is no Base64 character`;
    case 'space':
      return 'a space inside the line';
    case 'written-newline':
      return 'a line break written as backslash and letter instead of a real one';
    case 'data-after-padding':
      return 'more text after the = that ends Base64';
    case 'incomplete':
      return 'the Base64 text ends inside a group of four: characters are missing';
    case 'padding-wrong':
      return 'the number of = at the end does not fit: characters are missing or too many';
  }
}

const moreOf = (fault: Base64Fault, faults: readonly Base64Fault[], more: number): string =>
  more > 0 && fault === faults.at(-1) ? `, and ${more} more such places` : '';

// RFC 1421 §4.4: encapsulated headers stand directly below BEGIN and end with an empty line; a continuation is indented.
function readHeaders(text: Uint8Array, start: number, end: number) {
  const headers = new Map<string, string>();
  let at = afterLineEnd(text, start, end);
  let name: string | undefined;
  let count = 0;
  while (at < end) {
    const lineEnd = endOfLine(text, at, end);
    const line = String.fromCharCode(...text.subarray(at, Math.min(lineEnd, at + 1024)));
    const colon = line.indexOf(':');
    if (headers.size === 0 && colon === -1) return { headers, bodyStart: start, broken: undefined };
    const next = afterLineEnd(text, lineEnd, end);
    count++;
    if (line.trim() === '') return { headers, bodyStart: next, broken: undefined };
    if (name !== undefined && count <= FILE_BUDGET.pemHeaders && /^[ \t]/.test(line))
      headers.set(name, `${headers.get(name)}${line.trim()}`.slice(0, 4096));
    else if (colon === -1 || count > FILE_BUDGET.pemHeaders) return { headers, bodyStart: at, broken: at };
    else {
      name = line.slice(0, colon).trim();
      headers.set(name, line.slice(colon + 1).trim());
    }
    at = next;
  }
  return { headers, bodyStart: end, broken: headers.size > 0 ? end : undefined };
}

/** Where the first empty line below a line of data begins. One directly below BEGIN ends the headers that are not there. */
function blankLine(text: Uint8Array, start: number, end: number): number | undefined {
  const isSpace = (at: number): boolean => text[at] === 0x20 || text[at] === 0x09 || text[at] === 0x0d;
  let data = start;
  while (data < end && (isSpace(data) || text[data] === 0x0a)) data++;
  for (let feed = text.indexOf(0x0a, data); feed !== -1 && feed < end; feed = text.indexOf(0x0a, feed + 1)) {
    let at = feed + 1;
    while (at < end && isSpace(at)) at++;
    if (at < end && text[at] === 0x0a) return feed + 1;
  }
  return undefined;
}

function endOfLine(text: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && text[at] !== 0x0a && text[at] !== 0x0d) at++;
  return at;
}

function afterLineEnd(text: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && (text[at] === 0x20 || text[at] === 0x09)) at++;
  if (text[at] === 0x0d) at++;
  if (text[at] === 0x0a) at++;
  return Math.min(at, end);
}

interface Content {
  readonly kind: BlockKind;
  readonly form: PrivateKeyForm | undefined;
  readonly mismatch: string | undefined;
}

/** What a block holds: by its structure where that is known, else by its label. */
function contentOf(label: string, headers: ReadonlyMap<string, string>, der: Uint8Array): Content {
  const named = LABELS[label];
  // RFC 1421 §4.6.1.1: the body is ciphertext, which has no structure.
  if (headers.get('Proc-Type')?.includes('ENCRYPTED') === true) {
    return { kind: 'encrypted-private-key', form: named?.form, mismatch: undefined };
  }
  // Said without asking the reader: thousands of blocks of nothing would cost thousands of its errors.
  if (der[0] !== TAG.SEQUENCE) return { kind: named?.kind ?? 'unknown', form: named?.form, mismatch: undefined };
  const opaque = named === undefined || named.kind === 'openssh-private-key' || named.kind === 'parameters';
  const structure = recogniseStructure(der);
  if (structure.kind === 'unknown' || (opaque && named !== undefined) || structure.kind === 'parameters') {
    return { kind: named?.kind ?? structure.kind, form: named?.form, mismatch: undefined };
  }
  const { kind, privateKeyForm } = structure;
  // A damaged block is what it says it is.
  if (structure.error !== undefined) return { kind: named?.kind ?? kind, form: named?.form, mismatch: undefined };
  const form = privateKeyForm ?? (kind === 'encrypted-private-key' ? 'pkcs8' : undefined);
  const agrees =
    named !== undefined && (named.kind === kind || isTrustedLabel(named.kind, kind)) && named.form === form;
  const mismatch = agrees ? undefined : `the label says ${label}, but the block holds ${describe(kind, form)}`;
  return { kind: agrees ? named.kind : kind, form, mismatch };
}

// TRUSTED CERTIFICATE may hold a certificate alone.
const isTrustedLabel = (named: BlockKind, actual: BlockKind): boolean =>
  named === 'trusted-certificate' && actual === 'certificate';
