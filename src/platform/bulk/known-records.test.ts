import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createCertificateChecker } from '../../core/check/check-certificate.ts';
import { nodeCrypto } from '../crypto/node-crypto.ts';
import { createChunkJudge } from './judge-chunk.ts';
import { KnownRecords } from './known-records.ts';

const options = { at: '2027-01-01T00:00:00Z', findings: 'problems' } as const;
const sample = readFileSync(new URL('../../../cases/samples/bad/sensor.crt', import.meta.url));
const der = Buffer.from(sample.toString('latin1').replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');

test('a certificate that comes again gets the report it got, under its new name', async () => {
  const judge = createChunkJudge({ options, name: 'scan', format: 'jsonl', formatOptions: { version: '0' } });
  const bytes = new Uint8Array(Buffer.concat([sample, sample, sample, sample]));
  const { output, tally } = await judge({ sequence: 0, form: 'pem', bytes, firstRecord: 1 });
  const reports = Buffer.from(output)
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(reports.map(({ bundle }) => bundle)).toEqual(['scan#1', 'scan#2', 'scan#3', 'scan#4']);
  const alone = createCertificateChecker(options, nodeCrypto)(der, 'scan#1');
  for (const report of reports) expect({ ...report, bundle: 'scan#1' }).toEqual(alone);
  expect(tally).toMatchObject({ total: 4, refused: 4 });
});

test('what comes once is not kept for long, what comes again is; one octet makes another record', () => {
  const known = new KnownRecords();
  const report = createCertificateChecker(options, nodeCrypto)(der, 'x')!;
  const variant = (n: number) => {
    const bytes = Buffer.from(der);
    // Inside the signature: still readable, never the same.
    bytes.writeUInt32LE(n, bytes.length - 4);
    return { bytes, start: 0, end: bytes.length };
  };
  const meet = (n: number): 'known' | 'kept' | 'passed by' => {
    const record = variant(n);
    if (known.find(record) !== undefined) return 'known';
    if (!known.isWorthKeeping(record)) return 'passed by';
    known.keep(record, report, undefined);
    return 'kept';
  };
  // A short list is kept at once.
  expect([meet(1), meet(2), meet(1), meet(2)]).toEqual(['kept', 'kept', 'known', 'known']);
  for (let n = 3; n < 3000; n++) meet(n);
  // A long one from the second time on, and older ones make room.
  expect([meet(5000), meet(5000), meet(5000)]).toEqual(['passed by', 'kept', 'known']);
  for (let n = 6000; n < 9000; n++) {
    meet(n);
    meet(n);
  }
  expect([meet(5000), meet(8999)]).toEqual([expect.not.stringMatching('known'), 'known']);
});

test('records alike but for one octet at the front are not taken for each other', () => {
  const known = new KnownRecords();
  const report = createCertificateChecker(options, nodeCrypto)(der, 'x')!;
  const [one, other] = [Buffer.from(der), Buffer.from(der)];
  other[20]! ^= 1;
  const identity = (bytes: Buffer) => ({ bytes, start: 0, end: bytes.length });
  known.find(identity(one));
  known.isWorthKeeping(identity(one));
  known.keep(identity(one), report, undefined);
  expect(known.find(identity(one))?.report).toBe(report);
  expect(known.find(identity(other))).toBeUndefined();
});
