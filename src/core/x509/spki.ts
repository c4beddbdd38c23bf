import { type Element, type Reader } from '../der/element.ts';
import { DerError } from '../der/errors.ts';
import { readOid } from '../der/oid.ts';
import { TAG } from '../der/tags.ts';
import { checkInteger, readBitString } from '../der/values.ts';
import { type AlgorithmIdentifier, readAlgorithm } from './algorithm.ts';
import { KEY_ALGORITHMS, type KeyKind, NAMED_CURVES } from './algorithms.data.ts';

export interface RsaPublicKey {
  /** INTEGER elements. */
  readonly modulus: Element;
  readonly publicExponent: Element;
  readonly bits: number;
}

/** SubjectPublicKeyInfo, RFC 5280 §4.1.2.7. The key inside is read on first use. */
export class SubjectPublicKeyInfo {
  readonly element: Element;
  readonly algorithm: AlgorithmIdentifier;
  /** BIT STRING. */
  readonly subjectPublicKey: Element;
  #rsa: RsaPublicKey | undefined;

  constructor(element: Element, algorithm: AlgorithmIdentifier, subjectPublicKey: Element) {
    this.element = element;
    this.algorithm = algorithm;
    this.subjectPublicKey = subjectPublicKey;
  }

  /** Undefined for an algorithm nobody named. */
  get kind(): KeyKind | undefined {
    return KEY_ALGORITHMS[this.algorithm.oid];
  }

  /** For RSA and RSASSA-PSS keys. Throws DerError where the key is malformed, or no RSA key. */
  get rsa(): RsaPublicKey {
    return (this.#rsa ??= readRsaPublicKey(this.subjectPublicKey));
  }

  /** The OID of an EC key's named curve, dotted; undefined for explicit or inherited parameters. */
  get curveOid(): string | undefined {
    const { parameters } = this.algorithm;
    if (parameters?.tag !== TAG.OBJECT_IDENTIFIER) return undefined;
    return readOid(parameters, 'namedCurve');
  }

  /** Key size in bits as people count it; undefined where the algorithm has none that we know. */
  get bits(): number | undefined {
    switch (this.kind) {
      case 'RSA':
      case 'RSASSA-PSS':
        return this.rsa.bits;
      case 'EC':
        return NAMED_CURVES[this.curveOid ?? '']?.bits;
      case 'Ed25519':
      case 'X25519':
        return 256;
      case 'Ed448':
      case 'X448':
        return 448;
      case 'DSA':
        return dsaBits(this.algorithm.parameters);
      default:
        return undefined;
    }
  }
}

// SubjectPublicKeyInfo  ::=  SEQUENCE  {
//      algorithm            AlgorithmIdentifier,
//      subjectPublicKey     BIT STRING  }
export function readSpki(reader: Reader, what: string): SubjectPublicKeyInfo {
  const element = reader.expect(TAG.SEQUENCE, what);
  const inner = element.reader();
  const algorithm = readAlgorithm(inner, `${what}.algorithm`);
  const subjectPublicKey = inner.expect(TAG.BIT_STRING, `${what}.subjectPublicKey`);
  readBitString(subjectPublicKey, `${what}.subjectPublicKey`);
  inner.finish(what);
  return new SubjectPublicKeyInfo(element, algorithm, subjectPublicKey);
}

// RSAPublicKey ::= SEQUENCE {
//      modulus            INTEGER,    -- n
//      publicExponent     INTEGER  }  -- e
function readRsaPublicKey(subjectPublicKey: Element): RsaPublicKey {
  const bits = readBitString(subjectPublicKey, 'subjectPublicKey');
  const outer = subjectPublicKey.reader();
  outer.position = bits.offset;
  const sequence = outer.expect(TAG.SEQUENCE, 'RSAPublicKey');
  outer.finish('RSAPublicKey');
  const inner = sequence.reader();
  const modulus = positive(inner.expect(TAG.INTEGER, 'RSAPublicKey.modulus'), 'RSAPublicKey.modulus');
  const publicExponent = positive(
    inner.expect(TAG.INTEGER, 'RSAPublicKey.publicExponent'),
    'RSAPublicKey.publicExponent',
  );
  inner.finish('RSAPublicKey');
  return { modulus, publicExponent, bits: bitLength(modulus) };
}

/** An INTEGER that is not negative, else DerError. */
export function positive(element: Element, what: string): Element {
  checkInteger(element, what);
  if (element.bytes[element.contentOffset]! >= 0x80) {
    throw new DerError('bad-value', element.offset, `${what} is negative`);
  }
  return element;
}

function bitLength(integer: Element): number {
  const first = integer.bytes[integer.contentOffset]!;
  if (first !== 0) return integer.contentLength * 8 - (Math.clz32(first) - 24);
  if (integer.contentLength === 1) return 0;
  return (integer.contentLength - 1) * 8 - (Math.clz32(integer.bytes[integer.contentOffset + 1]!) - 24);
}

// Dss-Parms ::= SEQUENCE { p INTEGER, q INTEGER, g INTEGER }
function dsaBits(parameters: Element | undefined): number | undefined {
  if (parameters?.tag !== TAG.SEQUENCE) return undefined;
  return bitLength(positive(parameters.reader().expect(TAG.INTEGER, 'Dss-Parms.p'), 'Dss-Parms.p'));
}
