import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Reader } from '../../src/core/der/element.ts';
import { validatePath } from '../../src/index.ts';
import {
  caExtensions,
  certificate,
  crl,
  ext,
  extension,
  integer,
  type Key,
  makeKey,
  name,
  NOON,
  rootCertificate,
  DAY,
  oid,
  sequence,
  serverExtensions,
  time,
  tlv,
} from './forge.ts';

const AT = new Date(NOON * 1000);
const rootKey = makeKey();
const root = rootCertificate('CN=Root', rootKey);
const rootCrl = crl({ issuer: 'CN=Root', signer: rootKey });

describe('a CA that renews its key', () => {
  const [oldKey, newKey, leafKey] = [makeKey(), makeKey(), makeKey()];
  const ca = certificate({
    subject: 'CN=CA',
    issuer: 'CN=Root',
    key: oldKey,
    signer: rootKey,
    serial: 2,
    extensions: caExtensions(oldKey, rootKey),
  });
  const newWithOld = certificate({
    subject: 'CN=CA',
    issuer: 'CN=CA',
    key: newKey,
    signer: oldKey,
    serial: 3,
    extensions: caExtensions(newKey, oldKey),
  });
  const leafBy = (signer: Key): Buffer =>
    certificate({
      subject: 'CN=leaf',
      issuer: 'CN=CA',
      key: leafKey,
      signer,
      serial: 4,
      extensions: serverExtensions(leafKey, signer),
    });
  const ask = (leaf: Buffer, crls: Buffer[]) =>
    validatePath({ leaf, intermediates: [newWithOld, ca], trustAnchors: [root], crls: [rootCrl, ...crls], at: AT });

  test.each([
    ['old', 'old', oldKey, oldKey],
    ['new', 'new', newKey, newKey],
    ['old', 'new', oldKey, newKey],
    ['new', 'old', newKey, oldKey],
  ])('certificates by the %s key, CRL by the %s', (_leaf, _crl, signer, crlSigner) => {
    expect(ask(leafBy(signer), [crl({ issuer: 'CN=CA', signer: crlSigner, revoked: [9] })])).toMatchObject({
      valid: true,
      findings: [],
    });
    const revoked = ask(leafBy(signer), [crl({ issuer: 'CN=CA', signer: crlSigner, revoked: [4] })]);
    expect(revoked.findings[0]!.message).toContain('"leaf" is revoked');
  });

  test('that revokes the new key is heard', () => {
    const crls = [
      crl({ issuer: 'CN=CA', signer: newKey }),
      crl({ issuer: 'CN=CA', signer: oldKey, revoked: [3], number: 2 }),
    ];
    expect(ask(leafBy(newKey), crls).findings[0]!.message).toContain('"CA" is revoked');
  });

  test('a new key that is revoked does not take itself off the list', () => {
    const revokes = crl({ issuer: 'CN=CA', signer: oldKey, revoked: [3], number: 2 });
    const laterByItself = crl({ issuer: 'CN=CA', signer: newKey, number: 3, thisUpdate: NOON });
    for (const crls of [
      [revokes, laterByItself],
      [laterByItself, revokes],
    ]) {
      expect(ask(leafBy(newKey), crls).findings[0]!.message).toContain('"CA" is revoked');
    }
  });
});

describe('CRLs that are not made as RFC 5280 §5 demands', () => {
  const [caKey, leafKey] = [makeKey(), makeKey()];
  const ca = certificate({
    subject: 'CN=CA',
    issuer: 'CN=Root',
    key: caKey,
    signer: rootKey,
    serial: 2,
    extensions: caExtensions(caKey, rootKey),
  });
  const leaf = certificate({
    subject: 'CN=leaf',
    issuer: 'CN=CA',
    key: leafKey,
    signer: caKey,
    serial: 4,
    extensions: serverExtensions(leafKey, caKey),
  });

  function odd(extensions: Buffer[], revoked: number[] = []): Buffer {
    const algorithm = sequence(oid('1.2.840.10045.4.3.2'));
    const entries = revoked.map((serial) => sequence(integer(serial), time(NOON - DAY)));
    const list = entries.length === 0 ? [] : [sequence(...entries)];
    const tbs = sequence(
      integer(1),
      algorithm,
      name('CN=CA'),
      time(NOON - DAY),
      time(NOON + DAY),
      ...list,
      tlv(0xa0, sequence(...extensions)),
    );
    return sequence(tbs, algorithm, tlv(0x03, [0], sign('sha256', tbs, caKey.privateKey)));
  }
  const aki = ext.authorityKeyIdentifier(caKey.id);
  const number = (critical: boolean): Buffer => extension('2.5.29.20', critical, integer(1));
  const ask = (list: Buffer, profile: 'rfc5280' | 'appliance') =>
    validatePath({ leaf, intermediates: [ca], trustAnchors: [root], crls: [rootCrl, list], at: AT, profile });

  test.each([
    ['without cRLNumber', [aki], /has no cRLNumber/],
    ['with a critical cRLNumber', [aki, number(true)], /marks cRLNumber as critical/],
    ['without authorityKeyIdentifier', [number(false)], /has no authorityKeyIdentifier/],
  ])('%s', (_what, extensions, message) => {
    expect(ask(odd(extensions), 'rfc5280').findings[0]!.found).toMatch(message);
    expect(ask(odd(extensions), 'appliance').valid).toBe(true);
    expect(ask(odd(extensions, [4]), 'rfc5280').findings[0]!.message).toContain('is revoked');
  });
});

