import { MalformedKeyError, UnsupportedAlgorithmError } from '../base/ports.ts';
import { type Element, readSingle, type Reader } from '../der/element.ts';
import { DerError } from '../der/errors.ts';
import { readOid } from '../der/oid.ts';
import { contextConstructed, contextPrimitive, TAG } from '../der/tags.ts';
import { readBitStringOctets, readSmallInteger } from '../der/values.ts';
import { bitLength, KEY_BUDGET, within } from './budget.ts';

/** A private key taken apart; integers are big-endian, views of the PKCS#8 bytes (wiping those wipes these). */
export type PrivateKey =
  | ({ readonly kind: 'RSA'; readonly algorithm: Element; readonly pssOnly: boolean } & RsaPrivateNumbers)
  | {
      readonly kind: 'EC';
      readonly algorithm: Element;
      /** Dotted. */
      readonly curve: string;
      readonly scalar: Uint8Array;
      /** As the file has it; nobody has compared it with the scalar yet. */
      readonly point: Uint8Array | undefined;
    }
  | { readonly kind: 'Ed25519' | 'Ed448'; readonly algorithm: Element; readonly seed: Uint8Array }
  | {
      readonly kind: 'DSA';
      readonly algorithm: Element;
      readonly p: Uint8Array;
      readonly q: Uint8Array;
      readonly g: Uint8Array;
      readonly x: Uint8Array;
    };

export interface RsaPrivateNumbers {
  readonly modulus: Uint8Array;
  readonly publicExponent: Uint8Array;
  readonly privateExponent: Uint8Array;
  readonly prime1: Uint8Array;
  readonly prime2: Uint8Array;
  readonly exponent1: Uint8Array;
  readonly exponent2: Uint8Array;
  readonly coefficient: Uint8Array;
}

/**
 * Reads an unencrypted DER PKCS#8 key and holds its sizes against the budget, so that nobody computes with numbers that
 * were made to take long.
 * @throws {UnsupportedAlgorithmError | MalformedKeyError}
 */
export function readPrivateKey(pkcs8: Uint8Array): PrivateKey {
  within(pkcs8.length * 8, KEY_BUDGET.privateKeyOctets * 8, 'a private key file');
  try {
    return readPrivateKeyInfo(pkcs8);
  } catch (error) {
    if (error instanceof DerError) throw new MalformedKeyError(`The private key is damaged: ${error.message}`);
    throw error;
  }
}

// OneAsymmetricKey ::= SEQUENCE {
//   version                   Version,
//   privateKeyAlgorithm       PrivateKeyAlgorithmIdentifier,
//   privateKey                PrivateKey,
//   attributes            [0] Attributes OPTIONAL,
//   [[2: publicKey        [1] PublicKey OPTIONAL ]] }
function readPrivateKeyInfo(pkcs8: Uint8Array): PrivateKey {
  const reader = readSingle(pkcs8, TAG.SEQUENCE, 'PrivateKeyInfo').reader();
  readSmallInteger(reader.expect(TAG.INTEGER, 'PrivateKeyInfo.version'), 'PrivateKeyInfo.version');
  const algorithm = reader.expect(TAG.SEQUENCE, 'PrivateKeyInfo.privateKeyAlgorithm');
  const inner = reader.expect(TAG.OCTET_STRING, 'PrivateKeyInfo.privateKey').content();
  reader.optional(contextConstructed(0), 'PrivateKeyInfo.attributes');
  reader.optional(contextPrimitive(1), 'PrivateKeyInfo.publicKey');
  reader.finish('PrivateKeyInfo');
  const identifier = algorithm.reader();
  const oid = readOid(identifier.expect(TAG.OBJECT_IDENTIFIER, 'algorithm'), 'algorithm');
  switch (oid) {
    case '1.2.840.113549.1.1.1':
      return { kind: 'RSA', algorithm, pssOnly: false, ...readRsa(inner) };
    case '1.2.840.113549.1.1.10':
      return { kind: 'RSA', algorithm, pssOnly: true, ...readRsa(inner) };
    case '1.2.840.10045.2.1':
      return readEc(inner, algorithm, identifier);
    case '1.3.101.112':
      return { kind: 'Ed25519', algorithm, seed: readSeed(inner, 32) };
    case '1.3.101.113':
      return { kind: 'Ed448', algorithm, seed: readSeed(inner, 57) };
    case '1.2.840.10040.4.1':
      return readDsa(inner, algorithm, identifier);
    default:
      throw new UnsupportedAlgorithmError(`a private key of the type ${oid}`);
  }
}

