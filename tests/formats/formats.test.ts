import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { judgeCase } from '../../cases/judge.ts';
import { parseCase } from '../../cases/case.ts';
import type { Finding, Report } from '../../src/core/base/finding.ts';
import { ByteWriter } from '../../src/core/check/byte-writer.ts';
import { createFormat, type FormatName, type FormatOptions } from '../../src/core/check/report-format.ts';
import { safeJson } from '../../src/cli/render/text.ts';
import { nodeCrypto } from '../../src/platform/crypto/node-crypto.ts';
import { readSeeds } from '../fuzz/fuzz.ts';
import { requires } from '../requires.ts';

const SUMMARY = { total: 1, accepted: 0, unsupported: 0, refused: 1 };

function document(name: FormatName, reports: readonly Report[], options: Partial<FormatOptions> = {}): string {
  const format = createFormat(name, { version: '0.0.0', ...options });
  const out = new ByteWriter();
  for (const report of reports)
    format.write(report, out, { crt: 'a folder/sensor #1.crt', key: 'C:\\keys\\sensor.key' });
  const body = new TextDecoder('utf-8', { fatal: true }).decode(out.take());
  return format.head + body.slice(format.separator.length) + format.tail(SUMMARY);
}

const HOSTILE = '"\\<&>]]>\'\u0000\u001b[31m\r\n\t\u0085\u202e\u2028\ud800x\ufffe\u{1f600}é';

/** With its fields in the order of the report's documentation. */
function finding(status: Finding['status'], more: Partial<Finding> = {}): Finding {
  const { location, found, required, ...rest } = more;
  return {
    rule: 'crt-subject-cn',
    status,
    ...(location !== undefined && { location }),
    ...(found !== undefined && { found }),
    ...(required !== undefined && { required }),
    message: HOSTILE,
    ...rest,
  };
}

const report = (findings: readonly Finding[], more: Partial<Omit<Report, 'lowered'>> = {}): Report => ({
  bundle: HOSTILE,
  profile: 'defender-iot',
  at: '2026-06-01T00:00:00Z',
  trust: 'none',
  verdict: 'refused',
  complete: true,
  notChecked: [],
  findings,
  ...more,
});

const EVERY_KIND: readonly Report[] = [
  report([]),
  report([
    finding('refused', {
      location: { file: 'crt', block: 3, path: 'tbsCertificate.subject', offset: 12, length: 4096 },
      found: HOSTILE,
      required: HOSTILE,
      fix: HOSTILE,
      applianceSays: 'Certificate validation failed',
      clientsSay: HOSTILE,
      source: { document: HOSTILE, section: '4' },
    }),
    finding('checker-failed', { location: { file: 'key' } }),
    finding('unsupported', { location: { file: 'chain', offset: 0 } }),
    finding('warning', { location: { file: 'http://crl.example/a b.crl' } }),
    finding('not-checked', { location: { file: 'passphrase' } }),
    finding('pass'),
    finding('not-applicable'),
  ]),
  report([finding('not-checked')], { complete: false, notChecked: ['crt-subject-cn'] }),
];

/** Real reports of real files. */
async function reportsOfCases(): Promise<Report[]> {
  const names = readSeeds().map(({ name }) => name);
  return Promise.all(
    names.map((name) => judgeCase(parseCase(readFileSync(`cases/${name}`, 'utf8'), name), nodeCrypto, name)),
  );
}

describe('JSON', () => {
  test('is what JSON.stringify writes, made harmless', async () => {
    for (const one of [...EVERY_KIND, ...(await reportsOfCases())]) {
      expect(document('jsonl', [one])).toBe(`${safeJson(one)}\n`);
    }
  });
  test('is the same the second time, when recurring texts are known', () => {
    expect(document('jsonl', [...EVERY_KIND, ...EVERY_KIND])).toBe(document('jsonl', EVERY_KIND).repeat(2));
  });
  test('as one document parses and ends with the summary', () => {
    expect(JSON.parse(document('json', EVERY_KIND))).toEqual({
      reports: JSON.parse(JSON.stringify(EVERY_KIND)),
      summary: SUMMARY,
    });
    expect(JSON.parse(document('json', []))).toEqual({ reports: [], summary: SUMMARY });
  });
});

