import { DerError } from '../der/errors.ts';
import { type Element, Reader } from '../der/element.ts';
import { TAG } from '../der/tags.ts';
import { type CertificateList, readRevokedCertificate, type RevokedCertificate } from '../x509/crl.ts';
import type { Extension } from '../x509/extension.ts';
import { certificateIssuer } from '../x509/extensions/certificate-issuer.ts';
import { invalidityDate } from '../x509/extensions/invalidity-date.ts';
import { reasonCode } from '../x509/extensions/reason-code.ts';
import type { Name } from '../x509/name.ts';

/** Where the entries of one CRL lie. Nothing is copied: a million entries cost four bytes each. */
export class EntryTable {
  readonly bytes: Uint8Array;
  readonly count: number;
  /** Of each entry's SEQUENCE, ascending; only the first `count` are meant. */
  readonly offsets: Uint32Array;
  /** Offsets of the entries that name another certificate issuer than the one before, ascending. */
  readonly issuerChanges: readonly number[];
  /** The first critical entry extension that is not processed here. */
  readonly unknownCritical: { readonly offset: number; readonly oid: string } | undefined;

  /**
   * Walks over every entry once, strictly.
   * @throws {DerError} at the first entry that is not exactly what RFC 5280 §5.1.2.6 describes.
   */
  constructor(list: CertificateList) {
    const walk = new Walk(list.der, list.revokedCertificates);
    walk.run();
    this.bytes = list.der;
    this.count = walk.count;
    this.offsets = walk.offsets;
    this.issuerChanges = walk.issuerChanges;
    this.unknownCritical = walk.unknownCritical;
  }

  /** The entry at one of the offsets, taken apart. */
  entryAt(offset: number): RevokedCertificate {
    return readRevokedCertificate(new Reader(this.bytes, offset));
  }

  /** The certificate issuers that the entry at this offset names itself. */
  issuersNamedAt(offset: number): Name[] {
    const extension = this.entryAt(offset).crlEntryExtensions.find(certificateIssuer.oid);
    return extension === undefined ? [] : directoryNames(extension);
  }

  /** In document order, `skip` entries left out. */
  *entries(skip = 0): Generator<RevokedCertificate> {
    for (let i = skip; i < this.count; i++) yield this.entryAt(this.offsets[i]!);
  }
}

// SEQUENCE { SEQUENCE { OID cRLReasons, OCTET STRING { ENUMERATED of one octet } } }: nearly every extension there is.
const REASON_PREFIX = [0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01];
// An indirect CRL for more CAs than there are; reading a million names would take half a minute.
const MOST_ISSUERS = 50_000;
// The smallest entry: header, one-octet serial, UTCTime.
const SMALLEST_ENTRY = 20;

class Walk {
  readonly reader: Reader;
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly offsets: Uint32Array;
  count = 0;
  readonly issuerChanges: number[] = [];
  /** The certificateIssuer in force. */
  #issuer: Element | undefined;
  unknownCritical: { offset: number; oid: string } | undefined;

  constructor(der: Uint8Array, revokedCertificates: Element | undefined) {
    this.bytes = der;
    this.reader = revokedCertificates?.reader() ?? new Reader(der, der.length);
    this.end = this.reader.end;
    this.offsets = new Uint32Array(Math.ceil((this.end - this.reader.position) / SMALLEST_ENTRY));
  }

  run(): void {
    const { offsets, end } = this;
    let position = this.reader.position;
    let count = 0;
    while (position < end) {
      const next = this.#plainEntryEnd(position);
      offsets[count++] = position;
      position = next > 0 ? next : this.#anyEntryEnd(position);
    }
    this.count = count;
  }

