import { type Element, readSingle, type Reader } from '../der/element.ts';
import { DerError } from '../der/errors.ts';
import { readOid } from '../der/oid.ts';
import { TAG, contextConstructed } from '../der/tags.ts';
import { readBitString, readSmallInteger } from '../der/values.ts';
import { type AlgorithmIdentifier, readAlgorithm } from './algorithm.ts';
import { type Extensions, NO_EXTENSIONS, readExtensions } from './extension.ts';
import { Name } from './name.ts';
import type { Signed } from './signed.ts';
import { readSpki, type SubjectPublicKeyInfo } from './spki.ts';

/** Attributes of a certification request, RFC 2985 §5.4. */
export const CSR_ATTRIBUTE = {
  extensionRequest: '1.2.840.113549.1.9.14',
  /** Microsoft's older spelling of the same. */
  certExtensions: '1.3.6.1.4.1.311.2.1.14',
  challengePassword: '1.2.840.113549.1.9.7',
  unstructuredName: '1.2.840.113549.1.9.2',
} as const;

export interface CsrAttribute {
  readonly element: Element;
  /** Dotted. */
  readonly oid: string;
  readonly values: readonly Element[];
}

/** A PKCS#10 certification request (RFC 2986) read in place. */
export class CertificationRequest implements Signed {
  /** The whole array it was read from; offsets count from its start. */
  readonly der: Uint8Array;
  /** certificationRequestInfo. */
  readonly tbs: Element;
  readonly version: Element;
  readonly subject: Name;
  readonly subjectPublicKeyInfo: SubjectPublicKeyInfo;
  readonly attributes: readonly CsrAttribute[];
  /** The required `[0]` was left out: by encoders that take it for OPTIONAL; OpenSSL reads it. */
  readonly attributesLeftOut: boolean;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signatureValue: Element;
  #extensions: Extensions | undefined;

  private constructor(der: Uint8Array, outer: Reader) {
    this.der = der;
    this.tbs = outer.expect(TAG.SEQUENCE, 'certificationRequestInfo');
    const info = this.tbs.reader();
    this.version = info.expect(TAG.INTEGER, 'certificationRequestInfo.version');
    checkVersion(this.version);
    this.subject = new Name(info.expect(TAG.SEQUENCE, 'certificationRequestInfo.subject'));
    this.subjectPublicKeyInfo = readSpki(info, 'certificationRequestInfo.subjectPKInfo');
    const attributes = info.optional(contextConstructed(0), 'certificationRequestInfo.attributes');
    this.attributesLeftOut = attributes === undefined;
    this.attributes = attributes === undefined ? [] : readAttributes(attributes);
    info.finish('certificationRequestInfo');
    this.signatureAlgorithm = readAlgorithm(outer, 'signatureAlgorithm');
    this.signatureValue = outer.expect(TAG.BIT_STRING, 'signature');
    readBitString(this.signatureValue, 'signature');
    outer.finish('CertificationRequest');
  }

  /**
   * Reads one DER certification request that fills `der` completely.
   * @throws {DerError} where the bytes are anything else; names, keys and requested extensions are read, and may throw,
   *   later.
   */
  static parse(der: Uint8Array): CertificationRequest {
    return new CertificationRequest(der, readSingle(der, TAG.SEQUENCE, 'CertificationRequest').reader());
  }

  attribute(oid: string): CsrAttribute | undefined {
    return this.attributes.find((attribute) => attribute.oid === oid);
  }

  /** The extensions asked for. Throws DerError where they are malformed. */
  get extensions(): Extensions {
    return (this.#extensions ??= this.#readExtensions());
  }

  #readExtensions(): Extensions {
    const attribute = this.attribute(CSR_ATTRIBUTE.extensionRequest) ?? this.attribute(CSR_ATTRIBUTE.certExtensions);
    const value = attribute?.values[0];
    if (value === undefined) return NO_EXTENSIONS;
    if (value.tag !== TAG.SEQUENCE) {
      throw new DerError('unexpected-tag', value.offset, 'extensionRequest is not a list of extensions');
    }
    return readExtensions(value);
  }

  /** A secret that the requester agreed with the CA stands in the clear in the request; its text is never shown. */
  get hasChallengePassword(): boolean {
    return this.attribute(CSR_ATTRIBUTE.challengePassword) !== undefined;
  }
}

// CertificationRequest ::= SEQUENCE {
//      certificationRequestInfo CertificationRequestInfo,
//      signatureAlgorithm AlgorithmIdentifier{{ SignatureAlgorithms }},
//      signature          BIT STRING }
// CertificationRequestInfo ::= SEQUENCE {
//      version       INTEGER { v1(0) } (v1,...),
//      subject       Name,
//      subjectPKInfo SubjectPublicKeyInfo{{ PKInfoAlgorithms }},
//      attributes    [0] Attributes{{ CRIAttributes }} }
export const parseCsr = (der: Uint8Array): CertificationRequest => CertificationRequest.parse(der);

function checkVersion(element: Element): void {
  const value = readSmallInteger(element, 'certificationRequestInfo.version');
  if (value !== 0) {
    const message = `certificationRequestInfo.version is ${value}, and only 0 is defined`;
    throw new DerError('bad-value', element.offset, message);
  }
}

const MOST_ATTRIBUTES = 1000;

// Attributes { ATTRIBUTE:IOSet } ::= SET OF Attribute{{ IOSet }}
function readAttributes(set: Element): CsrAttribute[] {
  const attributes: CsrAttribute[] = [];
  const reader = set.reader();
  while (!reader.atEnd) {
    if (attributes.length === MOST_ATTRIBUTES) {
      throw new DerError('too-many', reader.position, `there are more than ${MOST_ATTRIBUTES} attributes`);
    }
    attributes.push(readAttribute(reader));
  }
  return attributes;
}

// Attribute { ATTRIBUTE:IOSet } ::= SEQUENCE {
//      type    ATTRIBUTE.&id({IOSet}),
//      values  SET SIZE(1..MAX) OF ATTRIBUTE.&Type({IOSet}{@type}) }
function readAttribute(reader: Reader): CsrAttribute {
  const element = reader.expect(TAG.SEQUENCE, 'Attribute');
  const inner = element.reader();
  const oid = readOid(inner.expect(TAG.OBJECT_IDENTIFIER, 'Attribute.type'), 'Attribute.type');
  const set = inner.expect(TAG.SET, 'Attribute.values');
  inner.finish('Attribute');
  const values: Element[] = [];
  const members = set.reader();
  while (!members.atEnd) {
    if (values.length === MOST_ATTRIBUTES)
      throw new DerError('too-many', members.position, 'Attribute has too many values');
    values.push(members.read('Attribute.values'));
  }
  if (values.length === 0) throw new DerError('empty', set.offset, 'Attribute.values is empty');
  return { element, oid, values };
}
