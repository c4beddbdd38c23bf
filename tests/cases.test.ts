import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { type Case, expectationOf, parseCase } from '../cases/case.ts';
import { judgeCase } from '../cases/judge.ts';
import type { Report } from '../src/core/base/finding.ts';
import { portableCrypto } from '../src/core/crypto/portable-crypto.ts';
import { RULES } from '../src/core/requirements/rules/index.ts';
import { nodeCrypto } from '../src/platform/crypto/node-crypto.ts';

const folder = join(import.meta.dirname, '../cases');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.case'))
  .toSorted();
const cases = new Map<string, Case>(
  files.map((name) => [name, parseCase(readFileSync(join(folder, name), 'utf8'), name)]),
);
const reports = new Map<string, Report>();

test('there are cases', () => {
  expect(files.length).toBeGreaterThanOrEqual(60);
});

describe('every case is judged as it says', () => {
  for (const [name, golden] of cases) {
    test(name, async () => {
      const report = await judgeCase(golden, nodeCrypto, name);
      reports.set(name, report);
      expect(expectationOf(report)).toEqual(golden.expect);
    });
  }
});

describe('the portable crypto adapter comes to the same report', () => {
  for (const [name, golden] of cases) {
    test(name, async () => {
      expect(await judgeCase(golden, portableCrypto, name)).toEqual(reports.get(name));
    });
  }
});

test('every problem says where, what, what is required, how to mend it and who says so', () => {
  for (const [name, { findings }] of reports) {
    for (const finding of findings.filter(({ status }) => status === 'refused')) {
      const { location, found, required, fix, source } = finding;
      expect({ location, found, required, fix, source }, `${name}: ${finding.rule}`).toEqual({
        location: expect.objectContaining({ file: expect.any(String) }),
        found: expect.any(String),
        required: expect.any(String),
        fix: expect.any(String),
        source: { document: expect.any(String), section: expect.any(String) },
      });
    }
  }
});

test('every report keeps to the published schema', () => {
  const schema = JSON.parse(readFileSync(join(folder, '../docs/schema/report.schema.json'), 'utf8')) as object;
  const validate = new Ajv2020({
    allErrors: true,
    formats: { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/ },
  }).compile(schema);
  const all = [...reports.values()];
  const count = (verdict: string) => all.filter((report) => report.verdict === verdict).length;
  const summary = {
    total: all.length,
    accepted: count('accepted'),
    unsupported: count('unsupported'),
    refused: count('refused'),
  };
  expect(validate({ reports: all, summary }), JSON.stringify(validate.errors?.slice(0, 3))).toBe(true);
});

test('no rule gives what it does not say it gives, and none fails', () => {
  // A profile may give what the rule itself does not.
  for (const [name, { findings, profile }] of reports) {
    if (profile !== 'defender-iot') continue;
    for (const { rule: id, status } of findings) {
      const { gives } = RULES.find((rule) => rule.id === id)!;
      expect([...gives, 'not-checked'], `${name}: ${id}`).toContain(status);
    }
  }
});

/** They need more than a case can hold, or wait for what they need. */
const WITHOUT_CASES: readonly string[] = [
  'fleet-unique-cn',
  'fleet-unique-certificate',
  'fleet-unique-key',
  'trust-path',
  'revocation-status',
  'crl-reachable',
  'crl-current',
];

describe('every rule has a case that passes and one that does not', () => {
  for (const { id } of RULES.filter((rule) => !WITHOUT_CASES.includes(rule.id))) {
    test(id, () => {
      const statuses = new Set(
        [...reports.values()].flatMap(({ findings }) =>
          findings.filter(({ rule }) => rule === id).map(({ status }) => status),
        ),
      );
      expect(statuses).toContain('pass');
      expect(['refused', 'unsupported', 'warning'].some((status) => statuses.has(status as 'refused'))).toBe(true);
    });
  }
});
