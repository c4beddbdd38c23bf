import { describe, expect, test } from 'vitest';
import {
  ask,
  AT,
  authority,
  certificateIssuer,
  crl,
  crlDer,
  distributionPoints,
  ecKey,
  extension,
  forged,
  leaf,
  reason,
  uri,
} from './lab.ts';
import { openCrl } from '../../src/core/revocation/open-crl.ts';

const ca = authority('CA');
const other = authority('Other CA');
const plain = leaf(ca, 5n);
const HOLD = 6;
const REMOVE = 8;
const KEY_COMPROMISE = 1;

const codes = (answer: { issues: readonly { code: string }[] }): string[] => answer.issues.map(({ code }) => code);

describe('one complete CRL', () => {
  test('does not list it: good, until nextUpdate', () => {
    const list = crl(ca, { revoked: [4n, 6n] });
    expect(ask(plain, ca, [list])).toMatchObject({
      status: 'good',
      crl: list,
      validUntil: AT + 7 * 86_400,
      issues: [],
    });
  });

  test('lists it: revoked, with reason and date', () => {
    const list = crl(ca, { revoked: [4n, { serial: 5n, extensions: [reason(KEY_COMPROMISE)] }] });
    expect(ask(plain, ca, [list])).toMatchObject({
      status: 'revoked',
      reason: 'keyCompromise',
      revokedAt: AT - 2 * 86_400,
    });
  });

  test('a reason that no standard defines is a revocation all the same', () => {
    expect(ask(plain, ca, [crl(ca, { revoked: [{ serial: 5n, extensions: [reason(42)] }] })]).status).toBe('revoked');
  });

  test('none of this issuer: undetermined', () => {
    expect(codes(ask(plain, ca, [crl(other)]))).toEqual(['crl-missing']);
  });

  test.each([
    ['out of date', { to: -0.5 }, 'crl-expired'],
    ['from the future, beyond the tolerance', { from: 6 / 1440 }, 'crl-not-yet-valid'],
    ['signed by somebody else', { signer: ecKey() }, 'crl-signer-unknown'],
    [
      'with an unknown critical extension',
      { extensions: [extension('1.2.3.4', true, Uint8Array.of(5, 0))] },
      'crl-unknown-critical',
    ],
    [
      'whose entry has one',
      { revoked: [{ serial: 9n, extensions: [extension('1.2.3', true, Uint8Array.of(5, 0))] }] },
      'crl-unknown-critical',
    ],
    ['for CAs only', { scope: { ca: true } }, 'crl-out-of-scope'],
    ['for attribute certificates only', { scope: { attribute: true } }, 'crl-out-of-scope'],
    ['for another distribution point', { scope: { names: [uri('http://crl/2')] } }, 'crl-out-of-scope'],
    ['for some reasons', { scope: { reasons: 0b10 } }, 'crl-reasons-incomplete'],
  ])('%s: undetermined', (_, options, code) => {
    const answer = ask(plain, ca, [crl(ca, options)]);
    expect(answer.status).toBe('undetermined');
    expect(codes(answer)).toContain(code);
  });

  test('five minutes ahead are tolerated, nextUpdate is inclusive, and may be missing', () => {
    expect(ask(plain, ca, [crl(ca, { from: 5 / 1440 })]).status).toBe('good');
    expect(ask(plain, ca, [crl(ca, { to: 0 })]).status).toBe('good');
    const answer = ask(plain, ca, [crl(ca, { to: null })]);
    expect([answer.status, ...codes(answer)]).toEqual(['good', 'crl-no-next-update']);
  });

  test('a damaged signature', () => {
    expect(codes(ask(plain, ca, [openCrl(forged(crlDer(ca)))]))).toEqual(['crl-bad-signature']);
  });

  test('an issuer that may not sign CRLs', () => {
    const mute = authority('Mute CA', undefined, { usage: ['keyCertSign'] });
    expect(codes(ask(leaf(mute, 5n), mute, [crl(mute)]))).toEqual(['crl-sign-missing']);
  });

  test('what a critical stranger lists is revoked; what it does not list is not good', () => {
    const strange = extension('1.2.3.4', true, Uint8Array.of(5, 0));
    expect(ask(plain, ca, [crl(ca, { revoked: [5n], extensions: [strange] })]).status).toBe('revoked');
    expect(ask(plain, ca, [crl(ca, { extensions: [strange] })]).status).toBe('undetermined');
  });

  test('a certificate revoked for good stays so when the CRL has run out; a hold does not', () => {
    expect(ask(plain, ca, [crl(ca, { revoked: [5n], to: -0.5 })]).status).toBe('revoked');
    const held = { serial: 5n, extensions: [reason(HOLD)] };
    expect(ask(plain, ca, [crl(ca, { revoked: [held], to: -0.5 })]).status).toBe('undetermined');
    expect(ask(plain, ca, [crl(ca, { revoked: [held] })])).toMatchObject({
      status: 'revoked',
      reason: 'certificateHold',
    });
  });
});