  /** Past the entry when it is of the usual form and right in every octet; -1 says: look closer. */
  #plainEntryEnd(at: number): number {
    const { bytes } = this;
    const length = bytes[at + 1]!;
    const entryEnd = at + 2 + length;
    if (bytes[at] !== TAG.SEQUENCE || length >= 0x80 || entryEnd > this.end) return -1;
    const serialLength = bytes[at + 3]!;
    const time = at + 4 + serialLength;
    if (bytes[at + 2] !== TAG.INTEGER || serialLength === 0 || serialLength >= 0x80 || time + 15 > entryEnd) return -1;
    const first = bytes[at + 4]!;
    if (serialLength > 1 && (first === 0 || first === 0xff)) {
      // X.690 §8.3.2: the first nine bits are neither all zeros nor all ones.
      if (first >>> 7 === bytes[at + 5]! >>> 7) return -1;
    }
    if (bytes[time] !== TAG.UTC_TIME || bytes[time + 1] !== 13 || !isUtcTime(bytes, time + 2)) return -1;
    if (time + 15 === entryEnd) return entryEnd;
    return isReasonOnly(bytes, time + 15, entryEnd) ? entryEnd : -1;
  }

  #anyEntryEnd(at: number): number {
    const { reader } = this;
    reader.position = at;
    const { crlEntryExtensions } = readRevokedCertificate(reader);
    const repeated = crlEntryExtensions.duplicates()[0];
    if (repeated !== undefined) {
      throw new DerError('bad-value', repeated.element.offset, `crlEntryExtensions has ${repeated.oid} twice`);
    }
    for (const extension of crlEntryExtensions.list) this.#entryExtension(at, extension);
    return reader.position;
  }

  #entryExtension(at: number, extension: Extension): void {
    switch (extension.oid) {
      case certificateIssuer.oid:
        this.#certificateIssuer(at, extension);
        return;
      case reasonCode.oid:
        extension.valueAs(reasonCode);
        return;
      case invalidityDate.oid:
        extension.valueAs(invalidityDate);
        return;
      default:
        // RFC 5280 §5.3: "If a CRL contains a critical CRL entry extension that the application cannot process, then
        // the application MUST NOT use that CRL to determine the status of any certificates."
        if (extension.critical) this.unknownCritical ??= { offset: extension.element.offset, oid: extension.oid };
    }
  }

  #certificateIssuer(at: number, extension: Extension): void {
    // Many CAs repeat the issuer in every entry: the same bytes mean the same and need not be read again.
    if (this.#issuer?.sameBytes(extension.extnValue) === true) return;
    if (this.issuerChanges.length === MOST_ISSUERS) {
      throw new DerError('too-many', at, `the certificate issuer changes more than ${MOST_ISSUERS} times`);
    }
    // Read now, so that no look-up stumbles over it later.
    for (const name of directoryNames(extension)) void name.canonical;
    this.#issuer = extension.extnValue;
    this.issuerChanges.push(at);
  }
}

/** The names in a certificateIssuer entry extension; other kinds of names identify no certificate issuer. */
function directoryNames(extension: Extension): Name[] {
  const { names } = extension.valueAs(certificateIssuer);
  return names.flatMap((name) => (name.kind === 'directoryName' ? [name.name] : []));
}

function isReasonOnly(bytes: Uint8Array, at: number, entryEnd: number): boolean {
  if (entryEnd - at !== REASON_PREFIX.length + 1) return false;
  for (let i = 0; i < REASON_PREFIX.length; i++) if (bytes[at + i] !== REASON_PREFIX[i]) return false;
  return true;
}

// YYMMDDHHMMSSZ. Days after the 28th are left to the closer look.
function isUtcTime(bytes: Uint8Array, at: number): boolean {
  const month = twoDigits(bytes, at + 2);
  const day = twoDigits(bytes, at + 4);
  return (
    twoDigits(bytes, at) <= 99 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= 28 &&
    twoDigits(bytes, at + 6) <= 23 &&
    twoDigits(bytes, at + 8) <= 59 &&
    twoDigits(bytes, at + 10) <= 59 &&
    bytes[at + 12] === 0x5a
  );
}

/** 0 to 99; 1000 where they are no digits. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - 0x30;
  const ones = bytes[at + 1]! - 0x30;
  return tens >>> 0 > 9 || ones >>> 0 > 9 ? 1000 : tens * 10 + ones;
}
