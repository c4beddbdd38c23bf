import { Worker } from 'node:worker_threads';
import type { Job, WorkerAnswer } from './protocol.ts';

/** Our own failure: a worker died. What was written until then is complete and in order. */
export class BulkError extends Error {
  override readonly name = 'BulkError';
}

// The one that is judged, and enough beside it to last while this thread judges one itself.
const TASKS_AHEAD = 3;

interface Assigned<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

interface Member<Answer> {
  readonly worker: Worker;
  readonly assigned: Assigned<Answer>[];
  /** Why it answers nothing any more. */
  failure: BulkError | undefined;
}

/** Worker threads that all do one job. */
export class WorkerPool<Task, Answer> {
  readonly #members: readonly Member<Answer>[];

  constructor(job: Job, size: number) {
    this.#members = Array.from({ length: size }, () => startMember<Answer>(job));
  }

  /** Whether one of them could run out of work. */
  get hasRoom(): boolean {
    return this.#members.some(({ assigned }) => assigned.length < TASKS_AHEAD);
  }

  /** Hands a task to the least busy worker, and the memory that it lies in over with it. @throws {BulkError} */
  ask(task: Task, handedOver: ArrayBuffer[]): Promise<Answer> {
    const member = this.#members.reduce((least, next) => (next.assigned.length < least.assigned.length ? next : least));
    if (member.failure !== undefined) return Promise.reject(member.failure);
    return new Promise((resolve, reject) => {
      member.assigned.push({ resolve, reject });
      member.worker.postMessage(task, handedOver);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map(({ worker }) => worker.terminate()));
  }
}

function startMember<Answer>(job: Job): Member<Answer> {
  const fromSource = import.meta.url.endsWith('.ts');
  const script = fromSource ? './bulk-worker.dev.mjs' : './bulk-worker.js';
  const worker = new Worker(new URL(script, import.meta.url), { workerData: job });
  const member: Member<Answer> = { worker, assigned: [], failure: undefined };
  const fail = (reason: string): void => {
    member.failure ??= new BulkError(reason);
    for (const { reject } of member.assigned.splice(0)) reject(member.failure);
  };
  worker.on('message', (message: WorkerAnswer<Answer>) => {
    if ('failure' in message) fail(`A worker failed: ${message.failure}`);
    else member.assigned.shift()?.resolve(message.answer);
  });
  worker.on('error', (error) => fail(`A worker failed: ${error.message}`));
  worker.on('exit', (code) => fail(`A worker ended with ${code}.`));
  return member;
}
