import { decodeBase64 } from './base64.ts';
import { FILE_BUDGET } from './budget.ts';
import type { Block, FileContent, Repairs } from './content.ts';
import { describe, readPem } from './pem.ts';
import { recogniseStructure, type Structure } from './structure.ts';
import { readText, type Text } from './text.ts';

type Form = FileContent['form'];

const NO_REPAIRS: Repairs = {
  bom: false,
  utf16: false,
  crlf: false,
  loneCr: false,
  bagAttributes: false,
  strayText: false,
};

/**
 * Says what a file is before anybody judges it. Never throws; linear in the size of the file and with a small multiple
 * of its memory. The blocks of a DER file are views of `bytes`; those of a text are copies that `wipeBundle` zeroes.
 */
export function identify(bytes: Uint8Array): FileContent {
  const size = bytes.length;
  if (size === 0) return plain('empty', 'an empty file', size);
  if (size > FILE_BUDGET.fileOctets) {
    return plain(
      'too-large',
      `a file of more than ${mebibytes(FILE_BUDGET.fileOctets)} MiB, far too large for this`,
      size,
    );
  }
  const structure = recogniseStructure(bytes);
  if (bytes[0] === 0x30 && structure.error === undefined && structure.kind !== 'unknown') return der(bytes, structure);
  const text = readText(bytes);
  try {
    return fromText(text, size) ?? fromMagic(bytes, size) ?? damagedDer(bytes, structure) ?? byAppearance(text, size);
  } finally {
    if (text.utf16) text.characters.fill(0);
  }
}

const plain = (form: Form, description: string, size: number): FileContent => ({
  form,
  description,
  blocks: [],
  moreBlocks: false,
  repairs: NO_REPAIRS,
  trailingBytes: 0,
  size,
});

const mebibytes = (size: number): number => Math.round((size / 1024 / 1024) * 10) / 10;

function der(bytes: Uint8Array, structure: Structure): FileContent {
  const block = derBlock(structure, bytes.subarray(0, bytes.length - structure.trailing), 0, bytes.length);
  return {
    ...plain('der', `${block.description} in DER`, bytes.length),
    blocks: [block],
    trailingBytes: structure.trailing,
    ...(structure.error !== undefined && { error: structure.error }),
  };
}

function derBlock({ kind, privateKeyForm }: Structure, bytes: Uint8Array, offset: number, length: number): Block {
  const form = privateKeyForm ?? (kind === 'encrypted-private-key' ? 'pkcs8' : undefined);
  return {
    index: 0,
    kind,
    label: undefined,
    description: describe(kind, form),
    offset,
    length,
    line: 1,
    headers: new Map(),
    der: bytes,
    ...(form !== undefined && { privateKeyForm: form }),
    faults: [],
  };
}

/** PEM, or Base64 whose header was left behind. */
function fromText(text: Text, size: number): FileContent | undefined {
  const pem = readPem(text);
  const repairs = { ...NO_REPAIRS, bom: text.bom, utf16: text.utf16, ...lineEnds(text.characters) };
  if (pem.blocks.length > 0) {
    const { blocks, moreBlocks, bagAttributes, strayText } = pem;
    const description = `${listing(blocks)} in PEM`;
    return {
      ...plain('pem', description, size),
      blocks,
      moreBlocks,
      repairs: { ...repairs, bagAttributes, strayText },
    };
  }
  const block = bareBase64(text, size);
  if (block === undefined) return undefined;
  const description = `${block.description} in Base64 without BEGIN and END lines`;
  return { ...plain('base64-without-header', description, size), blocks: [block], repairs };
}

