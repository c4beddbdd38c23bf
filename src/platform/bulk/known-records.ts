import type { Report } from '../../core/base/finding.ts';

// A scan of a network finds the same certificate on many machines, and a proxy's log on every line. So many different
// ones are kept by each thread, twice over; the memory for them stays what it is however long the stream.
const MOST_KEPT = 512;
/** Of records and what was written about them: what real ones need, and a bound for those made to fill the memory. */
const MOST_BYTES_KEPT = 8 * 1024 * 1024;
/** For a report of which nothing written is kept. */
const REPORT_BYTES = 16 * 1024;
/** Real ones have 1 to 8 KB and reports of about as much; what is larger is judged each time. */
const LARGEST_KEPT = 16 * 1024;
/** The first ones are kept at once: a short list that is repeated is judged once. */
const KEPT_AT_ONCE = 256;
/** Later ones are remembered by a number alone until they come again: 64 KB for the last sixteen thousand. */
const MARKS = 16 * 1024;
const HASHED_OCTETS = 32;

/** What was found about a record. */
export interface Kept {
  readonly octets: Buffer;
  readonly report: Report;
  /** What was written about it, but for its name; undefined where a format writes the name more than once. */
  readonly written: Uint8Array | undefined;
  /** How often it came in the chunk at hand. */
  times: number;
}

/** A range of octets that tells a record from every other. */
export interface Identity {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/**
 * Records that come again, compared octet by octet before anything of them is decoded. What comes once, as everything in
 * an export without repetitions does, costs no more than a mark: keeping every report would cost more than making it.
 */
export class KnownRecords {
  #recent = new Map<number, Kept>();
  #older = new Map<number, Kept>();
  readonly #marks = new Int32Array(MARKS);
  #hash = 0;
  #keptAtOnce = 0;
  #recentBytes = 0;

  /** What is kept about this record. */
  find(record: Identity): Kept | undefined {
    const hash = (this.#hash = hashOf(record));
    const kept = this.#recent.get(hash);
    if (kept !== undefined) return isSame(kept.octets, record) ? kept : undefined;
    const older = this.#older.get(hash);
    if (older === undefined || !isSame(older.octets, record)) return undefined;
    this.#put(hash, older);
    return older;
  }

  /** Whether what is found about the record that was looked for last, in vain, is worth keeping. */
  isWorthKeeping({ start, end }: Identity): boolean {
    if (end - start > LARGEST_KEPT) return false;
    if (this.#keptAtOnce < KEPT_AT_ONCE) return this.#keptAtOnce++ >= 0;
    const hash = this.#hash;
    const slot = hash & (MARKS - 1);
    if (this.#marks[slot] === hash) return true;
    this.#marks[slot] = hash;
    return false;
  }

  /** Keeps what was found about the record that was looked for last. */
  keep({ bytes, start, end }: Identity, report: Report, written: Uint8Array | undefined): void {
    if (written !== undefined && written.length > 4 * LARGEST_KEPT) return;
    const octets = Buffer.from(bytes.subarray(start, end));
    this.#put(this.#hash, { octets, report, written, times: 0 });
  }

  #put(hash: number, kept: Kept): void {
    if (this.#recent.size >= MOST_KEPT || this.#recentBytes >= MOST_BYTES_KEPT) {
      this.#older = this.#recent;
      this.#recent = new Map();
      this.#recentBytes = 0;
    }
    this.#recentBytes += kept.octets.length + (kept.written?.length ?? REPORT_BYTES);
    this.#recent.set(hash, kept);
  }
}

const isSame = (octets: Buffer, { bytes, start, end }: Identity): boolean =>
  octets.length === end - start && octets.compare(bytes, start, end) === 0;

/** Of the length and the last octets: there is the signature, which no two certificates share. Never 0. */
function hashOf({ bytes, start, end }: Identity): number {
  let hash = end - start;
  for (let i = Math.max(start, end - HASHED_OCTETS); i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return (hash ^ (hash >>> 15)) | 1;
}
