import { type Element, readSingle, type Reader } from '../der/element.ts';
import { DerError } from '../der/errors.ts';
import { TAG, contextConstructed } from '../der/tags.ts';
import { checkInteger, readBitString, readSmallInteger } from '../der/values.ts';
import { type AlgorithmIdentifier, readAlgorithm } from './algorithm.ts';
import { type Deviation, type Extensions, type ExtensionType, NO_EXTENSIONS, readExtensions } from './extension.ts';
import { Name } from './name.ts';
import type { Signed } from './signed.ts';
import { readTimeOf, type Time } from './time.ts';

/** One entry of revokedCertificates. */
export interface RevokedCertificate {
  readonly element: Element;
  /** INTEGER: the serial number. */
  readonly userCertificate: Element;
  readonly revocationDate: Time;
  readonly crlEntryExtensions: Extensions;
}

/**
 * A CRL read in place. Its entries are not walked until someone asks: opening 100 MB costs what opening 100 bytes does.
 */
export class CertificateList implements Signed {
  /** The whole array it was read from; offsets count from its start. */
  readonly der: Uint8Array;
  /** tbsCertList. */
  readonly tbs: Element;
  readonly version: 1 | 2;
  readonly versionElement: Element | undefined;
  /** Inside the signed part; must equal `signatureAlgorithm`. */
  readonly innerSignatureAlgorithm: AlgorithmIdentifier;
  readonly issuer: Name;
  readonly thisUpdate: Time;
  readonly nextUpdate: Time | undefined;
  /** The SEQUENCE OF entries, unread; undefined where nothing is revoked. */
  readonly revokedCertificates: Element | undefined;
  readonly extensions: Extensions;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signatureValue: Element;

  private constructor(der: Uint8Array, outer: Reader) {
    this.der = der;
    this.tbs = outer.expect(TAG.SEQUENCE, 'tbsCertList');
    const tbs = this.tbs.reader();
    this.versionElement = tbs.optional(TAG.INTEGER, 'tbsCertList.version');
    this.version = readVersion(this.versionElement);
    this.innerSignatureAlgorithm = readAlgorithm(tbs, 'tbsCertList.signature');
    this.issuer = new Name(tbs.expect(TAG.SEQUENCE, 'tbsCertList.issuer'));
    this.thisUpdate = readTimeOf(tbs, 'tbsCertList.thisUpdate');
    const next = tbs.peekTag();
    const hasNext = next === TAG.UTC_TIME || next === TAG.GENERALIZED_TIME;
    this.nextUpdate = hasNext ? readTimeOf(tbs, 'tbsCertList.nextUpdate') : undefined;
    this.revokedCertificates = tbs.optional(TAG.SEQUENCE, 'tbsCertList.revokedCertificates');
    this.extensions = readExtensionsOf(tbs);
    tbs.finish('tbsCertList');
    this.signatureAlgorithm = readAlgorithm(outer, 'signatureAlgorithm');
    this.signatureValue = outer.expect(TAG.BIT_STRING, 'signatureValue');
    readBitString(this.signatureValue, 'signatureValue');
    outer.finish('CertificateList');
  }

  /**
   * Reads one DER CRL that fills `der` completely.
   * @throws {DerError} where the bytes are anything else; names, entries and extension values are read, and may throw,
   *   later.
   */
  static parse(der: Uint8Array): CertificateList {
    return new CertificateList(der, readSingle(der, TAG.SEQUENCE, 'CertificateList').reader());
  }

  /** The value of a CRL extension; undefined when absent. Throws DerError where its value is malformed. */
  get<T>(type: ExtensionType<T>): T | undefined {
    return this.extensions.get(type);
  }

  /** The entries in their order, each read when it is asked for. Throws DerError at the first malformed one. */
  *entries(): Generator<RevokedCertificate, void, undefined> {
    const reader = this.revokedCertificates?.reader();
    while (reader !== undefined && !reader.atEnd) yield readRevokedCertificate(reader);
  }

