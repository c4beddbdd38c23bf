import { constants, createPublicKey, generateKeyPairSync, type KeyObject, privateEncrypt, sign } from 'node:crypto';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { describe, expect, test } from 'vitest';
import { type PublicKey, type SignatureScheme, UnsupportedAlgorithmError } from '../../src/core/base/ports.ts';
import { modPow, toOctets } from '../../src/core/crypto/big-integer.ts';
import { encodePkcs1 } from '../../src/core/crypto/emsa.ts';
import { unsignedBigInteger } from '../../src/core/der/values.ts';
import { nodeCrypto } from '../../src/platform/crypto/node-crypto.ts';
import { ADAPTERS, publicKey } from './adapters.ts';

const DATA = new TextEncoder().encode('tbsCertificate');
const SHA256: SignatureScheme = { kind: 'rsa-pkcs1', hash: 'sha256' };
const spkiOf = (key: KeyObject): Uint8Array => createPublicKey(key).export({ format: 'der', type: 'spki' });
const pkcs8Of = (key: KeyObject): Uint8Array => key.export({ format: 'der', type: 'pkcs8' });

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const rsaE3 = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).privateKey;
const oddRsa = generateKeyPairSync('rsa', { modulusLength: 1025 }).privateKey;
const pssOnly = generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey;
const dsa = generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).privateKey;
const dsa224 = generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 224 }).privateKey;
const ec = (namedCurve: string): KeyObject => generateKeyPairSync('ec', { namedCurve }).privateKey;

const PSS = (hash: 'sha1' | 'sha256' | 'sha512', saltLength: number, mgf1Hash = hash): SignatureScheme => ({
  kind: 'rsa-pss',
  hash,
  mgf1Hash,
  saltLength,
});

const VALID: readonly (readonly [string, KeyObject, SignatureScheme])[] = [
  ...(['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-256', 'sha3-256', 'sha3-512'] as const).map(
    (hash) => [`RSA PKCS#1 v1.5 ${hash}`, rsa, { kind: 'rsa-pkcs1', hash }] as const,
  ),
  ['RSA e = 3', rsaE3, SHA256],
  ['RSA of 1025 bits', oddRsa, SHA256],
  ['RSA PSS, salt as long as the hash', rsa, PSS('sha256', 32)],
  ['RSA PSS, no salt', rsa, PSS('sha256', 0)],
  ['RSA PSS SHA-1, salt 20', rsa, PSS('sha1', 20)],
  ['RSA PSS where the encoding is an octet shorter than the modulus', oddRsa, PSS('sha256', 32)],
  ['RSA PSS with a key for PSS only', pssOnly, PSS('sha512', 64)],
  ...(['P-256', 'P-384', 'P-521', 'secp256k1', 'brainpoolP256r1', 'brainpoolP384r1', 'brainpoolP512r1'] as const).map(
    (curve) => [`ECDSA ${curve}`, ec(curve), { kind: 'ecdsa', hash: 'sha256' }] as const,
  ),
  ['ECDSA P-256 with a longer hash', ec('P-256'), { kind: 'ecdsa', hash: 'sha512' }],
  ['ECDSA P-384 SHA-384', ec('P-384'), { kind: 'ecdsa', hash: 'sha384' }],
  ['ECDSA P-521 SHA-1', ec('P-521'), { kind: 'ecdsa', hash: 'sha1' }],
  ['Ed25519', generateKeyPairSync('ed25519').privateKey, { kind: 'eddsa' }],
  ['Ed448', generateKeyPairSync('ed448').privateKey, { kind: 'eddsa' }],
  ['DSA SHA-256', dsa, { kind: 'dsa', hash: 'sha256' }],
  ['DSA with a hash longer than q', dsa224, { kind: 'dsa', hash: 'sha512' }],
];

