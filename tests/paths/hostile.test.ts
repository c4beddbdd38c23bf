import { describe, expect, test } from 'vitest';
import { BUDGET } from '../../src/core/path/budget.ts';
import { createValidator, validatePath } from '../../src/index.ts';
import {
  caExtensions,
  certificate,
  dnsName,
  ext,
  type Key,
  makeKey,
  NOON,
  rootCertificate,
  serverExtensions,
} from './forge.ts';

const AT = new Date(NOON * 1000);
const rootKey = makeKey();
const leafKey = makeKey();
const root = rootCertificate('CN=Root', rootKey);

/** A CA of some name, without key identifiers: they would tell a searcher where to go. */
const ca = (subject: string, issuer: string, key: Key, signer: Key, serial = 1): Buffer =>
  certificate({ subject, issuer, key, signer, serial, extensions: [ext.basicConstraints(true), ext.keyUsage(5, 6)] });

const leaf = (issuer: string, signer: Key): Buffer =>
  certificate({ subject: 'CN=leaf', issuer, key: leafKey, signer, extensions: serverExtensions(leafKey, signer) });

const ask = (leafDer: Buffer, intermediates: Buffer[], profile: 'rfc5280' | 'appliance' = 'appliance') =>
  validatePath({ leaf: leafDer, intermediates, trustAnchors: [root], at: AT, profile });

describe('hostile graphs end within the budget', () => {
  test('100 CAs of one name with 100 keys', () => {
    const keys = Array.from({ length: 100 }, makeKey);
    const cas = keys.map((key, i) => ca('CN=CA', 'CN=CA', key, keys[(i + 1) % 100]!, i + 1));
    const { valid, findings } = ask(leaf('CN=CA', keys[0]!), cas);
    expect(valid).toBe(false);
    expect(findings[0]!.message).toMatch(/given up|do(es)? not end|goes round/);
  });

  test('100 CAs of one name, all signed by one key', () => {
    const key = makeKey();
    const cas = Array.from({ length: 100 }, (_, i) => ca('CN=CA', 'CN=CA', key, key, i + 1));
    expect(ask(leaf('CN=CA', key), cas).valid).toBe(false);
  });

  test('every CA of 24 certified by every other: 24! ways, none to the root', () => {
    const keys = Array.from({ length: 24 }, makeKey);
    const cas = keys.flatMap((key, i) =>
      keys.flatMap((signer, j) => (i === j ? [] : [ca(`CN=CA ${i}`, `CN=CA ${j}`, key, signer, i * 100 + j + 1)])),
    );
    const { valid, findings } = ask(leaf('CN=CA 0', keys[0]!), cas);
    expect(valid).toBe(false);
    expect(findings[0]!.message).toMatch(/given up/);
  });

  test('40 CAs one below the other', () => {
    const keys = Array.from({ length: 40 }, makeKey);
    const cas = keys.map((key, i) =>
      ca(`CN=CA ${i}`, i === 39 ? 'CN=Root' : `CN=CA ${i + 1}`, key, keys[i + 1] ?? rootKey),
    );
    const { valid, findings } = ask(leaf('CN=CA 0', keys[0]!), cas);
    expect(valid).toBe(false);
    expect(findings[0]!.message).toContain(`after ${BUDGET.intermediates} intermediate certificates`);
  });

  test('the one right way among 60 wrong ones is found', () => {
    const keys = Array.from({ length: 60 }, makeKey);
    const wrong = keys.map((key, i) => ca('CN=CA', 'CN=Nobody', key, key, i + 1));
    const right = makeKey();
    expect(ask(leaf('CN=CA', right), [...wrong, ca('CN=CA', 'CN=Root', right, rootKey, 999)]).valid).toBe(true);
  });

  test('2048 names against 2048 constraints', () => {
    const key = makeKey();
    const subtrees = Array.from({ length: 2048 }, (_, i) => dnsName(`c${i}.example`));
    const names = Array.from({ length: 2048 }, (_, i) => dnsName(`n${i}.test`));
    const constrained = certificate({
      subject: 'CN=CA',
      issuer: 'CN=Root',
      key,
      signer: rootKey,
      extensions: [...caExtensions(key, rootKey), ext.nameConstraints([], subtrees)],
    });
    const many = certificate({
      subject: 'CN=leaf',
      issuer: 'CN=CA',
      key: leafKey,
      signer: key,
      extensions: serverExtensions(leafKey, key, ...names),
    });
    const { valid, findings } = ask(many, [constrained]);
    expect(valid).toBe(false);
    expect(findings[0]).toMatchObject({
      location: { file: 'intermediates', block: 0 },
      found: '4196352 comparisons of names with constraints',
    });
    expect(findings[0]!.message).toContain('given up');
  });

  test('policy mappings that would grow a tree exponentially', () => {
    // RFC 9618 §3.1: each CA asserts n policies and maps each of them to all n.
    const policies = Array.from({ length: 24 }, (_, i) => `1.3.6.1.4.1.55555.9.${i + 1}`);
    const pairs = policies.flatMap((from) => policies.map((to): [string, string] => [from, to]));
    const keys = Array.from({ length: 12 }, makeKey);
    const cas = keys.map((key, i) =>
      certificate({
        subject: `CN=CA ${i}`,
        issuer: i === 11 ? 'CN=Root' : `CN=CA ${i + 1}`,
        key,
        signer: keys[i + 1] ?? rootKey,
        extensions: [
          ...caExtensions(key, keys[i + 1] ?? rootKey),
          ext.policies(...policies),
          ext.policyMappings(...pairs),
        ],
      }),
    );
    const asked = {
      leaf: leaf('CN=CA 0', keys[0]!),
      intermediates: cas,
      trustAnchors: [root],
      at: AT,
      profile: 'appliance',
    } as const;
    expect(validatePath(asked).policies).toEqual([]);
    expect(validatePath({ ...asked, policy: { explicit: true } }).valid).toBe(false);
  });

  test('bytes that are no certificates', () => {
    const key = makeKey();
    const junk = [new Uint8Array(0), new Uint8Array([0x30]), new Uint8Array(65_536).fill(0x30), root.subarray(0, 100)];
    const good = ca('CN=CA', 'CN=Root', key, rootKey);
    const end = leaf('CN=CA', key);
    expect(
      validatePath({
        leaf: end,
        intermediates: [...junk, good],
        trustAnchors: [...junk, root],
        at: AT,
        profile: 'appliance',
      }).valid,
    ).toBe(true);
    for (const der of junk) {
      expect(validatePath({ leaf: der, intermediates: [good], trustAnchors: [root], at: AT }).valid).toBe(false);
    }
    for (let i = 0; i < end.length; i += 3) {
      const damaged = Buffer.from(end);
      damaged[i]! ^= 0x5a;
      expect(ask(damaged, [good]).valid, `octet ${i}`).toBe(false);
    }
  });
});

