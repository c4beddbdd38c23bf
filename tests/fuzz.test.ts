import { describe, expect, test } from 'vitest';
import { createBundleChecker } from '../src/core/check/check-bundle.ts';
import { createChunkJudge } from '../src/platform/bulk/judge-chunk.ts';
import { chunksOf } from '../src/platform/bulk/chunks.ts';
import { nodeCrypto } from '../src/platform/crypto/node-crypto.ts';
import { readFileSync } from 'node:fs';
import { lengthOf, mutateDer, readNodes, writeNodes } from './fuzz/der-tree.ts';
import { fuzz, readSeeds } from './fuzz/fuzz.ts';
import { Random } from './fuzz/random.ts';

const good = readFileSync('cases/samples/good/sensor.crt', 'utf8');
const der = new Uint8Array(Buffer.from(good.replace(/-----[^-]+-----|\s/g, ''), 'base64'));

describe('altered cases', () => {
  test('escape nowhere, crash no rule, and fit every format', { timeout: 60_000 }, async () => {
    const { escapes } = await fuzz({ seed: 20_261, count: 600 });
    expect(escapes.map(({ of, what }) => `${of}: ${what}`)).toEqual([]);
  });
  test('are made from every case', () => {
    expect(readSeeds().length).toBeGreaterThan(100);
  });
  test('trees that nobody changed are written as they were read', () => {
    expect(Buffer.from(writeNodes(readNodes(der)!)).equals(der)).toBe(true);
    const random = new Random(1);
    const changed = Array.from({ length: 50 }, () => mutateDer(der, random)).filter(
      (one) => !Buffer.from(one).equals(der),
    );
    expect(changed.length).toBeGreaterThan(40);
  });
});

const check = createBundleChecker({ at: '2026-06-01T00:00:00Z' }, nodeCrypto);
const pem = (bytes: Uint8Array) =>
  Buffer.from(`-----BEGIN CERTIFICATE-----\n${Buffer.from(bytes).toString('base64')}\n-----END CERTIFICATE-----\n`);
const tlv = (tag: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const content = Buffer.concat(parts);
  return Buffer.concat([Uint8Array.of(tag), lengthOf(content.length), content]);
};
const repeated = (one: Uint8Array, times: number): Uint8Array =>
  Buffer.concat(Array.from({ length: times }, () => one));

/** The good certificate with one field of its signed part made anew. */
function withField(index: number, field: Uint8Array): Uint8Array {
  const [certificate] = readNodes(der)!;
  const [tbs, ...rest] = certificate!.content as { content: unknown }[];
  const fields = (tbs!.content as { content: unknown }[]).map((node) => writeNodes([node as never]));
  fields[index] = field;
  return tlv(0x30, tlv(0x30, ...fields), ...rest.map((node) => writeNodes([node as never])));
}

const OID_CN = Uint8Array.of(0x06, 0x03, 0x55, 0x04, 0x03);
const cn = (text: Uint8Array) => tlv(0x31, tlv(0x30, OID_CN, tlv(0x0c, text)));
const [ISSUER, SUBJECT, EXTENSIONS] = [3, 5, 7];
const extension = (number: number) =>
  tlv(0x30, Uint8Array.of(0x06, 0x04, 0x2a, 0x80 | (number >> 7), number & 0x7f, 0x01), tlv(0x04, Uint8Array.of(5, 0)));
const nested = (depth: number): Uint8Array => {
  const headers: Uint8Array[] = [];
  let length = 0;
  for (let i = 0; i < depth; i++) {
    const header = Buffer.concat([Uint8Array.of(0x30), lengthOf(length)]);
    headers.push(header);
    length += header.length;
  }
  return Buffer.concat(headers.toReversed());
};

const BOMBS: readonly (readonly [string, () => Uint8Array])[] = [
  ['a certificate nested 100 000 deep', () => pem(nested(100_000))],
  ['a name nested 50 000 deep', () => pem(withField(SUBJECT, tlv(0x30, nested(50_000))))],
  ['a length of 4 GiB', () => pem(Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x30, 0x80))],
  ['a length of 2^64', () => pem(Uint8Array.of(0x30, 0x88, 1, 0, 0, 0, 0, 0, 0, 0, 0))],
  ['100 000 extensions', () => pem(withField(EXTENSIONS, tlv(0xa3, tlv(0x30, repeated(extension(5), 100_000)))))],
  ['1 000 extensions alike', () => pem(withField(EXTENSIONS, tlv(0xa3, tlv(0x30, repeated(extension(5), 1000)))))],
  ['a CN of 10 MB', () => pem(withField(SUBJECT, tlv(0x30, cn(new Uint8Array(10_000_000).fill(0x61)))))],
  ['a CN of 3 MB of quotes', () => pem(withField(SUBJECT, tlv(0x30, cn(new Uint8Array(3_000_000).fill(0x22)))))],
  ['50 000 CNs', () => pem(withField(SUBJECT, tlv(0x30, repeated(cn(Uint8Array.of(0x61)), 50_000))))],
  [
    '50 000 over-long CNs in the issuer',
    () => pem(withField(ISSUER, tlv(0x30, repeated(cn(new Uint8Array(65).fill(0x61)), 50_000)))),
  ],
  ['200 000 BEGIN lines', () => Buffer.from('-----BEGIN CERTIFICATE-----\n'.repeat(200_000))],
  ['400 000 dashes and BEGINs without end', () => Buffer.from('-----BEGIN '.repeat(400_000))],
  ['10 MB of dashes', () => Buffer.from('-'.repeat(10_000_000))],
  ['5 MB of white space in Base64', () => Buffer.from(good.replace('\nMII', `\n${' '.repeat(5_000_000)}MII`))],
  ['5 MB of padding', () => Buffer.from(good.replace('\n-----END', `${'='.repeat(5_000_000)}\n-----END`))],
  ['2 000 certificates', () => Buffer.from(good.repeat(2000))],
];

describe('files that are made to hurt', () => {
  test.each(BOMBS)('%s: a verdict, and no rule crashes', { timeout: 30_000 }, async (_, make) => {
    const crt = make();
    const report = await check({ crt }, 'bomb');
    expect(report.findings.filter(({ status }) => status === 'checker-failed')).toEqual([]);
    expect(report.findings.length).toBeGreaterThan(10);
    // The report may quote what it found, but not all of it.
    expect(JSON.stringify(report).length).toBeLessThan(crt.length * 4 + 2_000_000);
  });
  test.each(BOMBS.filter(([name]) => !name.includes('BEGIN')))(
    '%s: in bulk, too',
    { timeout: 30_000 },
    async (_, make) => {
      const judge = createChunkJudge({
        name: 'bomb',
        options: { at: '2026-06-01T00:00:00Z', findings: 'problems' },
        format: 'jsonl',
        formatOptions: { version: '0' },
      });
      let total = 0;
      for await (const chunk of chunksOf(streamOf(make()))) total += (await judge(chunk)).tally.total;
      expect(total).toBeLessThanOrEqual(2000);
    },
  );
});

async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
