import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ExceptionFile } from '../../src/cli/conformance.ts';
import { readLimbo } from '../../src/cli/conformance/limbo.ts';
import { readPkits } from '../../src/cli/conformance/pkits.ts';
import { balancedAccuracy, isUnexplained, runSuite, type SuiteCase } from '../../src/cli/conformance/suite.ts';

// The suites are not part of the project: a folder with limbo-public.json.gz and pkits-public.json.gz beside it, or the
// folder that CERTGATE_VECTORS names.
const folder = process.env['CERTGATE_VECTORS'] ?? fileURLToPath(new URL('../../../shared/vectors', import.meta.url));
const NOW = new Date();

const path = (name: string): string => `${folder}/${name}-public.json.gz`;
const read = (name: string): unknown => JSON.parse(gunzipSync(readFileSync(path(name))).toString());
const exceptions = (name: string): ExceptionFile =>
  JSON.parse(readFileSync(new URL(`${name}-exceptions.json`, import.meta.url), 'utf8')) as ExceptionFile;

const present = existsSync(path('limbo')) && existsSync(path('pkits'));
if (!present) console.warn(`conformance: no suites in ${folder}; set CERTGATE_VECTORS to the folder that holds them`);

describe.skipIf(!present)('the external suites', () => {
  test.each(['rfc5280', 'webpki'] as const)('x509-limbo and BetterTLS, profile %s', (profile) => {
    const cases = readLimbo(read('limbo'), NOW);
    const { exceptions: known, cases: count } = exceptions('limbo');
    expect(cases.length).toBe(count);
    const run = runSuite(cases, profile, known);
    expect(run.divergences.filter(isUnexplained)).toEqual([]);
    expect(run.unexpectedSuccesses).toEqual([]);
    expect(run.absent).toEqual([]);
    const betterTls = run.scores.find(({ group }) => group === 'BetterTLS')!;
    expect(balancedAccuracy(betterTls)).toBe(1);
  });

  test('NIST PKITS, profile rfc5280, policies included', () => {
    const cases = readPkits(read('pkits'));
    const { exceptions: known, cases: count } = exceptions('pkits');
    expect(cases.length).toBe(count);
    const run = runSuite(cases, 'rfc5280', known);
    expect(run.divergences).toEqual([]);
    expect(run.absent).toEqual([]);
  });
});

describe('exceptions', () => {
  const garbage: SuiteCase = {
    id: 'garbage',
    group: 'own',
    expected: 'accept',
    conflictsWith: [],
    input: { leaf: new Uint8Array(3), intermediates: [], trustAnchors: [], at: NOW },
  };
  const exception = { id: 'garbage', profile: 'rfc5280', expected: 'accept', actual: 'reject', reason: 'r' } as const;

  test('explain a divergence, and only the one that they describe', () => {
    expect(runSuite([garbage], 'rfc5280', []).divergences.filter(isUnexplained)).toHaveLength(1);
    expect(runSuite([garbage], 'rfc5280', [exception]).divergences.filter(isUnexplained)).toEqual([]);
    expect(runSuite([garbage], 'webpki', [exception]).divergences.filter(isUnexplained)).toHaveLength(1);
    const other = { ...exception, actual: 'accept' } as const;
    expect(runSuite([garbage], 'rfc5280', [other]).divergences.filter(isUnexplained)).toHaveLength(1);
  });

  test('that are not needed are noticed', () => {
    const rejected = { ...garbage, expected: 'reject' } as const;
    expect(runSuite([rejected], 'rfc5280', [exception]).unexpectedSuccesses).toEqual([exception]);
    expect(runSuite([], 'rfc5280', [exception]).absent).toEqual([exception]);
  });
});