describe('a validator that remembers', () => {
  test('comes to the same verdicts as one that does not', () => {
    const key = makeKey();
    const other = makeKey();
    const intermediates = [ca('CN=CA', 'CN=Root', key, rootKey), ca('CN=CA', 'CN=Root', other, key, 2)];
    const validator = createValidator({ trustAnchors: [root], profile: 'appliance' });
    for (const [der, expected] of [
      [leaf('CN=CA', key), true],
      [leaf('CN=CA', other), false],
      [leaf('CN=CA', key), true],
    ] as const) {
      const asked = { leaf: der, intermediates, at: AT };
      expect(validator.validate(asked)).toEqual(validatePath({ ...asked, trustAnchors: [root], profile: 'appliance' }));
      expect(validator.validate(asked).valid).toBe(expected);
      expect(validator.validate({ ...asked, at: new Date((NOON + 10 * 86_400) * 1000) }).valid).toBe(false);
    }
  });

  test('is not fooled when the caller reuses its buffers', () => {
    const key = makeKey();
    const good = ca('CN=CA', 'CN=Root', key, rootKey);
    const forged = ca('CN=CA', 'CN=Root', key, leafKey);
    const buffer = Buffer.alloc(good.length);
    good.copy(buffer);
    const validator = createValidator({ trustAnchors: [root], profile: 'appliance' });
    const asked = { leaf: leaf('CN=CA', key), intermediates: [buffer], at: AT };
    expect(validator.validate(asked).valid).toBe(true);
    const { path } = validator.validate(asked);
    path![1]!.fill(0);
    expect(validator.validate(asked).valid).toBe(true);
    buffer.fill(0);
    forged.copy(buffer);
    expect(validator.validate({ ...asked, intermediates: [forged] }).valid).toBe(false);
    expect(validator.validate({ ...asked, intermediates: [good] }).valid).toBe(true);
    expect(validator.validate(asked).valid).toBe(false);
  });

  test('throws for options that make no sense, and for nothing else', () => {
    const asked = { leaf: leaf('CN=CA', leafKey), intermediates: [], trustAnchors: [root] };
    expect(() => validatePath({ ...asked, at: new Date(Number.NaN) })).toThrow(TypeError);
    expect(() => validatePath({ ...asked, at: '2026-06-01' as unknown as Date })).toThrow(/`at`/);
    expect(() => validatePath({ ...asked, at: AT, leaf: undefined as unknown as Uint8Array })).toThrow(/`leaf`/);
    expect(() => validatePath({ ...asked, at: AT, keyUsage: ['sign'] })).toThrow(/digitalSignature/);
    expect(() => validatePath({ ...asked, at: AT, profile: 'x' as 'webpki' })).toThrow(TypeError);
    expect(() => validatePath({ ...asked, at: AT, purpose: 'Server' as 'server' })).toThrow(/purpose is "Server"/);
    expect(() => validatePath({ ...asked, at: AT, revocation: 'none' as 'off' })).toThrow(TypeError);
    expect(() => validatePath({ ...asked, at: AT, peerNames: [{ kind: 'DNS' as 'dns', value: 'a' }] })).toThrow(
      TypeError,
    );
  });
});
