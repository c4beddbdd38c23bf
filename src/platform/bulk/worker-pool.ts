import { Worker } from 'node:worker_threads';
import type { Chunk, JudgedChunk, JudgedMessage, Task, WorkerFailure, WorkerSettings } from './protocol.ts';

/** Our own failure: a worker died. What was written until then is complete and in order. */
export class BulkError extends Error {
  override readonly name = 'BulkError';
}

// The one that is judged, and enough beside it to last while this thread judges one itself.
const CHUNKS_AHEAD = 3;

/** Memory that is used again and again, so that none has to be made. */
export interface Memory {
  /** For chunks. */
  readonly chunks: ArrayBuffer[];
  /** For what is written about them. */
  readonly outputs: ArrayBuffer[];
}

interface Assigned {
  readonly resolve: (judged: JudgedChunk) => void;
  readonly reject: (error: Error) => void;
}

interface Member {
  readonly worker: Worker;
  readonly assigned: Assigned[];
  /** Why it judges nothing any more. */
  failure: BulkError | undefined;
}

/** Worker threads that judge chunks. */
export class WorkerPool {
  readonly #members: readonly Member[];
  readonly #memory: Memory;

  constructor({ options, name, format, formatOptions }: WorkerSettings, size: number, memory: Memory) {
    const settings: WorkerSettings = { options, name, format, formatOptions };
    this.#memory = memory;
    this.#members = Array.from({ length: size }, () => startMember(settings, memory));
  }

  /** Whether one of them could run out of work. */
  get hasRoom(): boolean {
    return this.#members.some(({ assigned }) => assigned.length < CHUNKS_AHEAD);
  }

  /** Hands the chunk and its memory to the least busy worker. @throws {BulkError} */
  judge(chunk: Chunk): Promise<JudgedChunk> {
    const member = this.#members.reduce((least, next) => (next.assigned.length < least.assigned.length ? next : least));
    if (member.failure !== undefined) return Promise.reject(member.failure);
    const task: Task = { chunk, memory: this.#memory.outputs.pop() };
    const handedOver = [chunk.bytes.buffer as ArrayBuffer, ...(task.memory === undefined ? [] : [task.memory])];
    return new Promise((resolve, reject) => {
      member.assigned.push({ resolve, reject });
      member.worker.postMessage(task, handedOver);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map(({ worker }) => worker.terminate()));
  }
}

function startMember(settings: WorkerSettings, memory: Memory): Member {
  const fromSource = import.meta.url.endsWith('.ts');
  const script = fromSource ? './bulk-worker.dev.mjs' : './bulk-worker.js';
  const worker = new Worker(new URL(script, import.meta.url), { workerData: settings });
  const member: Member = { worker, assigned: [], failure: undefined };
  const fail = (reason: string): void => {
    member.failure ??= new BulkError(reason);
    for (const { reject } of member.assigned.splice(0)) reject(member.failure);
  };
  worker.on('message', (message: JudgedMessage | WorkerFailure) => {
    if ('failure' in message) return fail(`A worker failed: ${message.failure}`);
    memory.chunks.push(message.chunkMemory);
    member.assigned.shift()?.resolve(message.judged);
  });
  worker.on('error', (error) => fail(`A worker failed: ${error.message}`));
  worker.on('exit', (code) => fail(`A worker ended with ${code}.`));
  return member;
}