// RSAPrivateKey ::= SEQUENCE { version, modulus, publicExponent, privateExponent, prime1, prime2, exponent1,
//   exponent2, coefficient, otherPrimeInfos OPTIONAL }
function readRsa(der: Uint8Array): RsaPrivateNumbers {
  const reader = readSingle(der, TAG.SEQUENCE, 'RSAPrivateKey').reader();
  readSmallInteger(reader.expect(TAG.INTEGER, 'RSAPrivateKey.version'), 'RSAPrivateKey.version');
  const numbers = {
    modulus: unsigned(reader, 'RSAPrivateKey.modulus'),
    publicExponent: unsigned(reader, 'RSAPrivateKey.publicExponent'),
    privateExponent: unsigned(reader, 'RSAPrivateKey.privateExponent'),
    prime1: unsigned(reader, 'RSAPrivateKey.prime1'),
    prime2: unsigned(reader, 'RSAPrivateKey.prime2'),
    exponent1: unsigned(reader, 'RSAPrivateKey.exponent1'),
    exponent2: unsigned(reader, 'RSAPrivateKey.exponent2'),
    coefficient: unsigned(reader, 'RSAPrivateKey.coefficient'),
  };
  const bits = bitLength(numbers.modulus);
  within(bits, KEY_BUDGET.rsaPrivateModulusBits, 'an RSA private key');
  within(bitLength(numbers.publicExponent), KEY_BUDGET.rsaExponentBits, 'an RSA public exponent');
  for (const [name, octets] of Object.entries(numbers)) {
    if (bitLength(octets) > bits)
      throw new MalformedKeyError(`The RSA private key is damaged: its ${name} is longer than its modulus`);
  }
  if (bits === 0 || (numbers.modulus.at(-1)! & 1) === 0) {
    throw new MalformedKeyError('The RSA private key is damaged: its modulus is even');
  }
  return numbers;
}

// ECPrivateKey ::= SEQUENCE {
//   version        INTEGER { ecPrivkeyVer1(1) } (ecPrivkeyVer1),
//   privateKey     OCTET STRING,
//   parameters [0] ECParameters {{ NamedCurve }} OPTIONAL,
//   publicKey  [1] BIT STRING OPTIONAL }
function readEc(der: Uint8Array, algorithm: Element, identifier: Reader): PrivateKey {
  if (identifier.peekTag() !== TAG.OBJECT_IDENTIFIER) {
    throw new UnsupportedAlgorithmError('an EC key whose curve is spelled out instead of named');
  }
  const curve = readOid(identifier.read('namedCurve'), 'namedCurve');
  const reader = readSingle(der, TAG.SEQUENCE, 'ECPrivateKey').reader();
  readSmallInteger(reader.expect(TAG.INTEGER, 'ECPrivateKey.version'), 'ECPrivateKey.version');
  const scalar = reader.expect(TAG.OCTET_STRING, 'ECPrivateKey.privateKey').content();
  reader.optional(contextConstructed(0), 'ECPrivateKey.parameters');
  const explicit = reader.optional(contextConstructed(1), 'ECPrivateKey.publicKey')?.reader();
  const bits = explicit?.expect(TAG.BIT_STRING, 'ECPrivateKey.publicKey');
  reader.finish('ECPrivateKey');
  const point = bits === undefined ? undefined : readBitStringOctets(bits, 'ECPrivateKey.publicKey');
  return { kind: 'EC', algorithm, curve, scalar, point };
}

// CurvePrivateKey ::= OCTET STRING, RFC 8410 §7
function readSeed(der: Uint8Array, length: number): Uint8Array {
  const seed = readSingle(der, TAG.OCTET_STRING, 'CurvePrivateKey').content();
  if (seed.length !== length)
    throw new MalformedKeyError(`The private key is damaged: ${seed.length} bytes, not ${length}`);
  return seed;
}

// Dss-Parms ::= SEQUENCE { p INTEGER, q INTEGER, g INTEGER }, RFC 3279 §2.3.2
function readDsa(der: Uint8Array, algorithm: Element, identifier: Reader): PrivateKey {
  const parameters = identifier.expect(TAG.SEQUENCE, 'Dss-Parms').reader();
  const [p, q, g] = [
    unsigned(parameters, 'Dss-Parms.p'),
    unsigned(parameters, 'Dss-Parms.q'),
    unsigned(parameters, 'Dss-Parms.g'),
  ];
  within(bitLength(p), KEY_BUDGET.dsaModulusBits, 'a DSA modulus');
  within(bitLength(q), KEY_BUDGET.dsaSubgroupBits, 'a DSA subgroup');
  const x = stripZeros(readSingle(der, TAG.INTEGER, 'DSAPrivateKey').content());
  if (bitLength(x) > bitLength(q) || bitLength(p) === 0) throw new MalformedKeyError('The DSA private key is damaged');
  return { kind: 'DSA', algorithm, p, q, g, x };
}

function unsigned(reader: Reader, what: string): Uint8Array {
  const element = reader.expect(TAG.INTEGER, what);
  const content = element.content();
  if (content.length === 0 || content[0]! >= 0x80)
    throw new MalformedKeyError(`The private key is damaged: ${what} is not positive`);
  return stripZeros(content);
}

function stripZeros(octets: Uint8Array): Uint8Array {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start++;
  return octets.subarray(start);
}
