import { MalformedKeyError } from '../base/ports.ts';
import { readSingle, type Element, type Reader } from '../der/element.ts';
import { TAG, contextConstructed } from '../der/tags.ts';
import { recogniseStructure } from './structure.ts';

// SEQUENCE { OBJECT IDENTIFIER rsaEncryption, NULL }
const RSA_ALGORITHM = Uint8Array.of(48, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0);
const EC_PUBLIC_KEY = Uint8Array.of(6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1);
const DSA = Uint8Array.of(6, 7, 0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1);
const VERSION_0 = Uint8Array.of(2, 1, 0);

/**
 * An unencrypted private key of any form as DER PKCS#8, always a fresh array for the caller to wipe. The numbers inside
 * are not looked at: the Crypto port does that.
 * @param parameters the content of an `EC PARAMETERS` block, for an EC key that names no curve itself.
 * @throws {MalformedKeyError | DerError} where `der` is no complete private key.
 */
export function toPrivateKeyInfo(der: Uint8Array, parameters?: Uint8Array): Uint8Array {
  const { kind, privateKeyForm, trailing, error } = recogniseStructure(der);
  if (error !== undefined) throw error;
  if (kind !== 'private-key') throw new MalformedKeyError('it does not hold the fields of a private key');
  if (trailing > 0) throw new MalformedKeyError(`${trailing} bytes follow the key`);
  switch (privateKeyForm) {
    case 'pkcs1':
      return privateKeyInfo(RSA_ALGORITHM, der);
    case 'sec1':
      return privateKeyInfo(ecAlgorithm(der, parameters), der);
    case 'dsa':
      return fromDsa(der);
    default:
      return new Uint8Array(der);
  }
}

// PrivateKeyInfo ::= SEQUENCE {
//   version                   Version,                  -- v1(0)
//   privateKeyAlgorithm       PrivateKeyAlgorithmIdentifier,
//   privateKey                PrivateKey }              -- OCTET STRING, RFC 5958 §2
const privateKeyInfo = (algorithm: Uint8Array, key: Uint8Array): Uint8Array =>
  encode(TAG.SEQUENCE, VERSION_0, algorithm, header(TAG.OCTET_STRING, key.length), key);

// ECPrivateKey ::= SEQUENCE {
//   version        INTEGER { ecPrivkeyVer1(1) },
//   privateKey     OCTET STRING,
//   parameters [0] ECParameters OPTIONAL,
//   publicKey  [1] BIT STRING OPTIONAL }                -- RFC 5915 §3
function ecAlgorithm(der: Uint8Array, outside: Uint8Array | undefined): Uint8Array {
  const reader = readSingle(der, TAG.SEQUENCE, 'ECPrivateKey').reader();
  reader.expect(TAG.INTEGER, 'ECPrivateKey.version');
  reader.expect(TAG.OCTET_STRING, 'ECPrivateKey.privateKey');
  const parameters = reader.optional(contextConstructed(0), 'ECPrivateKey.parameters')?.content() ?? outside;
  if (parameters === undefined) throw new MalformedKeyError('the elliptic curve key does not name its curve');
  return encode(TAG.SEQUENCE, EC_PUBLIC_KEY, parameters);
}

// OpenSSL's own form: SEQUENCE { version, p, q, g, y, x }; PKCS#8 keeps p, q, g as Dss-Parms and x alone.
function fromDsa(der: Uint8Array): Uint8Array {
  const reader = readSingle(der, TAG.SEQUENCE, 'DSAPrivateKey').reader();
  const [, p, q, g, , x] = Array.from({ length: 6 }, () => integer(reader)) as [
    Element,
    Element,
    Element,
    Element,
    Element,
    Element,
  ];
  const algorithm = encode(TAG.SEQUENCE, DSA, encode(TAG.SEQUENCE, p.der(), q.der(), g.der()));
  return privateKeyInfo(algorithm, x.der());
}

const integer = (reader: Reader): Element => reader.expect(TAG.INTEGER, 'DSAPrivateKey');

function encode(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = parts.reduce((sum, { length }) => sum + length, 0);
  const start = header(tag, content);
  const bytes = new Uint8Array(start.length + content);
  bytes.set(start);
  let at = start.length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

// X.690 §10.1: definite, minimal.
function header(tag: number, length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(tag, length);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Uint8Array.of(tag, 0x80 | octets.length, ...octets);
}
