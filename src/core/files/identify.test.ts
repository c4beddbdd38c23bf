import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FILE_BUDGET } from './budget.ts';
import { identify } from './identify.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const is = (text: string | Uint8Array) => identify(typeof text === 'string' ? bytes(text) : text);

describe('names what is no certificate file', () => {
  test.each([
    ['', 'empty'],
    ['\n \t\r\n', 'empty'],
    ['<!DOCTYPE html>\n<html><body>Please sign in</body></html>', 'html'],
    ['  <html lang="en">', 'html'],
    ['<!-- saved from url --><html>', 'html'],
    ['<?xml version="1.0"?><Response/>', 'xml'],
    ['{"error": "not found"}', 'json'],
    ['[1, 2]', 'json'],
    ['PK\u0003\u0004rest', 'zip'],
    ['ssh-rsa AAAAB3NzaC1yc2E user@host', 'text'],
    ['Dear colleague, please find the certificate attached.', 'text'],
    ['----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE----', 'text'],
  ] as const)('%j is %s', (text, form) => {
    expect(is(text).form).toBe(form);
  });

  test('keystores, archives and other bytes', () => {
    expect(is(Uint8Array.of(0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2)).form).toBe('jks');
    expect(is(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0)).form).toBe('binary');
    expect(is(new Uint8Array(FILE_BUDGET.fileOctets + 1)).form).toBe('too-large');
  });

  test('says what is wrong with dashes that a word processor made pretty', () => {
    const { description } = is('—–BEGIN CERTIFICATE—–\nMIIB\n—–END CERTIFICATE—–\n');
    expect(description).toContain('BEGIN line is damaged');
  });
});

const BODY = 'QUJDREVG';

describe('PEM', () => {
  test('counts lines and columns from 1, by characters, whatever ends the lines', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const text = [
        'Zertifikat für Anlage 7',
        '-----BEGIN CERTIFICATE-----',
        BODY,
        `QÜ|${BODY}`,
        BODY,
        '-----END CERTIFICATE-----',
        '',
      ];
      const [block] = is(text.join(end)).blocks;
      expect(block!.line).toBe(2);
      expect(block!.faults.slice(0, 3).map(({ line, column, message }) => [line, column, message])).toEqual([
        [4, 2, '"Ü" (U+00DC) is no Base64 character'],
        [4, 3, expect.stringContaining('is no Base64 character')],
        [4, 3, '"|" is no Base64 character'],
      ]);
      expect(block!.faults[2]!.offset).toBe(bytes(text.join(end)).indexOf(0x7c));
    }
  });

  test('reads UTF-16 of both byte orders, with and without mark, and points into the original', () => {
    const text = `-----BEGIN THING-----\n${BODY}\nQU|J\n-----END THING-----\n`;
    const little = Uint8Array.from([...text].flatMap((c) => [c.charCodeAt(0), 0]));
    const big = Uint8Array.from([...text].flatMap((c) => [0, c.charCodeAt(0)]));
    for (const [file, mark] of [
      [little, []],
      [big, []],
      [little, [0xff, 0xfe]],
      [big, [0xfe, 0xff]],
    ] as const) {
      const content = is(Uint8Array.from([...mark, ...file]));
      expect(content.repairs).toMatchObject({ utf16: true, bom: mark.length > 0 });
      expect(content.blocks[0]!.faults[0]).toMatchObject({
        line: 3,
        column: 3,
        offset: mark.length + 2 * text.indexOf('|'),
      });
    }
  });

  test.each([
    ['-----BEGIN A-----\nQUJD\n', 'no-end-line'],
    ['-----BEGIN A-----\nQUJD\n-----END B-----', 'label-mismatch'],
    ['-----BEGIN A-----\n-----END A-----', 'empty-block'],
    ['-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\nQUJD\n-----END A-----', 'bad-headers'],
    ['  -----BEGIN A-----\nQUJD\n-----END A-----', 'not-at-line-start'],
    ['-----BEGIN A-----QUJD-----END A-----', 'not-at-line-start'],
    ['-----BEGIN A-----\\nQUJD\\n-----END A-----', 'written-newline'],
  ] as const)('%j: %s', (text, code) => {
    expect(is(text).blocks[0]!.faults.map((fault) => fault.code)).toContain(code);
  });

  test('reads RFC 1421 headers, folded ones too', () => {
    const text =
      '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,\n 0011\n\nQUJD\n-----END RSA PRIVATE KEY-----\n';
    const [block] = is(text).blocks;
    expect(block!.kind).toBe('encrypted-private-key');
    expect(Object.fromEntries(block!.headers)).toEqual({ 'Proc-Type': '4,ENCRYPTED', 'DEK-Info': 'AES-128-CBC,0011' });
    expect(block!.faults).toEqual([]);
  });

  test('tells bag attributes from stray text', () => {
    const block = `-----BEGIN THING-----\n${BODY}\n-----END THING-----\n`;
    expect(is(`Bag Attributes\n    friendlyName: x\n${block}`).repairs).toMatchObject({
      bagAttributes: true,
      strayText: false,
    });
    expect(is(`${block}and so on`).repairs).toMatchObject({ bagAttributes: false, strayText: true });
    expect(is(`\n${block}\n\n${block}`).repairs).toMatchObject({ bagAttributes: false, strayText: false });
  });
});

describe('hostile input', () => {
  const SIZE = 4_000_000;
  test.each([
    '-',
    '-----BEGIN ',
    '-----BEGIN A',
    '-----BEGIN A-----\n',
    '-----END A-----\n',
    '-----BEGIN A-----\na:b\n',
    '| ',
    '=',
    'MI',
    '0\u0080',
    '\n',
    '<',
    '{',
  ])('%j over and over ends in blocks within the budget', (piece) => {
    const { blocks } = is(piece.repeat(Math.floor(SIZE / piece.length)));
    expect(blocks.length).toBeLessThanOrEqual(FILE_BUDGET.pemBlocks);
  });

  test('a million header lines are no headers', () => {
    const { headers, faults } = is(`-----BEGIN A-----\n${'a: b\n'.repeat(1_000_000)}`).blocks[0]!;
    expect(headers.size).toBeLessThanOrEqual(FILE_BUDGET.pemHeaders);
    expect(faults[0]!.code).toBe('bad-headers');
  });

  test('nothing makes it throw', () => {
    const words = [
      '-----BEGIN ',
      '-----END ',
      'CERTIFICATE',
      '-----',
      '\n',
      '\r',
      ' ',
      'MIIB',
      '=',
      ':',
      '\\n',
      '\ufeff',
      '0\u0082',
      'é',
      '\u0000',
    ];
    const pieces = fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 8 })), { maxLength: 40 });
    fc.assert(
      fc.property(pieces, (parts) => void is(parts.join(''))),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (some) => void is(some)),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (some) => void is(Uint8Array.of(0x30, 0x82, ...some))),
      { numRuns: 500 },
    );
  });
});