describe.each(ADAPTERS)('%s verifies', (name, crypto) => {
  test.each(VALID)('%s, and nothing but it', (_, key, scheme) => {
    const signature = nodeCrypto.sign(scheme, pkcs8Of(key), DATA);
    const spki = publicKey(spkiOf(key));
    const verify = (data: Uint8Array, octets: Uint8Array): boolean => crypto.verify(scheme, spki, data, octets);
    expect(verify(DATA, signature)).toBe(true);
    expect(verify(DATA.subarray(1), signature), 'other data').toBe(false);
    expect(verify(DATA, signature.subarray(0, -1)), 'truncated').toBe(false);
    expect(verify(DATA, Uint8Array.of(...signature, 0)), 'trailing octet').toBe(false);
    expect(verify(DATA, Uint8Array.of(0, ...signature)), 'leading octet').toBe(false);
    expect(verify(DATA, new Uint8Array(signature.length)), 'zeros').toBe(false);
    expect(verify(DATA, new Uint8Array(signature.length).fill(0xff)), 'ones').toBe(false);
    expect(verify(DATA, new Uint8Array(0)), 'nothing').toBe(false);
    for (const at of [0, signature.length >> 1, signature.length - 1]) {
      const flipped = Uint8Array.from(signature);
      flipped[at]! ^= 0x01;
      expect(verify(DATA, flipped), `bit flipped in octet ${at}`).toBe(false);
    }
    if ('hash' in scheme) {
      const other = { ...scheme, hash: scheme.hash === 'sha384' ? 'sha256' : 'sha384' } as SignatureScheme;
      expect(crypto.verify(other, spki, DATA, signature), 'other hash').toBe(false);
    }
  });

  test.each(VALID)('what it signs itself: %s', (label, key, scheme) => {
    if (name === 'portable' && scheme.kind === 'dsa') {
      expect(() => crypto.sign(scheme, pkcs8Of(key), DATA)).toThrow(UnsupportedAlgorithmError);
      return;
    }
    const signature = crypto.sign(scheme, pkcs8Of(key), DATA);
    expect(nodeCrypto.verify(scheme, publicKey(spkiOf(key)), DATA, signature), label).toBe(true);
    expect(crypto.publicKeyOf(pkcs8Of(key))).toEqual(new Uint8Array(spkiOf(key)));
  });
});

