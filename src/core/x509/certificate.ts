import { type Element, readSingle, type Reader } from '../der/element.ts';
import { DerError } from '../der/errors.ts';
import { TAG, contextConstructed, contextPrimitive } from '../der/tags.ts';
import { checkInteger, readBitString, readSmallInteger } from '../der/values.ts';
import { type AlgorithmIdentifier, readAlgorithm } from './algorithm.ts';
import { type ExtensionType, type Extensions, NO_EXTENSIONS, readExtensions } from './extension.ts';
import { Name } from './name.ts';
import type { Signed } from './signed.ts';
import { readSpki, type SubjectPublicKeyInfo } from './spki.ts';
import { readTimeOf, type Time } from './time.ts';

export type { Time } from './time.ts';

/** A certificate read in place: every field is a view into `der`. Names, keys and extensions are read on first use. */
export class Certificate implements Signed {
  /** The whole array it was read from; offsets count from its start. */
  readonly der: Uint8Array;
  readonly tbs: Element;
  readonly version: 1 | 2 | 3;
  /** `[0] EXPLICIT Version` where it is encoded. */
  readonly versionElement: Element | undefined;
  /** INTEGER of any size and sign. */
  readonly serialNumber: Element;
  /** Inside the signed part; must equal `signatureAlgorithm`. */
  readonly innerSignatureAlgorithm: AlgorithmIdentifier;
  readonly issuer: Name;
  readonly notBefore: Time;
  readonly notAfter: Time;
  readonly subject: Name;
  readonly subjectPublicKeyInfo: SubjectPublicKeyInfo;
  readonly extensions: Extensions;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  /** BIT STRING. */
  readonly signatureValue: Element;

  private constructor(der: Uint8Array, outer: Reader) {
    this.der = der;
    this.tbs = outer.expect(TAG.SEQUENCE, 'tbsCertificate');
    const tbs = this.tbs.reader();
    this.versionElement = tbs.optional(contextConstructed(0), 'tbsCertificate.version');
    this.version = readVersion(this.versionElement);
    this.serialNumber = tbs.expect(TAG.INTEGER, 'tbsCertificate.serialNumber');
    checkInteger(this.serialNumber, 'tbsCertificate.serialNumber');
    this.innerSignatureAlgorithm = readAlgorithm(tbs, 'tbsCertificate.signature');
    this.issuer = new Name(tbs.expect(TAG.SEQUENCE, 'tbsCertificate.issuer'));
    const validity = tbs.expect(TAG.SEQUENCE, 'tbsCertificate.validity').reader();
    this.notBefore = readTimeOf(validity, 'tbsCertificate.validity.notBefore');
    this.notAfter = readTimeOf(validity, 'tbsCertificate.validity.notAfter');
    validity.finish('tbsCertificate.validity');
    this.subject = new Name(tbs.expect(TAG.SEQUENCE, 'tbsCertificate.subject'));
    this.subjectPublicKeyInfo = readSpki(tbs, 'tbsCertificate.subjectPublicKeyInfo');
    readUniqueId(tbs, 1, 'tbsCertificate.issuerUniqueID');
    readUniqueId(tbs, 2, 'tbsCertificate.subjectUniqueID');
    this.extensions = readExtensionsOf(tbs);
    tbs.finish('tbsCertificate');
    this.signatureAlgorithm = readAlgorithm(outer, 'signatureAlgorithm');
    this.signatureValue = outer.expect(TAG.BIT_STRING, 'signatureValue');
    readBitString(this.signatureValue, 'signatureValue');
    outer.finish('Certificate');
  }

  /**
   * Reads one DER certificate that fills `der` completely.
   * @throws {DerError} where the bytes are anything else; names, keys and extension values are read, and may throw, later.
   */
  static parse(der: Uint8Array): Certificate {
    return new Certificate(der, readSingle(der, TAG.SEQUENCE, 'Certificate').reader());
  }

  /** The value of an extension; undefined when absent. Throws DerError where its value is malformed. */
  get<T>(type: ExtensionType<T>): T | undefined {
    return this.extensions.get(type);
  }

  /** Issuer and subject are the same name (RFC 5280 §6.1: self-issued). Says nothing about who signed. */
  get isSelfIssued(): boolean {
    return this.issuer.equals(this.subject);
  }
}

// Certificate  ::=  SEQUENCE  {
//      tbsCertificate       TBSCertificate,
//      signatureAlgorithm   AlgorithmIdentifier,
//      signatureValue       BIT STRING  }
// TBSCertificate  ::=  SEQUENCE  {
//      version         [0]  EXPLICIT Version DEFAULT v1,
//      serialNumber         CertificateSerialNumber,
//      signature            AlgorithmIdentifier,
//      issuer               Name,
//      validity             Validity,
//      subject              Name,
//      subjectPublicKeyInfo SubjectPublicKeyInfo,
//      issuerUniqueID  [1]  IMPLICIT UniqueIdentifier OPTIONAL,
//      subjectUniqueID [2]  IMPLICIT UniqueIdentifier OPTIONAL,
//      extensions      [3]  EXPLICIT Extensions OPTIONAL }
export const parseCertificate = (der: Uint8Array): Certificate => Certificate.parse(der);

// Version  ::=  INTEGER  {  v1(0), v2(1), v3(2)  }
function readVersion(element: Element | undefined): 1 | 2 | 3 {
  if (element === undefined) return 1;
  const inner = element.reader();
  const value = readSmallInteger(inner.expect(TAG.INTEGER, 'tbsCertificate.version'), 'tbsCertificate.version');
  inner.finish('tbsCertificate.version');
  if (value === 0 || value === 1 || value === 2) return (value + 1) as 1 | 2 | 3;
  throw new DerError('bad-value', element.offset, `tbsCertificate.version is ${value}, which no standard defines`);
}

// UniqueIdentifier  ::=  BIT STRING
// RFC 5280 §4.1.2.8: only read so that what comes after them is; nothing depends on their value.
function readUniqueId(tbs: Reader, number: number, what: string): void {
  const element = tbs.optional(contextPrimitive(number), what);
  if (element !== undefined) readBitString(element, what);
}

function readExtensionsOf(tbs: Reader): Extensions {
  const explicit = tbs.optional(contextConstructed(3), 'tbsCertificate.extensions');
  if (explicit === undefined) return NO_EXTENSIONS;
  const inner = explicit.reader();
  const sequence = inner.expect(TAG.SEQUENCE, 'tbsCertificate.extensions');
  inner.finish('tbsCertificate.extensions');
  return readExtensions(sequence);
}
