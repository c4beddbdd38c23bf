import { readSingle } from '../der/element.ts';
import { DerError } from '../der/errors.ts';
import { TAG } from '../der/tags.ts';
import { type CertificateList, parseCrl, type RevokedCertificate } from '../x509/crl.ts';
import { type CRLReason, reasonCode } from '../x509/extensions/reason-code.ts';
import { Name } from '../x509/name.ts';
import { EntryTable } from './entry-table.ts';
import { SerialIndex, serialEquals } from './serial-index.ts';

/** What a CRL says about one serial number. */
export interface Listing {
  readonly reason: CRLReason | undefined;
  /** Seconds since 1970. */
  readonly revocationDate: number;
  readonly entry: RevokedCertificate;
}

export interface OpenOptions {
  /**
   * `second-question` (default): the first look-up walks over the entries, the second makes the index. `now`: made at
   * once, for a CRL that is shared by many. `never`: for one question and the least memory.
   */
  readonly index?: 'now' | 'second-question' | 'never';
  /**
   * `now` (default): every entry is read in opening. `later`: on first use, which may then throw DerError; for a CRL
   * whose signature is looked at first, so that only its CA can make us read a hundred megabytes.
   */
  readonly entries?: 'now' | 'later';
}

/**
 * A CRL of any size, held as its raw bytes and the places of its entries, opened once and shared by everybody who asks.
 * Every entry has been read strictly (see `OpenOptions`); nothing is said about who signed it.
 */
export class OpenCrl {
  readonly list: CertificateList;
  readonly #mode: 'now' | 'second-question' | 'never';
  #entries: EntryTable | undefined;
  #asked = false;
  #index: SerialIndex | undefined;
  #issuerNames: (readonly Name[] | undefined)[] = [];

  /** @throws {DerError} where the CRL, or any entry of it, is not strict DER of RFC 5280 §5.1. */
  constructor(der: Uint8Array, options: OpenOptions = {}) {
    this.list = parseCrl(der);
    // Read now: whoever speaks of the CRL names its issuer.
    void this.list.issuer.canonical;
    this.#mode = options.index ?? 'second-question';
    if (this.#mode === 'now') this.#index = new SerialIndex(this.entries);
    else if (options.entries !== 'later') this.#entries = new EntryTable(this.list);
  }

  get entries(): EntryTable {
    return (this.#entries ??= new EntryTable(this.list));
  }

  get issuer(): Name {
    return this.list.issuer;
  }

  /**
   * Is that certificate listed? `serial` is the number, or its octets as they stand in the certificate or as an
   * unsigned number; `issuer` is the DER Name of the certificate's issuer, by default the CRL's own. Neither the CRL's
   * signature nor its dates nor its scope are looked at: `checkRevocation` does that.
   * @throws {DerError} where `issuer` is no Name, or `serial` has no octets.
   * @throws {TypeError} where `serial` is neither a bigint nor octets.
   */
  isRevoked(serial: bigint | Uint8Array, issuer?: Uint8Array): { revoked: boolean; reason?: CRLReason; date?: Date } {
    const name = issuer === undefined ? this.issuer : new Name(readSingle(issuer, TAG.SEQUENCE, 'issuer'));
    for (const octets of serialForms(serial)) {
      const listing = this.find(octets, name);
      if (listing === undefined) continue;
      const { reason, revocationDate } = listing;
      return {
        revoked: reason !== 'removeFromCRL',
        ...(reason === undefined ? {} : { reason }),
        date: new Date(revocationDate * 1000),
      };
    }
    return { revoked: false };
  }

  /** The entry for the certificate with these serial octets (content of its INTEGER) and this issuer. */
  find(serial: Uint8Array, issuer: Name): Listing | undefined {
    let found: Listing | undefined;
    this.#visit(serial, (offset) => {
      if (!this.#issuersAt(offset).some((name) => name.equals(issuer))) return false;
      const entry = this.entries.entryAt(offset);
      const reason = entry.crlEntryExtensions.get(reasonCode)?.reason;
      // Listed twice, the entry that revokes counts, wherever it stands.
      const revokes = reason !== 'removeFromCRL';
      if (revokes || found === undefined) found = { reason, revocationDate: entry.revocationDate.seconds, entry };
      return revokes;
    });
    return found;
  }

  /** Entries with this serial, in document order, until `visit` has enough. */
  #visit(serial: Uint8Array, visit: (offset: number) => boolean): void {
    if (this.#asked && this.#mode !== 'never') this.#index ??= new SerialIndex(this.entries);
    this.#asked = true;
    if (this.#index !== undefined) return this.#index.find(serial, visit);
    const { bytes, offsets, count } = this.entries;
    for (let i = 0; i < count; i++) if (serialEquals(bytes, offsets[i]!, serial) && visit(offsets[i]!)) return;
  }

  // RFC 5280 §5.3.3: "If this extension is not present on the first entry in an indirect CRL, the certificate issuer
  // defaults to the CRL issuer. On subsequent entries … the certificate issuer for the entry is the same as that for the
  // preceding entry."
  #issuersAt(offset: number): readonly Name[] {
    const changes = this.entries.issuerChanges;
    let low = 0;
    let high = changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (changes[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return [this.issuer];
    return (this.#issuerNames[low - 1] ??= this.entries.issuersNamedAt(changes[low - 1]!));
  }

  /** The issuers that an entry belongs to, for showing it. */
  certificateIssuers(entry: RevokedCertificate): readonly Name[] {
    return this.#issuersAt(entry.element.offset);
  }
}

/** Opens a DER CRL; see `OpenCrl`. */
export const openCrl = (der: Uint8Array, options?: OpenOptions): OpenCrl => new OpenCrl(der, options);

/** Content octets of the INTEGERs that can be meant. */
function serialForms(serial: bigint | Uint8Array): Uint8Array[] {
  if (typeof serial === 'bigint') return [integerOctets(serial)];
  if (!ArrayBuffer.isView(serial)) throw new TypeError('`serial` is neither a bigint nor a Uint8Array');
  if (serial.length === 0) throw new DerError('bad-integer', 0, 'a serial number has no octets');
  let start = 0;
  while (start < serial.length - 1 && serial[start] === 0) start++;
  const magnitude = serial.subarray(start);
  if (magnitude[0]! < 0x80) return [magnitude];
  const unsigned = new Uint8Array(magnitude.length + 1);
  unsigned.set(magnitude, 1);
  // With its high bit set and no zero before it, it is a negative INTEGER or a number without sign octet. Both are
  // looked for: taking one for the other must not hide a revocation.
  return start > 0 ? [unsigned] : [unsigned, magnitude];
}

/** Two's complement in as few octets as it takes. */
function integerOctets(value: bigint): Uint8Array {
  let length = 1;
  while (BigInt.asIntN(length * 8, value) !== value) length++;
  const octets = new Uint8Array(length);
  for (let i = length - 1, rest = value; i >= 0; i--, rest >>= 8n) octets[i] = Number(rest & 0xffn);
  return octets;
}