  /** What RFC 5280 forbids and was read all the same. */
  get deviations(): readonly Deviation[] {
    const deviations: Deviation[] = [];
    const { versionElement, revokedCertificates, extensions } = this;
    // "version … Version OPTIONAL, -- if present, MUST be v2". OpenSSL reads a spelled-out v1.
    if (versionElement !== undefined && this.version === 1) {
      const message = 'tbsCertList.version spells out v1, which is said by leaving it out';
      deviations.push({ code: 'default-encoded', offset: versionElement.offset, message });
    }
    // §5.1.2.6: "When there are no revoked certificates, the revoked certificates list MUST be absent." OpenSSL reads
    // an empty one.
    if (revokedCertificates?.contentLength === 0) {
      const message = 'tbsCertList.revokedCertificates is an empty list instead of absent';
      deviations.push({ code: 'empty-list', offset: revokedCertificates.offset, message });
    }
    // §5.1.2.7: "This field may only appear if the version is 2". OpenSSL reads them; leaving a critical one out
    // would be worse.
    if (this.version === 1 && extensions.list.length > 0) {
      const message = 'tbsCertList.crlExtensions stands in a version 1 CRL';
      deviations.push({ code: 'undefined-value', offset: extensions.list[0]!.element.offset, message });
    }
    return deviations;
  }
}

// CertificateList  ::=  SEQUENCE  {
//      tbsCertList          TBSCertList,
//      signatureAlgorithm   AlgorithmIdentifier,
//      signatureValue       BIT STRING  }
// TBSCertList  ::=  SEQUENCE  {
//      version                 Version OPTIONAL,
//                                   -- if present, MUST be v2
//      signature               AlgorithmIdentifier,
//      issuer                  Name,
//      thisUpdate              Time,
//      nextUpdate              Time OPTIONAL,
//      revokedCertificates     SEQUENCE OF SEQUENCE { … } OPTIONAL,
//      crlExtensions           [0]  EXPLICIT Extensions OPTIONAL
//                                    -- if present, version MUST be v2 }
export const parseCrl = (der: Uint8Array): CertificateList => CertificateList.parse(der);

function readVersion(element: Element | undefined): 1 | 2 {
  if (element === undefined) return 1;
  const value = readSmallInteger(element, 'tbsCertList.version');
  if (value === 0 || value === 1) return (value + 1) as 1 | 2;
  throw new DerError('bad-value', element.offset, `tbsCertList.version is ${value}, which no standard defines`);
}

function readExtensionsOf(tbs: Reader): Extensions {
  const explicit = tbs.optional(contextConstructed(0), 'tbsCertList.crlExtensions');
  if (explicit === undefined) return NO_EXTENSIONS;
  const inner = explicit.reader();
  const sequence = inner.expect(TAG.SEQUENCE, 'tbsCertList.crlExtensions');
  inner.finish('tbsCertList.crlExtensions');
  return readExtensions(sequence);
}

// revokedCertificates     SEQUENCE OF SEQUENCE  {
//      userCertificate         CertificateSerialNumber,
//      revocationDate          Time,
//      crlEntryExtensions      Extensions OPTIONAL
//                                    -- if present, version MUST be v2 }
export function readRevokedCertificate(reader: Reader): RevokedCertificate {
  const element = reader.expect(TAG.SEQUENCE, 'revokedCertificates entry');
  const inner = element.reader();
  const userCertificate = inner.expect(TAG.INTEGER, 'userCertificate');
  checkInteger(userCertificate, 'userCertificate');
  const revocationDate = readTimeOf(inner, 'revocationDate');
  const sequence = inner.optional(TAG.SEQUENCE, 'crlEntryExtensions');
  inner.finish('revokedCertificates entry');
  const crlEntryExtensions = sequence === undefined ? NO_EXTENSIONS : readExtensions(sequence);
  return { element, userCertificate, revocationDate, crlEntryExtensions };
}
