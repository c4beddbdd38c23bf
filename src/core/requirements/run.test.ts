import { describe, expect, test } from 'vitest';
import { nodeCrypto } from '../../platform/crypto/node-crypto.ts';
import { DerError } from '../der/errors.ts';
import { defineRule, pass, refused, rfc, warning } from './define.ts';
import { type Profile, resolveProfile } from './profile.ts';
import type { EncodingSubject, Outcomes, Rule } from './rule.ts';
import { run, type Wanted } from './run.ts';

const rule = (id: string, check: (subject: EncodingSubject) => Outcomes): Rule =>
  defineRule({
    id,
    origin: 'rfc5280',
    title: id,
    source: rfc(5280, '4'),
    quote: 'quote',
    required: 'what is required',
    explanation: 'explanation',
    fix: 'the fix',
    applianceSays: 6,
    needs: 'encoding',
    gives: ['pass', 'refused'],
    check,
  });

const judge = (rules: readonly Rule[], wanted: Wanted = 'all', choices: Profile['rules'] = {}) => {
  const profile = resolveProfile({ id: 'p', version: 1, title: 'p', rules: choices }, [], rules);
  const circumstances = { at: 0, crypto: nodeCrypto };
  return run(profile, { certificate: undefined, error: undefined, block: 2, bundle: undefined, circumstances }, wanted);
};

describe('run', () => {
  test('fills in what the rule says about itself', () => {
    expect(judge([rule('a', () => refused({ found: 'x' }))])).toEqual([
      {
        rule: 'a',
        status: 'refused',
        location: { file: 'crt', block: 2 },
        found: 'x',
        required: 'what is required',
        message: 'a: found x; required: what is required.',
        fix: 'the fix',
        applianceSays: 'Certificate validation failed',
        source: { document: 'RFC 5280', section: '4' },
      },
    ]);
  });

  test('puts first what decides, and keeps the order of the registry inside', () => {
    const rules = [
      rule('passes', () => pass()),
      rule('warns', () => warning({})),
      rule('crashes', () => {
        throw new TypeError('oops');
      }),
      rule('refuses', () => [refused({ found: '1' }), warning({ found: '2' })]),
    ];
    expect(judge(rules).map(({ rule: id, status }) => `${status} ${id}`)).toEqual([
      'checker-failed crashes',
      'refused refuses',
      'warning warns',
      'warning refuses',
      'pass passes',
    ]);
  });

  test("says that a crash is Certgate's own, without a stack trace", () => {
    const [finding] = judge([
      rule('crashes', () => {
        throw new TypeError('oops');
      }),
    ]);
    expect(finding?.message).toContain('Certgate itself failed');
    expect(JSON.stringify(finding)).not.toContain('run.test');
  });

  test('a field that cannot be read makes the rule not checked', () => {
    const [finding] = judge([
      rule('reads', () => {
        throw new DerError('bad-string', 7, 'CN is not valid UTF-8');
      }),
    ]);
    expect(finding).toMatchObject({ status: 'not-checked', message: expect.stringContaining('CN is not valid UTF-8') });
  });

  test('a text that cannot be made costs the text, not the refusal', () => {
    const unreadable = (): string => {
      throw new DerError('bad-string', 7, 'O is not valid UTF-8');
    };
    const [finding] = judge([rule('a', () => refused({ found: unreadable, fix: unreadable }))]);
    expect(finding).toMatchObject({ status: 'refused', fix: 'the fix', message: 'a: required: what is required.' });
  });

  test('makes no words for what passes when only problems are wanted', () => {
    const never = (): string => {
      throw new Error('made');
    };
    expect(judge([rule('a', () => pass({ found: never, message: never }))], 'problems')).toEqual([]);
  });

  test("a profile's severity replaces the status of problems and of nothing else", () => {
    const rules = [rule('a', () => [refused({}), warning({}), pass()])];
    expect(judge(rules, 'all', { a: { severity: 'unsupported' } }).map(({ status }) => status)).toEqual([
      'unsupported',
      'unsupported',
      'pass',
    ]);
    expect(judge(rules, 'all', { a: { severity: 'off' } })).toEqual([]);
  });
});
