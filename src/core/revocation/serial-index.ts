import type { EntryTable } from './entry-table.ts';

// With about one entry to a bucket, honest serials fill none with more than a dozen.
const CROWDED = 16;

/**
 * Finds entries by serial number: the offsets of all entries, grouped by a hash of the serial's octets. A bucket that
 * is crowded (a CRL made to hurt) is sorted by serial, so that a look-up never costs more than a binary search in it.
 */
export class SerialIndex {
  readonly #bytes: Uint8Array;
  /** Offsets of entries, bucket after bucket. */
  readonly #offsets: Uint32Array;
  /** Where each bucket begins; one more than there are buckets. */
  readonly #starts: Uint32Array;
  readonly #mask: number;

  constructor(table: EntryTable) {
    const { bytes, offsets, count } = table;
    let buckets = 1;
    while (buckets < count) buckets *= 2;
    this.#bytes = bytes;
    this.#mask = buckets - 1;
    const mask = buckets - 1;
    const hashes = new Uint32Array(count);
    const starts = new Uint32Array(buckets + 1);
    for (let i = 0; i < count; i++) {
      const at = integerAt(bytes, offsets[i]!) + 1;
      const start = at + lengthOctets(bytes, at);
      const bucket = hashOf(bytes, start, start + lengthAt(bytes, at)) & mask;
      hashes[i] = bucket;
      starts[bucket + 1]!++;
    }
    for (let i = 1; i <= buckets; i++) starts[i]! += starts[i - 1]!;
    this.#starts = starts;
    this.#offsets = scatter(offsets, hashes, starts, count);
    this.#sortCrowded();
  }

  /**
   * Hands the offsets of all entries with these content octets as userCertificate to `visit`, in document order, until
   * it says that it has enough.
   */
  find(serial: Uint8Array, visit: (offset: number) => boolean): void {
    const bucket = hashOf(serial, 0, serial.length) & this.#mask;
    const start = this.#starts[bucket] ?? 0;
    const end = this.#starts[bucket + 1] ?? 0;
    const crowded = end - start > CROWDED;
    for (let at = crowded ? this.#lowerBound(start, end, serial) : start; at < end; at++) {
      const offset = this.#offsets[at]!;
      if (!serialEquals(this.#bytes, offset, serial)) {
        if (crowded) return;
      } else if (visit(offset)) return;
    }
  }

  #sortCrowded(): void {
    const starts = this.#starts;
    for (let bucket = 0; bucket <= this.#mask; bucket++) {
      if (starts[bucket + 1]! - starts[bucket]! <= CROWDED) continue;
      this.#offsets
        .subarray(starts[bucket]!, starts[bucket + 1]!)
        .sort((a, b) => compareSerials(this.#bytes, a, b) || a - b);
    }
  }

  /** The first place whose serial is not before `serial`. */
  #lowerBound(from: number, to: number, serial: Uint8Array): number {
    let low = from;
    let high = to;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareSerialTo(this.#bytes, this.#offsets[middle]!, serial) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Stable: entries of one bucket stay in document order. */
function scatter(offsets: Uint32Array, hashes: Uint32Array, starts: Uint32Array, count: number): Uint32Array {
  const next = starts.slice();
  const grouped = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const bucket = hashes[i]!;
    grouped[next[bucket]!] = offsets[i]!;
    next[bucket]!++;
  }
  return grouped;
}

// An entry begins with the header of its SEQUENCE, whose length takes one octet or more, and then comes the INTEGER.
const integerAt = (bytes: Uint8Array, offset: number): number => offset + 1 + lengthOctets(bytes, offset + 1);

const lengthOctets = (bytes: Uint8Array, at: number): number => (bytes[at]! < 0x80 ? 1 : 1 + (bytes[at]! & 0x7f));

function lengthAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return first;
  let length = 0;
  for (let i = 1; i <= (first & 0x7f); i++) length = length * 256 + bytes[at + i]!;
  return length;
}

/** Of the last eight octets and the length: enough for honest serials, and dishonest ones are sorted. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let high = end - start;
  let low = 0;
  for (let i = end - 8 > start ? end - 8 : start; i < end; i++) {
    high = (high << 8) | (low >>> 24);
    low = (low << 8) | bytes[i]!;
  }
  // The finaliser of MurmurHash3, so that counted serials and random ones both spread.
  let hash = Math.imul(high, 0x9e3779b1) ^ low;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Whether the entry at `offset` carries exactly these content octets as userCertificate. */
export function serialEquals(bytes: Uint8Array, offset: number, serial: Uint8Array): boolean {
  return compareSerialTo(bytes, offset, serial) === 0;
}

/** Shorter serials first, equally long ones by their octets. */
function compareSerialTo(bytes: Uint8Array, offset: number, serial: Uint8Array): number {
  const at = integerAt(bytes, offset) + 1;
  const length = lengthAt(bytes, at);
  if (length !== serial.length) return length - serial.length;
  const start = at + lengthOctets(bytes, at);
  for (let i = 0; i < length; i++) {
    const difference = bytes[start + i]! - serial[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareSerials(bytes: Uint8Array, a: number, b: number): number {
  const at = integerAt(bytes, b) + 1;
  const start = at + lengthOctets(bytes, at);
  return compareSerialTo(bytes, a, bytes.subarray(start, start + lengthAt(bytes, at)));
}
