import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { chunksOf } from './chunks.ts';
import {
  addTally,
  type Chunk,
  emptyTally,
  type JudgedChunk,
  type Tally,
  type WorkerFailure,
  type WorkerSettings,
} from './protocol.ts';

// Beyond what is being judged, so that no worker waits; bounds the memory whatever the length of the stream.
const CHUNKS_AHEAD_PER_WORKER = 3;

export interface BulkRun extends WorkerSettings {
  readonly stream: AsyncIterable<Uint8Array>;
  /** Gets the reports in the order of the stream, one JSON text a line; the next come when it is done. */
  readonly write: (lines: Uint8Array, tally: Tally) => Promise<void> | void;
  /** Default: one per core. */
  readonly workers?: number;
  /** Stops the run where it is. */
  readonly signal?: AbortSignal;
}

/** Our own failure: a worker died. What was written until then is complete and in order. */
export class BulkError extends Error {
  override readonly name = 'BulkError';
}

/**
 * Judges every certificate of a stream by itself, on all cores, in constant memory.
 * @throws {BulkError}, and whatever the stream or `write` throw
 */
export async function runBulk(run: BulkRun): Promise<Tally> {
  const pool = new WorkerPool(run, run.workers ?? availableParallelism());
  const sum = emptyTally();
  const waiting: Promise<JudgedChunk>[] = [];
  const writeFirst = async (): Promise<void> => {
    const { lines, tally } = await waiting.shift()!;
    addTally(sum, tally);
    await run.write(lines, tally);
  };
  try {
    for await (const chunk of chunksOf(run.stream)) {
      if (run.signal?.aborted) break;
      const judged = pool.judge(chunk);
      // Waited for in order; one that fails early must not count as unhandled until then.
      judged.catch(() => undefined);
      waiting.push(judged);
      if (waiting.length >= pool.size * CHUNKS_AHEAD_PER_WORKER) await writeFirst();
    }
    while (waiting.length > 0 && run.signal?.aborted !== true) await writeFirst();
    return sum;
  } finally {
    await pool.close();
  }
}

interface Member {
  readonly worker: Worker;
  readonly assigned: { resolve: (judged: JudgedChunk) => void; reject: (error: Error) => void }[];
}

class WorkerPool {
  readonly #members: Member[];

  constructor({ options, name }: WorkerSettings, size: number) {
    const settings: WorkerSettings = { options, name };
    this.#members = Array.from({ length: size }, () => startMember(settings));
  }

  get size(): number {
    return this.#members.length;
  }

  /** Hands the chunk to the least busy worker; its bytes move there. */
  judge(chunk: Chunk): Promise<JudgedChunk> {
    const member = this.#members.reduce((least, next) => (next.assigned.length < least.assigned.length ? next : least));
    // The bytes are a view of a larger read: a copy of their own can be handed over.
    const bytes = new Uint8Array(chunk.bytes);
    return new Promise((resolve, reject) => {
      member.assigned.push({ resolve, reject });
      member.worker.postMessage({ ...chunk, bytes }, [bytes.buffer]);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map(({ worker }) => worker.terminate()));
  }
}

function startMember(settings: WorkerSettings): Member {
  const fromSource = import.meta.url.endsWith('.ts');
  const script = fromSource ? './bulk-worker.dev.mjs' : './bulk-worker.js';
  const worker = new Worker(new URL(script, import.meta.url), { workerData: settings });
  const member: Member = { worker, assigned: [] };
  const failAll = (reason: string): void => {
    for (const { reject } of member.assigned.splice(0)) reject(new BulkError(reason));
  };
  worker.on('message', (message: JudgedChunk | WorkerFailure) => {
    const next = member.assigned.shift();
    if ('failure' in message) next?.reject(new BulkError(`A worker failed: ${message.failure}`));
    else next?.resolve(message);
  });
  worker.on('error', (error) => failAll(`A worker failed: ${error.message}`));
  worker.on('exit', (code) => failAll(`A worker ended with ${code}.`));
  return member;
}