describe('SARIF', () => {
  // The schema of OASIS for SARIF 2.1.0, as the SARIF SDK of Microsoft carries it (@microsoft/jest-sarif 1.0.0-beta.0).
  const {
    $schema: _,
    id: __,
    ...schema
  } = JSON.parse(readFileSync(new URL('sarif-2.1.0.schema.json', import.meta.url), 'utf8')) as Record<string, unknown>;
  const isUri = (text: string): boolean => /^(?:[a-z][a-z0-9+.-]*:)?[\w\-.~%!$&'()*+,;=:@/?#]*$/i.test(text);
  const ajv = new Ajv({
    strict: false,
    validateSchema: false,
    // One of its patterns is none where Unicode is on.
    unicodeRegExp: false,
    formats: { uri: isUri, 'uri-reference': isUri, 'date-time': true },
  });
  const validate = ajv.compile(schema);
  const check = (text: string) => {
    const log = JSON.parse(text) as {
      runs: { results: Record<string, unknown>[]; tool: { driver: { rules: unknown[] } } }[];
    };
    expect(validate(log), JSON.stringify(validate.errors, null, 1)).toBe(true);
    return log.runs[0]!;
  };

  test('keeps to its schema, whatever the reports say', async () => {
    check(document('sarif', []));
    check(document('sarif', EVERY_KIND));
    check(document('sarif', await reportsOfCases()));
  });
  test('the schema would notice', () => {
    const broken = document('sarif', EVERY_KIND).replace('"level":"error"', '"level":"dreadful"');
    expect(validate(JSON.parse(broken))).toBe(false);
  });
  test('gives refused as error, unsupported as warning, warning as note, and others as no failure', () => {
    const levels = check(document('sarif', EVERY_KIND)).results.map(
      ({ kind, level }) => `${String(kind)} ${String(level)}`,
    );
    expect(levels).toEqual([
      'fail error',
      'fail error',
      'fail warning',
      'fail note',
      'open none',
      'pass none',
      'notApplicable none',
      'open none',
    ]);
  });
  test('points to the real files, as URIs', () => {
    const places = check(document('sarif', EVERY_KIND)).results.map((result) => JSON.stringify(result['locations']));
    expect(places[0]).toContain('"uri":"a%20folder/sensor%20%231.crt"');
    expect(places[1]).toContain('"uri":"file:///C:/keys/sensor.key"');
    expect(places[3]).toContain('"uri":"http://crl.example/a%20b.crl"');
  });
});

describe('JUnit', () => {
  const suites = (xml: string) =>
    [...xml.matchAll(/<testsuite [^>]*>/g)].map(([tag]) => tag.replace(/ name="[^"]*"/, ''));

  test('counts failures, errors and what was skipped', () => {
    expect(suites(document('junit', EVERY_KIND))).toEqual([
      '<testsuite tests="1" failures="0" errors="0" skipped="0" timestamp="2026-06-01T00:00:00Z">',
      '<testsuite tests="7" failures="2" errors="1" skipped="2" timestamp="2026-06-01T00:00:00Z">',
      '<testsuite tests="1" failures="0" errors="0" skipped="1" timestamp="2026-06-01T00:00:00Z">',
    ]);
  });
  test('unsupported is no failure where it is allowed', () => {
    expect(suites(document('junit', EVERY_KIND, { allowUnsupported: true }))[1]).toContain('failures="1"');
  });
  test.skipIf(!requires('xmllint'))('is XML that a parser takes, whatever the reports say', async () => {
    for (const reports of [[], EVERY_KIND, await reportsOfCases()]) {
      const xml = document('junit', reports);
      const { status, stderr, stdout } = spawnSync(
        'xmllint',
        ['--nonet', '--xpath', 'count(/testsuites/testsuite/testcase)', '-'],
        { input: xml, encoding: 'utf8' },
      );
      expect(stderr).toBe('');
      expect(status).toBe(0);
      expect(Number(stdout)).toBe(reports.reduce((sum, { findings }) => sum + Math.max(1, findings.length), 0));
    }
  });
  test('control characters are written out', () => {
    const xml = document('junit', EVERY_KIND);
    expect(xml).toContain('\\u{0}\\u{1b}[31m');
    expect(xml).toContain('&lt;&amp;&gt;');
  });
});
