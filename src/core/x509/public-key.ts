import type { PublicKey } from '../base/ports.ts';
import type { Element } from '../der/element.ts';
import { DerError } from '../der/errors.ts';
import { TAG } from '../der/tags.ts';
import { readBitStringOctets } from '../der/values.ts';
import type { AlgorithmIdentifier } from './algorithm.ts';
import { NAMED_CURVES } from './algorithms.data.ts';
import { positive, type SubjectPublicKeyInfo } from './spki.ts';

/** Well-formed as far as read, but no key that signatures can be verified with; `reason` completes "the key …". */
export interface UnknownKey {
  readonly kind: 'unknown';
  readonly reason: string;
}

const unknown = (reason: string): UnknownKey => ({ kind: 'unknown', reason });

/**
 * Takes a SubjectPublicKeyInfo apart. An EC key's `curve` is the name of NAMED_CURVES (`P-256`), or the dotted
 * identifier of a curve without name there; its `point` is uncompressed or compressed, as encoded.
 * @param inherited the issuer's algorithm, for DSA keys that leave their parameters to it (RFC 5280 §6.1.4 (e)); the
 *   `spki` of the result then holds them
 * @throws {DerError} where the key is malformed
 */
export function readPublicKey(info: SubjectPublicKeyInfo, inherited?: AlgorithmIdentifier): PublicKey | UnknownKey {
  const { kind } = info;
  switch (kind) {
    case 'RSA':
    case 'RSASSA-PSS':
      return readRsa(info);
    case 'EC':
      return readEc(info);
    case 'Ed25519':
    case 'Ed448':
      return readEdwards(info, kind);
    case 'DSA':
      return readDsa(info, inherited);
    case undefined:
      return unknown(`has an unknown algorithm, ${info.algorithm.oid}`);
    default:
      return unknown(`is a ${kind} key: it agrees on secrets and cannot sign`);
  }
}

function readRsa(info: SubjectPublicKeyInfo): PublicKey | UnknownKey {
  const { parameters } = info.algorithm;
  // RFC 3279 §2.3.1: "The parameters field MUST have ASN.1 type NULL". Our reading: absent is the same, as to OpenSSL.
  if (info.kind === 'RSA' && parameters !== undefined && !isNull(parameters)) {
    return unknown('has RSA parameters that are not NULL');
  }
  const { modulus, publicExponent } = info.rsa;
  return {
    kind: 'RSA',
    spki: info.element.der(),
    modulus: unsigned(modulus),
    publicExponent: unsigned(publicExponent),
  };
}

// ECParameters ::= CHOICE {
//      namedCurve         OBJECT IDENTIFIER
//      -- implicitCurve   NULL
//      -- specifiedCurve  SpecifiedECDomain }
// RFC 5480 §2.1.1: "implicitCurve and specifiedCurve MUST NOT be used in PKIX."
function readEc(info: SubjectPublicKeyInfo): PublicKey | UnknownKey {
  const oid = info.curveOid;
  if (oid === undefined) return unknown('spells its elliptic curve out, or leaves it out, instead of naming it');
  const curve = NAMED_CURVES[oid];
  const point = readBitStringOctets(info.subjectPublicKey, 'subjectPublicKey');
  const octets = curve === undefined ? undefined : Math.ceil(curve.bits / 8);
  // RFC 5480 §2.2: uncompressed (04) must, compressed (02, 03) may be supported; hybrid forms must not be used.
  const coordinates = point[0] === 4 ? 2 : point[0] === 2 || point[0] === 3 ? 1 : 0;
  if (coordinates === 0) {
    throw new DerError('bad-value', info.subjectPublicKey.offset, 'the ECPoint is neither uncompressed nor compressed');
  }
  if (octets !== undefined && point.length !== 1 + coordinates * octets) {
    throw new DerError(
      'bad-value',
      info.subjectPublicKey.offset,
      `the ECPoint has ${point.length} bytes where ${curve!.name} needs ${1 + coordinates * octets}`,
    );
  }
  return { kind: 'EC', spki: info.element.der(), curve: curve?.name ?? oid, point };
}

// RFC 8410 §3: "the parameters MUST be absent".
function readEdwards(info: SubjectPublicKeyInfo, kind: 'Ed25519' | 'Ed448'): PublicKey | UnknownKey {
  if (info.algorithm.parameters !== undefined) return unknown(`has parameters, which ${kind} must not have`);
  const key = readBitStringOctets(info.subjectPublicKey, 'subjectPublicKey');
  const expected = kind === 'Ed25519' ? 32 : 57;
  if (key.length !== expected) {
    const message = `the ${kind} key has ${key.length} bytes instead of ${expected}`;
    throw new DerError('bad-value', info.subjectPublicKey.offset, message);
  }
  return { kind, spki: info.element.der(), key };
}

// Dss-Parms  ::=  SEQUENCE  {
//      p             INTEGER,
//      q             INTEGER,
//      g             INTEGER  }
// DSAPublicKey ::= INTEGER -- public key, Y
function readDsa(info: SubjectPublicKeyInfo, inherited: AlgorithmIdentifier | undefined): PublicKey | UnknownKey {
  const own = info.algorithm.parameters;
  const leftOut = own === undefined || isNull(own);
  const parameters = leftOut ? (inherited?.oid === info.algorithm.oid ? inherited.parameters : undefined) : own;
  if (parameters?.tag !== TAG.SEQUENCE) return unknown('is a DSA key without parameters');
  const inner = parameters.reader();
  const [p, q, g] = ['p', 'q', 'g'].map((name) => positive(inner.expect(TAG.INTEGER, `Dss-Parms.${name}`), name));
  inner.finish('Dss-Parms');
  const bits = info.subjectPublicKey.reader();
  bits.position += 1;
  const y = positive(bits.expect(TAG.INTEGER, 'DSAPublicKey'), 'DSAPublicKey');
  bits.finish('DSAPublicKey');
  const spki = leftOut ? withParameters(info, parameters) : info.element.der();
  return { kind: 'DSA', spki, p: unsigned(p!), q: unsigned(q!), g: unsigned(g!), y: unsigned(y) };
}

function withParameters(info: SubjectPublicKeyInfo, parameters: Element): Uint8Array {
  const oid = info.algorithm.element.reader().read('algorithm');
  const algorithm = sequence(oid.der(), parameters.der());
  return sequence(algorithm, info.subjectPublicKey.der());
}

function sequence(...parts: Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const header = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  const bytes = new Uint8Array(1 + header.length + length);
  bytes[0] = TAG.SEQUENCE;
  bytes.set(header, 1);
  let at = 1 + header.length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const isNull = (element: Element): boolean => element.tag === TAG.NULL && element.contentLength === 0;

/** The octets of a non-negative INTEGER without its sign octet; a view. */
function unsigned(integer: Element): Uint8Array {
  const content = integer.content();
  return content[0] === 0 && content.length > 1 ? content.subarray(1) : content;
}
