import type { CheckOptions } from '../../core/check/options.ts';

export type RecordForm = 'pem' | 'jsonl' | 'der';

/** What a worker is told once; everything in it can be cloned. */
export interface WorkerSettings {
  readonly options: Omit<CheckOptions, 'fleet'> & { readonly at: string };
  /** Reports are called `NAME#1`, `NAME#2` … */
  readonly name: string;
}

/** Whole records, in the order of the stream. */
export interface Chunk {
  readonly sequence: number;
  readonly form: RecordForm;
  readonly bytes: Uint8Array;
  /** The number of the first record, counted from 1. */
  readonly firstRecord: number;
  /** The line of the stream that `bytes` begins with, counted from 1. */
  readonly firstLine: number;
}

export interface Tally {
  total: number;
  accepted: number;
  unsupported: number;
  refused: number;
  /** Blocks that are no certificates, passed over. */
  passedOver: number;
  /** By rule and status: in how many certificates. */
  readonly byRule: Record<string, Record<string, number>>;
}

export const emptyTally = (): Tally => ({
  total: 0,
  accepted: 0,
  unsupported: 0,
  refused: 0,
  passedOver: 0,
  byRule: {},
});

export function addTally(sum: Tally, part: Tally): void {
  sum.total += part.total;
  sum.accepted += part.accepted;
  sum.unsupported += part.unsupported;
  sum.refused += part.refused;
  sum.passedOver += part.passedOver;
  for (const [rule, statuses] of Object.entries(part.byRule)) {
    const into = (sum.byRule[rule] ??= {});
    for (const [status, count] of Object.entries(statuses)) into[status] = (into[status] ?? 0) + count;
  }
}

/** A chunk judged: its reports as JSON, one a line. */
export interface JudgedChunk {
  readonly sequence: number;
  readonly lines: Uint8Array;
  readonly tally: Tally;
}

/** A worker that cannot go on. */
export interface WorkerFailure {
  readonly failure: string;
}