describe('several CRLs of one issuer', () => {
  const listed = { revoked: [5n] };

  test('the newer one counts', () => {
    expect(ask(plain, ca, [crl(ca, { number: 1n, ...listed, from: -2 }), crl(ca, { number: 2n })]).status).toBe('good');
    expect(ask(plain, ca, [crl(ca, { number: 1n, from: -2 }), crl(ca, { number: 2n, ...listed })]).status).toBe(
      'revoked',
    );
  });

  test('of two with the same number and date, the one that says revoked', () => {
    expect(ask(plain, ca, [crl(ca), crl(ca, listed)]).status).toBe('revoked');
  });

  test('a higher number with an earlier date makes nothing obsolete', () => {
    const older = crl(ca, { number: 9n, from: -3 });
    expect(ask(plain, ca, [older, crl(ca, { number: 2n, from: -1, ...listed })]).status).toBe('revoked');
    expect(ask(plain, ca, [crl(ca, { number: 9n, from: -3, ...listed }), crl(ca, { number: 2n })]).status).toBe(
      'revoked',
    );
  });

  test('a forged newer one hides nothing', () => {
    const lure = openCrl(forged(crlDer(ca, { number: 99n })));
    expect(ask(plain, ca, [lure, crl(ca, listed)]).status).toBe('revoked');
  });

  test('a newer one that ran out does not make a current one useless', () => {
    expect(
      ask(plain, ca, [crl(ca, { number: 2n, from: -1, to: -0.5 }), crl(ca, { number: 1n, from: -2 })]).status,
    ).toBe('good');
  });
});

describe('who signed', () => {
  test('another key of the same issuer, in a certificate of its own', () => {
    const rolled = authority('CA', ca, { cA: false, usage: ['cRLSign'] });
    const list = crl(rolled, { revoked: [5n] });
    expect(ask(plain, ca, [list], { signers: [rolled] }).status).toBe('revoked');
    expect(ask(plain, ca, [list])).toMatchObject({ status: 'undetermined', issues: [{ code: 'crl-signer-unknown' }] });
  });

  test('a certificate that only happens to bear the name does not sign for it', () => {
    const namesake = authority('CA', other, { cA: false, usage: null });
    expect(codes(ask(plain, ca, [crl(namesake)], { signers: [namesake] }))).toEqual(['crl-sign-missing']);
  });
});

describe('distribution points', () => {
  const first = { names: [uri('http://crl.lab/1.crl')] };
  const second = { names: [uri('http://crl.lab/2.crl')] };

  test('a CRL for the certificate’s point answers, host and scheme without regard to case', () => {
    const certificate = leaf(ca, 5n, [distributionPoints(first)]);
    expect(ask(certificate, ca, [crl(ca, { scope: { names: [uri('HTTP://CRL.lab/1.crl')] } })]).status).toBe('good');
    expect(ask(certificate, ca, [crl(ca, { scope: second })]).status).toBe('undetermined');
    expect(ask(certificate, ca, [crl(ca, { scope: { names: [uri('http://crl.lab/1.CRL')] } })]).status).toBe(
      'undetermined',
    );
  });

  test('of two points that both answer, the one that says revoked counts', () => {
    for (const points of [
      [first, second],
      [second, first],
    ]) {
      const certificate = leaf(ca, 5n, [distributionPoints(...points)]);
      const crls = [crl(ca, { scope: first }), crl(ca, { scope: second, revoked: [5n] })];
      expect(ask(certificate, ca, crls).status).toBe('revoked');
    }
  });

  test('user and CA certificates', () => {
    const sub = authority('Sub CA', ca);
    expect(ask(plain, ca, [crl(ca, { scope: { user: true } })]).status).toBe('good');
    expect(ask(sub.certificate, ca, [crl(ca, { scope: { user: true } })]).status).toBe('undetermined');
    expect(ask(sub.certificate, ca, [crl(ca, { scope: { ca: true } })]).status).toBe('good');
  });

  test('reasons in two parts: both are needed, either can revoke', () => {
    const some = 0b0_0110_0010;
    const rest = 0b1_1001_1100;
    const certificate = leaf(ca, 5n, [distributionPoints({ ...first, reasons: some }, { ...second, reasons: rest })]);
    const one = crl(ca, { scope: { ...first, reasons: some } });
    const two = crl(ca, { scope: { ...second, reasons: rest } });
    const revoking = crl(ca, { scope: { ...second, reasons: rest }, revoked: [5n] });
    expect(codes(ask(certificate, ca, [one]))).toEqual(['crl-reasons-incomplete']);
    expect(ask(certificate, ca, [one, two]).status).toBe('good');
    expect(ask(certificate, ca, [one, revoking]).status).toBe('revoked');
  });
});

