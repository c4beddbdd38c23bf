import { describe, expect, test } from 'vitest';
import { ascii, oid, sequence, set, tlv } from '../../../tests/x509/encoder.ts';
import { readSingle } from '../der/element.ts';
import { DerError } from '../der/errors.ts';
import { ATTRIBUTE, Name } from './name.ts';

type Part = readonly [type: string, value: Uint8Array];

const utf8 = (text: string): Uint8Array => tlv(0x0c, Buffer.from(text, 'utf8'));
const printable = (text: string): Uint8Array => ascii(0x13, text);
const rdn = (...parts: Part[]): Uint8Array => set(...parts.map(([type, value]) => sequence(oid(type), value)));
const name = (...rdns: Uint8Array[]): Name => new Name(readSingle(new Uint8Array(sequence(...rdns)), 0x30, 'Name'));
const cn = (value: Uint8Array): Name => name(rdn([ATTRIBUTE.CN, value]));

describe('a name as text', () => {
  test('stands in the order of its encoding', () => {
    const subject = name(
      rdn([ATTRIBUTE.C, printable('DE')]),
      rdn([ATTRIBUTE.CN, utf8('a')], [ATTRIBUTE.OU, utf8('b')]),
    );
    expect(subject.toString()).toBe('C=DE, CN=a+OU=b');
    expect(subject.all(ATTRIBUTE.OU).map(({ text }) => text)).toEqual(['b']);
  });

  test.each([
    ['a, b+c', 'CN=a\\, b\\+c'],
    ['#a', 'CN=\\#a'],
    [' a ', 'CN=\\ a\\ '],
    ['a\u0000b\u001b[31m', 'CN=a\\00b\\1b[31m'],
    ['Größe 図', 'CN=Größe 図'],
  ])('%j is escaped', (text, expected) => {
    expect(cn(utf8(text)).toString()).toBe(expected);
  });

  test('what is no character string is shown in hex, an unknown type by its number', () => {
    expect(name(rdn(['1.2.3', tlv(0x03, [0, 1])])).toString()).toBe('1.2.3=#03020001');
  });
});

describe('names are the same', () => {
  test.each([
    ['case', utf8('Sensor'), utf8('sENSOR')],
    ['white space', utf8('a   b '), utf8(' a b')],
    ['string types', utf8('a'), printable('a')],
    ['string types of two octets', utf8('ä'), tlv(0x1e, [0, 0xe4])],
  ])('whatever the %s', (_, one, other) => {
    expect(cn(one).equals(cn(other))).toBe(true);
  });

  test('whatever the order within one RDN', () => {
    const [a, b]: Part[] = [
      [ATTRIBUTE.CN, utf8('a')],
      [ATTRIBUTE.OU, utf8('b')],
    ];
    expect(name(rdn(a!, b!)).equals(name(rdn(b!, a!)))).toBe(true);
  });
});

test.each([
  [
    'other order of RDNs',
    name(rdn([ATTRIBUTE.C, utf8('a')]), rdn([ATTRIBUTE.O, utf8('b')])),
    name(rdn([ATTRIBUTE.O, utf8('b')]), rdn([ATTRIBUTE.C, utf8('a')])),
  ],
  [
    'one RDN or two',
    name(rdn([ATTRIBUTE.C, utf8('a')], [ATTRIBUTE.O, utf8('b')])),
    name(rdn([ATTRIBUTE.C, utf8('a')]), rdn([ATTRIBUTE.O, utf8('b')])),
  ],
  [
    'a separator inside a value',
    cn(utf8('a,2.5.4.3=b')),
    name(rdn([ATTRIBUTE.CN, utf8('a')]), rdn([ATTRIBUTE.CN, utf8('b')])),
  ],
  ['a plus inside a value', cn(utf8('a+2.5.4.3=b')), name(rdn([ATTRIBUTE.CN, utf8('a')], [ATTRIBUTE.CN, utf8('b')]))],
  ['text that looks like hex', cn(utf8('#03020001')), cn(tlv(0x03, [0, 1]))],
  ['a NUL', cn(utf8('a\u0000')), cn(utf8('a'))],
  ['empty', name(), cn(utf8(''))],
])('names differ: %s', (_, one, other) => {
  expect(one.equals(other)).toBe(false);
});

describe('a malformed name', () => {
  test.each([
    ['an empty RDN', name(set())],
    ['an RDN that is no SET', name(sequence())],
    ['a type that is no identifier', name(set(sequence(utf8('a'), utf8('b'))))],
    ['a third element', name(set(sequence(oid('2.5.4.3'), utf8('a'), utf8('b'))))],
    ['broken UTF-8', cn(tlv(0x0c, [0xff]))],
  ])('%s is refused on first use', (_, malformed) => {
    expect(() => malformed.toString()).toThrow(DerError);
  });
});