test('a DSA key without parameters inherits those of its issuer, for certificates and CRLs (RFC 5280 §6.1.4 (e))', () => {
  const dsa = (): Key => {
    const { privateKey, publicKey } = generateKeyPairSync('dsa', {
      modulusLength: 2048,
      divisorLength: 256,
    });
    return {
      privateKey,
      spki: publicKey.export({ format: 'der', type: 'spki' }),
      id: publicKey.export({ format: 'der', type: 'spki' }).subarray(-20),
    };
  };
  const upper = dsa();
  // The lower CA has a key of the same parameters: the very same key serves, without them.
  const lower: Key = { ...upper, spki: withoutParameters(upper.spki), id: Buffer.alloc(20, 1) };
  const leafKey = makeKey();
  const dsaSigned = (tbs: Buffer, key: Key): Buffer =>
    sequence(
      tbs,
      sequence(oid(DSA_SHA256)),
      tlv(0x03, [0], sign('sha256', tbs, { key: key.privateKey, dsaEncoding: 'der' })),
    );
  const tbsOf = (subject: string, issuer: string, key: Key, serial: number, extensions: Buffer[]): Buffer =>
    sequence(
      tlv(0xa0, integer(2)),
      integer(serial),
      sequence(oid(DSA_SHA256)),
      name(issuer),
      sequence(time(NOON - DAY), time(NOON + DAY)),
      name(subject),
      key.spki,
      tlv(0xa3, sequence(...extensions)),
    );
  const crlBy = (issuer: string, key: Key): Buffer =>
    dsaSigned(
      sequence(
        integer(1),
        sequence(oid(DSA_SHA256)),
        name(issuer),
        time(NOON - DAY),
        time(NOON + DAY),
        tlv(0xa0, sequence(ext.authorityKeyIdentifier(key.id), extension('2.5.29.20', false, integer(1)))),
      ),
      key,
    );
  const ca = certificate({
    subject: 'CN=DSA CA',
    issuer: 'CN=Root',
    key: upper,
    signer: rootKey,
    serial: 2,
    extensions: caExtensions(upper, rootKey),
  });
  const sub = dsaSigned(tbsOf('CN=Inherited', 'CN=DSA CA', lower, 3, caExtensions(lower, upper)), upper);
  const leaf = dsaSigned(tbsOf('CN=leaf', 'CN=Inherited', leafKey, 4, serverExtensions(leafKey, lower)), lower);
  const asked = {
    leaf,
    intermediates: [sub, ca],
    trustAnchors: [root],
    at: AT,
    crls: [rootCrl, crlBy('CN=DSA CA', upper), crlBy('CN=Inherited', lower)],
  };
  expect(validatePath(asked)).toMatchObject({ valid: true, findings: [] });
  const damaged = Buffer.from(leaf);
  damaged[damaged.length - 5]! ^= 1;
  expect(validatePath({ ...asked, leaf: damaged }).findings[0]!.message).toContain(
    'does not fit the key of "Inherited"',
  );
  expect(validatePath({ ...asked, profile: 'appliance' }).findings[0]!.found).toContain('DSA');
});

const DSA_SHA256 = '2.16.840.1.101.3.4.3.2';

function withoutParameters(spki: Buffer): Buffer {
  const outer = new Reader(spki).read('spki').reader();
  outer.read('algorithm');
  return sequence(sequence(oid('1.2.840.10040.4.1')), Buffer.from(outer.read('key').der()));
}
