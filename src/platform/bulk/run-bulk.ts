import { availableParallelism } from 'node:os';
import { chunksOf } from './chunks.ts';
import { createChunkJudge } from './judge-chunk.ts';
import { addTally, type Chunk, emptyTally, type JudgedChunk, type Tally, type WorkerSettings } from './protocol.ts';
import { type Memory, WorkerPool } from './worker-pool.ts';

/** Starting threads costs as much as judging for this long: only a run that has taken that long may be worth it. */
const START_AFTER_MS = 80;
/** And only one that would take so much longer without them. */
const WORTH_MS = 300;
/** What is read of a stream without any certificate, to say what it is instead. */
const WHOLE_BYTES = 256 * 1024;

export interface BulkRun extends WorkerSettings {
  /** Its pieces are copied, so each may be overwritten by the next. */
  readonly stream: AsyncIterable<Uint8Array>;
  /** Bytes of the stream; undefined where nobody knows. */
  readonly size?: number | undefined;
  /**
   * Gets the reports in the order of the stream, in the run's format; the next come when it is done, and are then
   * written over these.
   */
  readonly write: (output: Uint8Array, tally: Tally) => Promise<void> | void;
  /** Threads beside this one, which judges, too. Default: one for each core but one. */
  readonly workers?: number;
}

/**
 * Judges every certificate of a stream by itself, on all cores where that is quicker, in constant memory. A stream
 * without any certificate gets one report, which says what it is.
 * @throws {BulkError}, and whatever the stream or `write` throw
 */
export async function runBulk(run: BulkRun): Promise<Tally> {
  const memory: Memory = { chunks: [], outputs: [] };
  const crew = new Crew(run, memory);
  const queue = new Queue(run, memory);
  let start: Uint8Array | undefined;
  try {
    for await (const chunk of chunksOf(run.stream, memory.chunks)) {
      start ??= queue.sum.total === 0 ? chunk.bytes.slice(0, WHOLE_BYTES) : undefined;
      queue.add(crew.judge(chunk));
      await queue.write(crew.most);
    }
    await queue.write(0);
    if (queue.sum.total === 0) {
      const bytes = start ?? new Uint8Array();
      queue.add(crew.judge({ sequence: -1, form: 'whole', bytes, firstRecord: 1 }));
      await queue.write(0);
    }
    return queue.sum;
  } finally {
    await crew.close();
  }
}

/** What is being judged, in the order of the stream. */
class Queue {
  readonly sum = emptyTally();
  readonly #run: BulkRun;
  readonly #memory: Memory;
  readonly #waiting: { judged: Promise<JudgedChunk>; isDone: boolean }[] = [];

  constructor(run: BulkRun, memory: Memory) {
    this.#run = run;
    this.#memory = memory;
  }

  add(judged: Promise<JudgedChunk>): void {
    const entry = { judged, isDone: false };
    const done = (): void => void (entry.isDone = true);
    // Waited for in order; one that fails early must not count as unhandled until then.
    judged.then(done, done);
    this.#waiting.push(entry);
  }

  /** Writes what is done, and waits for the rest until no more than `most` are waiting. */
  async write(most: number): Promise<void> {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (!first.isDone && this.#waiting.length <= most) return;
      const { output, tally } = await first.judged;
      this.#waiting.shift();
      addTally(this.sum, tally);
      await this.#run.write(output, tally);
      this.#memory.outputs.push(output.buffer as ArrayBuffer);
    }
  }
}

/** Who judges: this thread alone at first, which is all that a short run needs, and workers beside it when they pay. */
class Crew {
  readonly #run: BulkRun;
  readonly #memory: Memory;
  readonly #judgeHere: ReturnType<typeof createChunkJudge>;
  readonly #size: number;
  #pool: WorkerPool | undefined;
  #spentMs = 0;
  #readBytes = 0;

  constructor(run: BulkRun, memory: Memory) {
    this.#run = run;
    this.#memory = memory;
    this.#judgeHere = createChunkJudge(run);
    this.#size = run.workers ?? availableParallelism() - 1;
  }

  /** How many chunks may wait to be written: so many are in the hands of others. */
  get most(): number {
    return this.#pool === undefined ? 0 : 4 * this.#size;
  }

  /** Judges with whoever is least busy: with us only where all others have enough to do. */
  judge(chunk: Chunk): Promise<JudgedChunk> {
    this.#readBytes += chunk.bytes.length;
    return this.#pool?.hasRoom === true ? this.#pool.judge(chunk) : this.#here(chunk);
  }

  async #here(chunk: Chunk): Promise<JudgedChunk> {
    const started = performance.now();
    const judged = await this.#judgeHere(chunk, this.#memory.outputs.pop());
    this.#memory.chunks.push(chunk.bytes.buffer as ArrayBuffer);
    const took = performance.now() - started;
    this.#spentMs += took;
    if (this.#pool === undefined && this.#isWorthMore(chunk.bytes.length / took)) {
      this.#pool = new WorkerPool(this.#run, this.#size, this.#memory);
    }
    return judged;
  }

  /** @param pace bytes in a millisecond: that of the last chunk, since the first ones are slow */
  #isWorthMore(pace: number): boolean {
    if (this.#size < 1 || this.#spentMs < START_AFTER_MS) return false;
    // Where nobody knows how much is to come, as much again is a fair guess.
    const left = this.#run.size === undefined ? this.#readBytes : this.#run.size - this.#readBytes;
    return left / pace > WORTH_MS;
  }

  async close(): Promise<void> {
    await this.#pool?.close();
  }
}