/** `a certificate`, `a private key (PKCS#8) and 2 certificates` */
function listing(blocks: readonly Block[]): string {
  const counts = new Map<string, number>();
  for (const { description } of blocks) counts.set(description, (counts.get(description) ?? 0) + 1);
  const words = [...counts].map(([one, count]) => (count === 1 ? one : `${count} × ${one.replace(/^an? /, '')}`));
  if (words.length > 4) words.splice(4, words.length, 'more');
  return words.length === 1 ? words[0]! : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function lineEnds(text: Uint8Array): Pick<Repairs, 'crlf' | 'loneCr'> {
  const carriageReturn = text.includes(0x0d);
  const lineFeed = text.includes(0x0a);
  return { crlf: carriageReturn && lineFeed, loneCr: carriageReturn && !lineFeed };
}

// "MI" is how the Base64 of every DER SEQUENCE of 128 bytes or more begins.
function bareBase64(text: Text, size: number): Block | undefined {
  const { characters } = text;
  let start = 0;
  while (start < characters.length && characters[start]! <= 0x20) start++;
  if (characters[start] !== 0x4d || characters[start + 1] !== 0x49) return undefined;
  const decoded = decodeBase64(characters, start, characters.length, 1);
  if (decoded.faults.some(({ code }) => code === 'bad-base64')) return undefined;
  const structure = recogniseStructure(decoded.bytes);
  if (structure.kind === 'unknown') return undefined;
  return derBlock(
    structure,
    decoded.bytes.subarray(0, decoded.bytes.length - structure.trailing),
    text.offsetOf(start),
    size,
  );
}

const MAGIC: readonly (readonly [readonly number[], Form, string])[] = [
  [[0xfe, 0xed, 0xfe, 0xed], 'jks', 'a Java keystore (JKS)'],
  [[0xce, 0xce, 0xce, 0xce], 'jks', 'a Java keystore (JCEKS)'],
  [[0x50, 0x4b, 0x03, 0x04], 'zip', 'a ZIP archive'],
  [[0x50, 0x4b, 0x05, 0x06], 'zip', 'an empty ZIP archive'],
  [[0x1f, 0x8b], 'binary', 'a gzip archive'],
  [[0x25, 0x50, 0x44, 0x46], 'binary', 'a PDF document'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'binary', 'an old Microsoft Office document'],
];

function fromMagic(bytes: Uint8Array, size: number): FileContent | undefined {
  for (const [magic, form, description] of MAGIC) {
    if (magic.every((byte, i) => bytes[i] === byte)) return plain(form, description, size);
  }
  return undefined;
}

/** Begins like DER and goes wrong later, or is a complete object that nobody names. */
function damagedDer(bytes: Uint8Array, structure: Structure): FileContent | undefined {
  // X.690 §8.1.3: every SEQUENCE that holds more than a key identifier has its length in the long or indefinite form.
  if (bytes[0] !== 0x30 || bytes[1]! < 0x80 || bytes[1]! > 0x84) return undefined;
  const content = der(bytes, structure);
  return structure.error === undefined
    ? content
    : { ...content, description: `${describe(structure.kind, undefined)} in damaged DER` };
}

const START = 4096;

function byAppearance(text: Text, size: number): FileContent {
  const { characters } = text;
  const repairs = { ...NO_REPAIRS, bom: text.bom, utf16: text.utf16, ...lineEnds(characters) };
  const start = String.fromCharCode(...characters.subarray(0, START)).trimStart();
  const [form, description] = appearance(start, characters);
  return { ...plain(form, description, size), repairs };
}

function appearance(start: string, characters: Uint8Array): readonly [Form, string] {
  if (start === '') return ['empty', 'a file of nothing but white space'];
  if (isBinary(characters)) return ['binary', 'a binary file of an unknown kind'];
  if (/^(<!--[^]*?-->\s*)?<(!doctype html|html|head|body)\b/i.test(start)) {
    return ['html', 'an HTML page (often an error or sign-in page that was saved instead of the download)'];
  }
  if (start.startsWith('<')) return ['xml', 'an XML document'];
  if (/^[{[]\s*["{[\]}\d]/.test(start)) return ['json', 'a JSON document'];
  if (/^(ssh-|ecdsa-sha2-)\S+ AAAA/.test(start)) return ['text', 'an OpenSSH public key'];
  if (start.startsWith('PuTTY-User-Key-File-')) return ['text', 'a PuTTY private key (.ppk)'];
  const mangled = /^.*\b(BEGIN|END) [A-Z0-9 ]{3,40}.*$/m.exec(start);
  if (mangled !== null) {
    return [
      'text',
      `text whose ${mangled[1]} line is damaged (it needs exactly five dashes on each side, on a line of its own)`,
    ];
  }
  return ['text', 'plain text without any -----BEGIN line'];
}

/** NUL bytes, or more than a tenth of control characters, near the start. */
function isBinary(characters: Uint8Array): boolean {
  const start = characters.subarray(0, START);
  let controls = 0;
  for (const byte of start) {
    if (byte === 0) return true;
    if (byte < 0x20 && (byte < 0x09 || byte > 0x0d)) controls++;
  }
  return controls * 10 > start.length;
}
