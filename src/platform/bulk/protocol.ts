import type { Status, Verdict } from '../../core/base/finding.ts';
import type { CheckOptions } from '../../core/check/options.ts';
import type { FormatName, FormatOptions } from '../../core/check/report-format.ts';
import type { FleetClaims } from '../../core/check/run-fleet.ts';

/** `whole`: a record that is none of the others, to be said what it is. */
export type RecordForm = 'pem' | 'jsonl' | 'der' | 'whole';

/** `digest`: one JSON text a line, for reports with a problem only, and no more of them than a line for people needs. */
export type BulkFormat = FormatName | 'digest';

/** A line of `digest`. */
export interface Digest {
  readonly bundle: string;
  readonly verdict: Verdict;
  /** What leads the report. */
  readonly rule: string;
  readonly status: Status;
  readonly message: string;
  /** How many problems there are beside it. */
  readonly more: number;
}

/** What a worker is told once; everything in it can be cloned. */
export interface WorkerSettings {
  readonly options: Omit<CheckOptions, 'fleet'> & { readonly at: string };
  /** Reports are called `NAME#1`, `NAME#2` … */
  readonly name: string;
  readonly format: BulkFormat;
  readonly formatOptions: FormatOptions;
}

/** Whole records, in the order of the stream. */
export interface Chunk {
  readonly sequence: number;
  readonly form: RecordForm;
  readonly bytes: Uint8Array;
  /** The number of the first record, counted from 1. */
  readonly firstRecord: number;
}

export interface Tally {
  total: number;
  accepted: number;
  unsupported: number;
  refused: number;
  /** Reports in which a rule could not be checked. */
  incomplete: number;
  /** Blocks that are no certificates, passed over. */
  passedOver: number;
  /** By rule and status of a problem: in how many certificates. */
  readonly byRule: Record<string, Record<string, number>>;
}

export const emptyTally = (): Tally => ({
  total: 0,
  accepted: 0,
  unsupported: 0,
  refused: 0,
  incomplete: 0,
  passedOver: 0,
  byRule: {},
});

export function addTally(sum: Tally, part: Tally): void {
  sum.total += part.total;
  sum.accepted += part.accepted;
  sum.unsupported += part.unsupported;
  sum.refused += part.refused;
  sum.incomplete += part.incomplete;
  sum.passedOver += part.passedOver;
  for (const [rule, statuses] of Object.entries(part.byRule)) {
    const into = (sum.byRule[rule] ??= {});
    for (const [status, count] of Object.entries(statuses)) into[status] = (into[status] ?? 0) + count;
  }
}

/** A chunk judged: its reports, written in the format of the run, from the beginning of memory that is theirs alone. */
export interface JudgedChunk {
  readonly sequence: number;
  readonly output: Uint8Array;
  readonly tally: Tally;
}

/** What a worker does; everything in it can be cloned. */
export type Job =
  | { readonly kind: 'chunks'; readonly settings: WorkerSettings }
  | { readonly kind: 'bundles'; readonly settings: BundleSettings };

export type WorkerAnswer<Answer> = { readonly answer: Answer } | { readonly failure: string };

/** The memory of the chunk, and `memory` for the output, are handed over with it. */
export interface ChunkTask {
  readonly chunk: Chunk;
  readonly memory: ArrayBuffer | undefined;
}

/** All memory comes back, to be used again. */
export interface ChunkAnswer {
  readonly judged: JudgedChunk;
  readonly chunkMemory: ArrayBuffer;
}

/** What all bundles of a run are judged by. */
export interface BundleSettings {
  readonly options: Omit<CheckOptions, 'fleet' | 'crlSource' | 'heldCrls'> & { readonly at: Date | string };
  readonly passphrase: Uint8Array | undefined;
  /** What the bundles of the run claim, where there are several. */
  readonly claims: FleetClaims | undefined;
}

/** The files of one bundle. */
export interface BundleTask {
  readonly name: string;
  readonly crt: Uint8Array;
  readonly key: Uint8Array | undefined;
  readonly chain: Uint8Array | undefined;
}