describe.each(ADAPTERS)('%s is not taken in by', (_, crypto) => {
  const key = publicKey(spkiOf(rsa));
  const rsaVerifies = (encoded: Uint8Array, scheme: SignatureScheme = SHA256, signer = rsa): boolean => {
    const signature = privateEncrypt({ key: signer, padding: constants.RSA_NO_PADDING }, encoded);
    return crypto.verify(scheme, publicKey(spkiOf(signer)), DATA, signature);
  };
  const digest = nodeCrypto.digest('sha256', DATA);
  const proper = encodePkcs1('sha256', digest, 256)!;
  const DIGEST_INFO = 51;
  /** PKCS#1 v1.5 around whatever DigestInfo. */
  const padded = (digestInfo: Uint8Array, rest = 0): Uint8Array => {
    const encoded = new Uint8Array(256).fill(0xff);
    encoded.set([0, 1]);
    encoded[256 - digestInfo.length - rest - 1] = 0;
    encoded.set(digestInfo, 256 - digestInfo.length - rest);
    return encoded;
  };
  const digestInfo = proper.subarray(256 - DIGEST_INFO);

  test('(the encoding of these tests is right)', () => {
    expect(rsaVerifies(proper)).toBe(true);
    expect(rsaVerifies(padded(digestInfo))).toBe(true);
  });

  test.each([
    ['block type 2', Uint8Array.from(proper, (octet, i) => (i === 1 ? 2 : octet))],
    ['a first octet that is not zero', Uint8Array.from(proper, (octet, i) => (i === 0 ? 1 : octet))],
    ['a wrong octet in the padding', Uint8Array.from(proper, (octet, i) => (i === 20 ? 0xfe : octet))],
    ['no separator', Uint8Array.from(proper, (octet, i) => (i === 256 - DIGEST_INFO - 1 ? 0xff : octet))],
    ['octets behind the hash', padded(digestInfo, 20)],
    [
      'a DigestInfo without NULL',
      padded(Uint8Array.of(0x30, 0x2f, 0x30, 0x0b, ...digestInfo.subarray(4, 15), 0x04, 0x20, ...digest)),
    ],
    [
      'a DigestInfo with a length in more octets than needed',
      padded(Uint8Array.of(0x30, 0x81, 0x31, ...digestInfo.subarray(2))),
    ],
    ['a DigestInfo in indefinite length', padded(Uint8Array.of(0x30, 0x80, ...digestInfo.subarray(2), 0, 0))],
    ['a bare hash', padded(digest)],
  ])('PKCS#1 v1.5 with %s', (_name, encoded) => {
    expect(rsaVerifies(encoded)).toBe(false);
  });

  test("Bleichenbacher's forgery against e = 3: the hash in front, a cube root of rubbish behind", () => {
    const front = Uint8Array.of(0, 1, ...new Uint8Array(8).fill(0xff), 0, ...digestInfo);
    const target = new Uint8Array(256).fill(0xff);
    target.set(front);
    const forged = cubeRoot(unsignedBigInteger(target));
    const recovered = toOctets(forged ** 3n, 256);
    expect(recovered.subarray(0, front.length)).toEqual(front);
    expect(crypto.verify(SHA256, publicKey(spkiOf(rsaE3)), DATA, toOctets(forged, 256))).toBe(false);
  });

  test('a signature that is s + n, in as many octets', () => {
    const jwk = rsa.export({ format: 'jwk' });
    const n = unsignedBigInteger(Buffer.from(jwk.n!, 'base64url'));
    let data = DATA;
    for (let i = 0; ; i++) {
      data = Uint8Array.of(...DATA, i);
      const s = unsignedBigInteger(sign('sha256', data, rsa)) + n;
      if (s >= 1n << 2048n) continue;
      expect(crypto.verify(SHA256, key, data, toOctets(s, 256))).toBe(false);
      return;
    }
  });

  test('PSS with a salt of another length than stated', () => {
    const signature = nodeCrypto.sign(PSS('sha256', 32), pkcs8Of(rsa), DATA);
    for (const saltLength of [0, 20, 31, 33, 222, 223, 100_000, -1, -2, 0.5]) {
      expect(crypto.verify(PSS('sha256', saltLength), key, DATA, signature), `${saltLength}`).toBe(false);
    }
  });

  test('PSS with a mask made by another hash than stated, and takes it where it is stated', () => {
    const mixed: SignatureScheme = { kind: 'rsa-pss', hash: 'sha256', mgf1Hash: 'sha1', saltLength: 32 };
    const restricted = generateKeyPairSync('rsa-pss', {
      modulusLength: 2048,
      hashAlgorithm: 'sha256',
      mgf1HashAlgorithm: 'sha1',
      saltLength: 32,
    } as never).privateKey as unknown as KeyObject;
    const spki = publicKey(spkiOf(restricted));
    const signature = sign('sha256', DATA, restricted);
    expect(crypto.verify(mixed, plain(spki), DATA, signature)).toBe(true);
    expect(crypto.verify(PSS('sha256', 32), plain(spki), DATA, signature)).toBe(false);
  });

  test('PSS whose trailer, padding or unused bits are wrong', () => {
    const scheme = PSS('sha256', 32);
    const signature = nodeCrypto.sign(scheme, pkcs8Of(rsa), DATA);
    const jwk = rsa.export({ format: 'jwk' });
    const [n, e] = [jwk.n!, jwk.e!].map((text) => unsignedBigInteger(Buffer.from(text, 'base64url'))) as [
      bigint,
      bigint,
    ];
    const encoded = toOctets(modPow(unsignedBigInteger(signature), e, n), 256);
    expect(rsaVerifies(encoded, scheme)).toBe(true);
    for (const at of [0, 100, 222, 223, 254, 255]) {
      const broken = Uint8Array.from(encoded, (octet, i) => (i === at ? octet ^ 0x01 : octet));
      expect(rsaVerifies(broken, scheme), `octet ${at}`).toBe(false);
    }
  });

  test.each(['P-256', 'P-384', 'P-521'])('ECDSA %s with r or s of 0, n, n + 1, negative, or no DER', (curve) => {
    const signer = ec(curve);
    const spki = publicKey(spkiOf(signer));
    const scheme: SignatureScheme = { kind: 'ecdsa', hash: 'sha256' };
    const order = ORDERS[curve]!;
    const { r, s } = readPair(sign('sha256', DATA, signer));
    const verify = (octets: Uint8Array): boolean => crypto.verify(scheme, spki, DATA, octets);
    expect(verify(pair(integer(r), integer(s)))).toBe(true);
    expect(verify(pair(integer(r), integer(order - s))), 'the mirrored s is as valid').toBe(true);
    for (const bad of [0n, order, order + 1n, s + order]) {
      expect(verify(pair(integer(r), integer(bad))), `s = ${bad}`).toBe(false);
      expect(verify(pair(integer(bad), integer(s))), `r = ${bad}`).toBe(false);
    }
    expect(verify(pair(integer(0n), integer(0n))), 'r = s = 0').toBe(false);
    expect(verify(pair(integer(r), integer(r))), 's = r').toBe(false);
    const longer = Uint8Array.of(0x02, integer(r)[1]! + 1, 0, ...integer(r).subarray(2));
    expect(verify(pair(longer, integer(s))), 'r with a leading zero').toBe(false);
    expect(verify(Uint8Array.of(...pair(integer(r), integer(s)), 0x05, 0)), 'trailing NULL').toBe(false);
    const negative = Uint8Array.of(0x02, 1, 0xff);
    expect(verify(pair(negative, integer(s))), 'r negative').toBe(false);
    expect(verify(Uint8Array.of(...toOctets(r, 66), ...toOctets(s, 66))), 'r || s').toBe(false);
  });

  test('ECDSA keys that are no point of the curve', () => {
    const signer = ec('P-256');
    const signature = sign('sha256', DATA, signer);
    const spki = Uint8Array.from(spkiOf(signer));
    spki[spki.length - 1]! ^= 1;
    expect(crypto.verify({ kind: 'ecdsa', hash: 'sha256' }, publicKey(spki), DATA, signature)).toBe(false);
  });

  test('DSA with r or s of 0 or q', () => {
    const spki = publicKey(spkiOf(dsa));
    const q = unsignedBigInteger((spki as PublicKey & { kind: 'DSA' }).q);
    const { r, s } = readPair(sign('sha256', DATA, dsa));
    const verify = (octets: Uint8Array): boolean => crypto.verify({ kind: 'dsa', hash: 'sha256' }, spki, DATA, octets);
    expect(verify(pair(integer(r), integer(s)))).toBe(true);
    for (const bad of [0n, q, s + q]) {
      expect(verify(pair(integer(r), integer(bad)))).toBe(false);
      expect(verify(pair(integer(bad), integer(s)))).toBe(false);
    }
  });

  test('Ed25519 with s + L', () => {
    const signer = generateKeyPairSync('ed25519').privateKey;
    const signature = Uint8Array.from(sign(null, DATA, signer));
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const s = unsignedBigInteger(signature.slice(32).reverse()) + order;
    const forged = Uint8Array.of(...signature.subarray(0, 32), ...toOctets(s, 32).reverse());
    expect(crypto.verify({ kind: 'eddsa' }, publicKey(spkiOf(signer)), DATA, forged)).toBe(false);
  });

  test('a scheme that does not go with the key', () => {
    const signature = sign('sha256', DATA, rsa);
    for (const kind of ['ecdsa', 'dsa'] as const) {
      expect(crypto.verify({ kind, hash: 'sha256' }, key, DATA, signature)).toBe(false);
    }
    expect(crypto.verify({ kind: 'eddsa' }, key, DATA, signature)).toBe(false);
    expect(crypto.verify(SHA256, publicKey(spkiOf(ec('P-256'))), DATA, signature)).toBe(false);
  });

  test('RSA exponents with which everybody signs', () => {
    const encoded = Uint8Array.from(proper);
    for (const e of [1n, 2n, 65536n]) {
      expect(
        crypto.verify(
          SHA256,
          rsaKey(unsignedBigInteger((key as { modulus: Uint8Array } & PublicKey).modulus), e),
          DATA,
          encoded,
        ),
      ).toBe(false);
    }
  });

  test('keys made to take long', () => {
    const signature = new Uint8Array(8192).fill(1);
    const huge = rsaKey((1n << 65535n) + 1n, 65537n);
    expect(() => crypto.verify(SHA256, huge, DATA, signature)).toThrow(UnsupportedAlgorithmError);
    const long = rsaKey((1n << 4095n) + 1n, (1n << 4000n) + 1n);
    expect(() => crypto.verify(SHA256, long, DATA, signature.subarray(0, 512))).toThrow(UnsupportedAlgorithmError);
    const zero = rsaKey(0n, 65537n);
    expect(crypto.verify(SHA256, zero, DATA, signature)).toBe(false);
    expect(crypto.verify(SHA256, rsaKey(3n, 65537n), DATA, Uint8Array.of(1))).toBe(false);
  });

  test('an EC private key that carries a point beside its curve', () => {
    const damaged = Uint8Array.from(pkcs8Of(ec('P-256')));
    damaged[damaged.length - 1]! ^= 1;
    expect(() => crypto.publicKeyOf(damaged)).toThrow(/damaged/);
  });

  test('private keys whose numbers are damaged', () => {
    const damaged = Uint8Array.from(pkcs8Of(rsa));
    damaged[700]! ^= 0x40;
    let verified: boolean | undefined;
    try {
      verified = nodeCrypto.verify(SHA256, key, DATA, crypto.sign(SHA256, damaged, DATA));
    } catch (error) {
      expect(error).toMatchObject({ name: 'MalformedKeyError' });
    }
    // A wrong prime is survived: the private exponent alone signs as well.
    expect([undefined, true]).toContain(verified);
    for (const bytes of [new Uint8Array(0), Uint8Array.of(0x30, 0), damaged.subarray(0, 500), new Uint8Array(50_000)]) {
      expect(() => crypto.publicKeyOf(bytes)).toThrow(/damaged|cannot be computed/);
      expect(() => crypto.sign(SHA256, bytes, DATA)).toThrow(/damaged|cannot be computed/);
    }
  });
});

