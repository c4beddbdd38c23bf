import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createCertificateChecker } from '../../core/check/check-certificate.ts';
import { nodeCrypto } from '../crypto/node-crypto.ts';
import { createChunkJudge } from './judge-chunk.ts';
import { KnownReports } from './known-reports.ts';

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

test('what is remembered stays within its bounds, and one byte makes another certificate', () => {
  const known = new KnownReports();
  let judged = 0;
  const check = createCertificateChecker(options, nodeCrypto);
  const judge = (bytes: Uint8Array, name: string) => {
    judged++;
    return check(bytes, name);
  };
  const variant = (n: number): Uint8Array => {
    const copy = Uint8Array.from(der);
    // Inside the signature: still readable, never the same.
    copy[copy.length - 1]! ^= n & 0xff;
    copy[copy.length - 2]! ^= n >> 8;
    return copy;
  };
  for (let n = 0; n < 3000; n++) known.reportOn(variant(n), 'x', judge);
  expect(judged).toBe(3000);
  known.reportOn(variant(2999), 'x', judge);
  expect(judged).toBe(3000);
  known.reportOn(variant(0), 'x', judge);
  expect(judged).toBe(3001);
});
