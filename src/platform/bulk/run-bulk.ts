import { chunksOf } from './chunks.ts';
import { Crew, type Helpers, inOrder } from './crew.ts';
import { createChunkJudge } from './judge-chunk.ts';
import {
  addTally,
  type Chunk,
  type ChunkAnswer,
  type ChunkTask,
  emptyTally,
  type JudgedChunk,
  type Tally,
  type WorkerSettings,
} from './protocol.ts';
import { WorkerPool } from './worker-pool.ts';

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
  /** Threads beside this one, which judges, too. Default: none until they pay, then one for each core but one. */
  readonly workers?: number;
}

/** Memory that is used again and again, so that none has to be made. */
interface Memory {
  readonly chunks: ArrayBuffer[];
  /** For what is written about them. */
  readonly outputs: ArrayBuffer[];
}

/**
 * Judges every certificate of a stream by itself, on all cores where that is quicker, in constant memory. A stream
 * without any certificate gets one report, which says what it is.
 * @throws {BulkError}, and whatever the stream or `write` throw
 */
export async function runBulk(run: BulkRun): Promise<Tally> {
  const sum = emptyTally();
  const memory: Memory = { chunks: [], outputs: [] };
  const crew = crewOf(run, memory);
  const start: Uint8Array[] = [];
  const write = async ({ output, tally }: JudgedChunk): Promise<void> => {
    addTally(sum, tally);
    await run.write(output, tally);
    memory.outputs.push(output.buffer as ArrayBuffer);
  };
  try {
    for await (const judged of inOrder(keepingStart(chunksOf(run.stream, memory.chunks), start), crew)) {
      await write(judged);
    }
    if (sum.total === 0) {
      const bytes = start[0] ?? new Uint8Array();
      await write(await crew.judge({ sequence: -1, form: 'whole', bytes, firstRecord: 1 }));
    }
    return sum;
  } finally {
    await crew.close();
  }
}

/** The same chunks; a copy of where the first one begins is put into `start`, since its memory is used again. */
async function* keepingStart(chunks: AsyncIterable<Chunk>, start: Uint8Array[]): AsyncGenerator<Chunk> {
  for await (const chunk of chunks) {
    if (start.length === 0) start.push(chunk.bytes.slice(0, WHOLE_BYTES));
    yield chunk;
  }
}

function crewOf(run: BulkRun, memory: Memory): Crew<Chunk, JudgedChunk> {
  const judge = createChunkJudge(run);
  return new Crew<Chunk, JudgedChunk>({
    async here(chunk) {
      const judged = await judge(chunk, memory.outputs.pop());
      memory.chunks.push(chunk.bytes.buffer as ArrayBuffer);
      return judged;
    },
    helpers: run.workers,
    startHelpers: (size) => startHelpers(run, size, memory),
    weigh: ({ bytes }) => bytes.length,
    total: run.size,
  });
}

/** Workers, to which memory is handed over with each chunk, and which give it back. */
function startHelpers(run: BulkRun, size: number, memory: Memory): Helpers<Chunk, JudgedChunk> {
  const { options, name, format, formatOptions } = run;
  const settings: WorkerSettings = { options, name, format, formatOptions };
  const pool = new WorkerPool<ChunkTask, ChunkAnswer>({ kind: 'chunks', settings }, size);
  return {
    get hasRoom() {
      return pool.hasRoom;
    },
    async judge(chunk) {
      const task: ChunkTask = { chunk, memory: memory.outputs.pop() };
      const handedOver = [chunk.bytes.buffer as ArrayBuffer, ...(task.memory === undefined ? [] : [task.memory])];
      const { judged, chunkMemory } = await pool.ask(task, handedOver);
      memory.chunks.push(chunkMemory);
      return judged;
    },
    close: () => pool.close(),
  };
}