function plain(key: PublicKey): PublicKey {
  if (key.kind !== 'RSA') throw new Error('RSA expected');
  return rsaKey(unsignedBigInteger(key.modulus), unsignedBigInteger(key.publicExponent));
}

const ORDERS: Readonly<Record<string, bigint>> = {
  'P-256': p256.Point.Fn.ORDER,
  'P-384': p384.Point.Fn.ORDER,
  'P-521': p521.Point.Fn.ORDER,
};

function cubeRoot(value: bigint): bigint {
  let [low, high] = [0n, 1n << 700n];
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** 3n <= value) low = middle;
    else high = middle - 1n;
  }
  return low;
}

function tlv(tag: number, content: Uint8Array): Uint8Array {
  const n = content.length;
  const length = n < 0x80 ? [n] : n < 0x100 ? [0x81, n] : [0x82, n >> 8, n & 0xff];
  return Uint8Array.of(tag, ...length, ...content);
}

function integer(value: bigint): Uint8Array {
  const hex = value.toString(16);
  const octets = toOctets(value, Math.ceil(hex.length / 2));
  return tlv(0x02, octets[0]! >= 0x80 ? Uint8Array.of(0, ...octets) : octets);
}

const pair = (r: Uint8Array, s: Uint8Array): Uint8Array => tlv(0x30, Uint8Array.of(...r, ...s));

function readPair(signature: Uint8Array): { r: bigint; s: bigint } {
  let at = signature[1]! >= 0x80 ? 3 : 2;
  const next = (): bigint => {
    const length = signature[at + 1]!;
    at += 2 + length;
    return unsignedBigInteger(signature.subarray(at - length, at));
  };
  return { r: next(), s: next() };
}

function rsaKey(n: bigint, e: bigint): PublicKey {
  const octets = tlv(0x30, Uint8Array.of(...integer(n), ...integer(e)));
  const algorithm = Uint8Array.of(0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0);
  return publicKey(tlv(0x30, Uint8Array.of(...algorithm, ...tlv(0x03, Uint8Array.of(0, ...octets)))));
}
