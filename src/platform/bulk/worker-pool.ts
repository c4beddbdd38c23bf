import { Worker } from 'node:worker_threads';
import type { Chunk, JudgedChunk, WorkerFailure, WorkerSettings } from './protocol.ts';

/** Our own failure: a worker died. What was written until then is complete and in order. */
export class BulkError extends Error {
  override readonly name = 'BulkError';
}

interface Member {
  readonly worker: Worker;
  readonly assigned: { resolve: (judged: JudgedChunk) => void; reject: (error: Error) => void }[];
}

/** Worker threads that judge chunks. */
export class WorkerPool {
  readonly #members: Member[];

  constructor({ options, name, format, formatOptions }: WorkerSettings, size: number) {
    const settings: WorkerSettings = { options, name, format, formatOptions };
    this.#members = Array.from({ length: size }, () => startMember(settings));
  }

  get size(): number {
    return this.#members.length;
  }

  /** Hands a copy of the chunk to the least busy worker. @throws {BulkError} */
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