describe('indirect CRLs', () => {
  const root = authority('Root');
  const house = authority('CRL house', root, { cA: false, usage: ['cRLSign'] });
  const certificate = leaf(ca, 5n, [distributionPoints({ crlIssuer: 'CRL house' })]);
  const of = (...revoked: { serial: bigint; extensions?: Uint8Array[] }[]): ReturnType<typeof crl> =>
    crl(house, { revoked, scope: { indirect: true } });

  test('the issuer named by an entry holds for those that follow', () => {
    const carried = of({ serial: 1n, extensions: [certificateIssuer('CA')] }, { serial: 5n });
    expect(ask(certificate, ca, [carried], { signers: [house] }).status).toBe('revoked');
    const changed = of(
      { serial: 1n, extensions: [certificateIssuer('CA')] },
      { serial: 5n, extensions: [certificateIssuer('Other CA')] },
    );
    expect(ask(certificate, ca, [changed], { signers: [house] }).status).toBe('good');
    // Before the first that names one, entries are the CRL issuer's own.
    const before = of({ serial: 5n }, { serial: 6n, extensions: [certificateIssuer('CA')] });
    expect(ask(certificate, ca, [before], { signers: [house] }).status).toBe('good');
  });

  test('must say that they are indirect', () => {
    expect(codes(ask(certificate, ca, [crl(house)], { signers: [house] }))).toEqual(['crl-out-of-scope']);
  });

  test('answer only for certificates that name their issuer', () => {
    expect(codes(ask(plain, ca, [of()], { signers: [house] }))).toEqual(['crl-missing']);
  });
});

describe('delta CRLs', () => {
  const base = crl(ca, { number: 3n, from: -3, revoked: [{ serial: 5n, extensions: [reason(HOLD)] }] });
  const clean = crl(ca, { number: 3n, from: -3 });
  const removal = { serial: 5n, extensions: [reason(REMOVE)] };

  test('add and take away', () => {
    expect(ask(plain, ca, [clean, crl(ca, { number: 4n, base: 2n, revoked: [5n] })]).status).toBe('revoked');
    expect(ask(plain, ca, [base, crl(ca, { number: 4n, base: 3n, revoked: [removal] })]).status).toBe('good');
  });

  test('the newest counts, and none that the complete CRL is newer than', () => {
    const listing = crl(ca, { number: 4n, base: 3n, from: -2, revoked: [5n] });
    expect(ask(plain, ca, [clean, listing, crl(ca, { number: 5n, base: 3n, revoked: [removal] })]).status).toBe('good');
    expect(ask(plain, ca, [crl(ca, { number: 4n, from: -1 }), listing]).status).toBe('good');
  });

  test('carry on a complete CRL that ran out', () => {
    const old = crl(ca, { number: 3n, from: -3, to: -1 });
    expect(ask(plain, ca, [old, crl(ca, { number: 4n, base: 3n })]).status).toBe('good');
    expect(codes(ask(plain, ca, [old, crl(ca, { number: 9n, base: 4n })]))).toEqual(['crl-expired']);
  });

  test('take nothing away when out of date, forged or starting later', () => {
    expect(ask(plain, ca, [base, crl(ca, { number: 4n, base: 3n, revoked: [removal], to: -0.5 })]).status).toBe(
      'revoked',
    );
    expect(ask(plain, ca, [base, crl(ca, { number: 9n, base: 8n, revoked: [removal] })]).status).toBe('revoked');
    expect(
      ask(plain, ca, [base, openCrl(forged(crlDer(ca, { number: 4n, base: 3n, revoked: [removal] })))]).status,
    ).toBe('revoked');
  });

  test('of another scope are not for this CRL', () => {
    const listing = crl(ca, { number: 4n, base: 3n, revoked: [5n], scope: { user: true } });
    expect(ask(plain, ca, [clean, listing]).status).toBe('good');
  });

  test('alone say nothing', () => {
    expect(codes(ask(plain, ca, [crl(ca, { number: 4n, base: 3n })]))).toEqual(['crl-delta-without-base']);
  });
});
