import { describe, expect, test } from 'vitest';
import { prose } from './prose.ts';
import { styleFor } from './style.ts';

const style = styleFor({ isTerminal: false, columns: undefined, environment: {} });
const lines = (text: string, columns = 60) => prose(style, text, columns, { 'sensor.key': "/it's here/a.key" });

describe('prose', () => {
  test('words are wrapped, names in backticks stay words', () => {
    expect(lines('Hand in `sensor.crt` instead of the other.', 24)).toEqual([
      'Hand in sensor.crt',
      'instead of the other.',
    ]);
  });
  test('a command stands alone, marked or not, and takes the real name of the file', () => {
    const expected = ['Convert it:', "  openssl pkey -in '/it'\\''s here/a.key' -out new.key", 'Then upload it.'];
    expect(lines('Convert it: openssl pkey -in sensor.key -out new.key. Then upload it.')).toEqual(expected);
    expect(lines('Convert it, `openssl pkey -in sensor.key -out new.key`. Then upload it.')).toEqual(expected);
    expect(lines('Convert it:\n  openssl pkey -in sensor.key -out new.key\nThen upload it.')).toEqual(expected);
  });
  test('a long command is folded so that it can be pasted; two commands are two', () => {
    expect(
      lines("Run: openssl req -new -subj '/C=US/O=A -b; c/CN=x' -addext subjectAltName=DNS:x -out x.csr", 44),
    ).toEqual([
      'Run:',
      '  openssl req -new \\',
      "    -subj '/C=US/O=A -b; c/CN=x' \\",
      '    -addext subjectAltName=DNS:x \\',
      '    -out x.csr',
    ]);
    expect(lines('Compare: openssl x509 -in a | openssl md5; openssl pkey -in b | openssl md5')).toEqual([
      'Compare:',
      '  openssl x509 -in a | openssl md5',
      '  openssl pkey -in b | openssl md5',
    ]);
  });
  test('a quote that nobody closed is kept', () => {
    expect(lines("Run: openssl x509 -in it's -noout -text -fingerprint -sha256 -serial", 30).join(' ')).toContain("'");
  });
  test('nothing that a terminal obeys gets through', () => {
    expect(lines('The CN "a\u001b[2Jb" and `openssl x \u202e -in y`').join('')).not.toMatch(/[\u001b\u202e]/);
  });
});
