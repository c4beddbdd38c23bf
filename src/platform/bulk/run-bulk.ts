import { availableParallelism } from 'node:os';
import { chunksOf } from './chunks.ts';
import { createChunkJudge } from './judge-chunk.ts';
import { addTally, type Chunk, emptyTally, type JudgedChunk, type Tally, type WorkerSettings } from './protocol.ts';
import { WorkerPool } from './worker-pool.ts';

// Beyond what is being judged, so that no worker waits; bounds the memory whatever the length of the stream.
const CHUNKS_AHEAD_PER_WORKER = 3;
// What is read of a stream without any certificate, to say what it is instead.
const WHOLE_BYTES = 256 * 1024;

export interface BulkRun extends WorkerSettings {
  readonly stream: AsyncIterable<Uint8Array>;
  /** Gets the reports in the order of the stream, in the run's format; the next come when it is done. */
  readonly write: (output: Uint8Array, tally: Tally) => Promise<void> | void;
  /** Default: one per core. */
  readonly workers?: number;
}

/** Judges chunks, wherever that happens. */
interface Judge {
  judge(chunk: Chunk): Promise<JudgedChunk>;
  /** How many it judges at a time. */
  readonly size: number;
  close(): Promise<unknown>;
}

/**
 * Judges every certificate of a stream by itself, on all cores, in constant memory. A stream without any certificate
 * gets one report, which says what it is.
 * @throws {BulkError}, and whatever the stream or `write` throw
 */
export async function runBulk(run: BulkRun): Promise<Tally> {
  const sum = emptyTally();
  const chunks = chunksOf(run.stream);
  const first = await chunks.next();
  const second = first.done === true ? first : await chunks.next();
  // A second chunk pays for the start of workers.
  const judge = second.done === true ? judgeHere(run) : new WorkerPool(run, run.workers ?? availableParallelism());
  const waiting: Promise<JudgedChunk>[] = [];
  const writeFirst = async (): Promise<void> => {
    const { output, tally } = await waiting.shift()!;
    addTally(sum, tally);
    await run.write(output, tally);
  };
  const begun = [first, second].flatMap(({ done, value }) => (done === true ? [] : [value]));
  try {
    for await (const chunk of chained(begun, chunks)) {
      const judged = judge.judge(chunk);
      // Waited for in order; one that fails early must not count as unhandled until then.
      judged.catch(() => undefined);
      waiting.push(judged);
      if (waiting.length >= judge.size * CHUNKS_AHEAD_PER_WORKER) await writeFirst();
    }
    while (waiting.length > 0) await writeFirst();
    if (sum.total === 0) {
      const bytes = (begun[0]?.bytes ?? new Uint8Array()).slice(0, WHOLE_BYTES);
      waiting.push(judge.judge({ sequence: -1, form: 'whole', bytes, firstRecord: 1 }));
      await writeFirst();
    }
    return sum;
  } finally {
    await judge.close();
  }
}

function judgeHere(run: WorkerSettings): Judge {
  const judge = createChunkJudge(run);
  return { judge, size: 1, close: async () => undefined };
}

async function* chained<T>(begun: readonly T[], rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield* begun;
  yield* rest;
}
