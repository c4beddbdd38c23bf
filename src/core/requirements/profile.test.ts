import { describe, expect, test } from 'vitest';
import { type Profile, readProfile, resolveProfile } from './profile.ts';
import { SHIPPED_PROFILES } from './profiles/shipped.data.ts';
import { RULES } from './rules/index.ts';

const resolve = (profile: Partial<Profile>) =>
  resolveProfile({ id: 'mine', version: 1, title: 'Mine', rules: {}, ...profile }, SHIPPED_PROFILES, RULES);
const entry = (profile: Partial<Profile>, id: string) => resolve(profile).rules.find(({ rule }) => rule.id === id);

describe('resolveProfile', () => {
  test('runs every rule in the order of the registry where the profile says nothing', () => {
    expect(resolve({}).rules.map(({ rule }) => rule)).toEqual(RULES);
    expect(resolve({}).lowered).toEqual([]);
  });

  test('inherits choices and overrides them one by one', () => {
    const profile = { extends: 'defender-iot-strict', rules: { 'crt-not-ca': { severity: 'warning' } } } as const;
    expect(entry(profile, 'crt-key-usage')?.severity).toBe('refused');
    expect(entry(profile, 'crt-not-ca')?.severity).toBe('warning');
  });

  test('keeps inherited settings when only the severity changes', () => {
    const profile = { extends: 'defender-iot', rules: { 'crt-expires-soon': { severity: 'refused' } } } as const;
    expect(entry(profile, 'crt-expires-soon')).toMatchObject({ severity: 'refused', settings: { days: 30 } });
  });

  test('leaves out what is off, and says which rules of the vendor are judged more leniently', () => {
    const { rules, lowered } = resolve({
      rules: {
        'crt-subject-org-unit': { severity: 'warning' },
        'crt-wildcard': { severity: 'off' },
        'crt-public-key': { severity: 'refused' },
        'crt-not-ca': { severity: 'off' },
      },
    });
    expect(rules.map(({ rule }) => rule.id)).not.toContain('crt-wildcard');
    expect(lowered).toEqual(['crt-subject-org-unit', 'crt-wildcard']);
  });

  test.each<[string, Partial<Profile>, RegExp]>([
    [
      'an unknown rule',
      { rules: { 'crt-subject-nc': {} } },
      /no rule "crt-subject-nc"\. Did you mean crt-subject-cn\?/,
    ],
    [
      'an unknown setting',
      { rules: { 'crt-expires-soon': { settings: { day: 3 } } } },
      /no setting "day"\. Did you mean days\?/,
    ],
    ['a setting of the wrong type', { rules: { 'crt-expires-soon': { settings: { days: '3' } } } }, /must be a number/],
    ['an unknown base', { extends: 'defender' }, /extends "defender", which does not exist/],
    ['itself as base', { id: 'defender-iot', extends: 'defender-iot' }, /extends itself/],
  ])('refuses %s', (_, profile, message) => expect(() => resolve(profile)).toThrow(message));

  test('refuses a circle of profiles', () => {
    const a: Profile = { id: 'a', version: 1, title: 'a', extends: 'b', rules: {} };
    const b: Profile = { id: 'b', version: 1, title: 'b', extends: 'a', rules: {} };
    expect(() => resolveProfile(a, [a, b], RULES)).toThrow(/extends itself/);
  });
});

describe('readProfile', () => {
  test('takes what a YAML reader makes of a profile', () => {
    const document = {
      id: 'mine',
      extends: 'defender-iot',
      rules: { 'crt-wildcard': { severity: false }, 'crt-not-ca': null },
    };
    expect(readProfile(document)).toEqual({
      id: 'mine',
      version: 1,
      title: 'mine',
      extends: 'defender-iot',
      rules: { 'crt-wildcard': { severity: 'off' }, 'crt-not-ca': {} },
    });
  });

  test.each<[string, unknown, RegExp]>([
    ['no mapping', ['x'], /must be a mapping/],
    ['no id', { rules: {} }, /needs an id/],
    ['a misspelt key', { id: 'x', rulse: {} }, /no key "rulse"\. Did you mean rules\?/],
    [
      'an unknown severity',
      { id: 'x', rules: { 'crt-wildcard': { severity: 'error' } } },
      /one of refused, unsupported, warning, off; found "error"/,
    ],
    [
      'a misspelt choice',
      { id: 'x', rules: { 'crt-wildcard': { sevrity: 'off' } } },
      /no key "sevrity"\. Did you mean severity\?/,
    ],
  ])('refuses %s', (_, document, message) => expect(() => readProfile(document)).toThrow(message));
});
