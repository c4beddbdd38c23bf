import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { integer, nil, oid, sequence, tlv } from '../../../tests/x509/encoder.ts';
import { Reader } from '../der/element.ts';
import { DerError } from '../der/errors.ts';
import { readPublicKey } from './public-key.ts';
import { readSpki, type SubjectPublicKeyInfo } from './spki.ts';

const info = (der: Uint8Array): SubjectPublicKeyInfo => readSpki(new Reader(new Uint8Array(der)), 'spki');
const bits = (...content: (Uint8Array | number[])[]): Uint8Array => tlv(3, [0], ...content);
const spki = (algorithm: string, parameters: Uint8Array | undefined, key: Uint8Array): Uint8Array =>
  sequence(sequence(oid(algorithm), ...(parameters ? [parameters] : [])), key);

const RSA = '1.2.840.113549.1.1.1';
const EC = '1.2.840.10045.2.1';
const P256 = oid('1.2.840.10045.3.1.7');
const DSA = '1.2.840.10040.4.1';
const ED25519 = '1.3.101.112';

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

describe('keys that node:crypto made', () => {
  test('RSA', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const key = readPublicKey(info(publicKey.export({ format: 'der', type: 'spki' })));
    if (key.kind !== 'RSA') throw new Error(key.kind);
    const jwk = publicKey.export({ format: 'jwk' });
    expect([base64url(key.modulus), base64url(key.publicExponent)]).toEqual([jwk.n, jwk.e]);
  });

  test.each([
    ['prime256v1', 'P-256'],
    ['secp384r1', 'P-384'],
    ['secp521r1', 'P-521'],
    ['secp256k1', 'secp256k1'],
  ])('EC %s', (namedCurve, name) => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve });
    const key = readPublicKey(info(publicKey.export({ format: 'der', type: 'spki' })));
    if (key.kind !== 'EC') throw new Error(key.kind);
    const { x, y } = publicKey.export({ format: 'jwk' });
    const point = Buffer.concat([Buffer.from([4]), Buffer.from(x!, 'base64url'), Buffer.from(y!, 'base64url')]);
    expect([key.curve, Buffer.from(key.point)]).toEqual([name, point]);
  });

  test('Ed25519 and Ed448', () => {
    for (const kind of ['ed25519', 'ed448'] as const) {
      const { publicKey } = kind === 'ed25519' ? generateKeyPairSync(kind) : generateKeyPairSync('ed448');
      const key = readPublicKey(info(publicKey.export({ format: 'der', type: 'spki' })));
      if (key.kind !== 'Ed25519' && key.kind !== 'Ed448') throw new Error(key.kind);
      expect(base64url(key.key)).toBe(publicKey.export({ format: 'jwk' }).x);
    }
  });

  test('X25519 cannot sign', () => {
    const { publicKey } = generateKeyPairSync('x25519');
    const key = readPublicKey(info(publicKey.export({ format: 'der', type: 'spki' })));
    expect(key).toEqual({ kind: 'unknown', reason: 'is a X25519 key: it agrees on secrets and cannot sign' });
  });
});

describe('a DSA key without parameters', () => {
  const { publicKey } = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 });
  const whole = info(publicKey.export({ format: 'der', type: 'spki' }));
  const bare = info(spki(DSA, undefined, whole.subjectPublicKey.der()));

  test('takes those of its issuer, in a SubjectPublicKeyInfo that others read', () => {
    const key = readPublicKey(bare, whole.algorithm);
    if (key.kind !== 'DSA') throw new Error(key.kind);
    const again = createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' });
    expect(again.equals(publicKey)).toBe(true);
  });

  test('is unknown without them', () => {
    expect(readPublicKey(bare).kind).toBe('unknown');
    expect(readPublicKey(bare, info(spki(RSA, nil(), bits(sequence(integer(15), integer(3))))).algorithm).kind).toBe(
      'unknown',
    );
  });
});

const point = (form: number, length: number): Uint8Array => bits([form], new Uint8Array(length).fill(1));
const rsaKey = bits(sequence(integer(1n << 1023n), integer(65_537)));

test.each([
  ['RSA with NULL', spki(RSA, nil(), rsaKey), 'RSA'],
  ['RSA without parameters', spki(RSA, undefined, rsaKey), 'RSA'],
  ['RSA with other parameters', spki(RSA, integer(1), rsaKey), 'unknown'],
  ['a compressed point', spki(EC, P256, point(2, 32)), 'EC'],
  ['a spelled-out curve', spki(EC, sequence(integer(1)), point(4, 64)), 'unknown'],
  ['no curve', spki(EC, undefined, point(4, 64)), 'unknown'],
  ['a curve without name here', spki(EC, oid('1.2.3'), point(4, 6)), 'EC'],
  ['Ed25519 with NULL', spki(ED25519, nil(), bits(new Uint8Array(32))), 'unknown'],
  ['an unknown algorithm', spki('1.2.3', undefined, bits([1])), 'unknown'],
])('%s is %s', (_, der, kind) => {
  expect(readPublicKey(info(der)).kind).toBe(kind);
});

test.each([
  ['a point of a wrong length', spki(EC, P256, point(4, 63))],
  ['a hybrid point', spki(EC, P256, point(6, 64))],
  ['the point at infinity', spki(EC, P256, bits([0]))],
  ['an empty point', spki(EC, P256, bits([]))],
  ['Ed25519 of 31 bytes', spki(ED25519, undefined, bits(new Uint8Array(31)))],
  ['a negative modulus', spki(RSA, nil(), bits(sequence(integer(-5), integer(3))))],
  ['RSA bits that are no SEQUENCE', spki(RSA, nil(), bits([1, 2, 3]))],
  ['bytes after the RSA key', spki(RSA, nil(), bits(sequence(integer(5), integer(3)), [0]))],
])('%s is refused', (_, der) => {
  expect(() => readPublicKey(info(der))).toThrow(DerError);
});
