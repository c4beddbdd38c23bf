import { parentPort, workerData } from 'node:worker_threads';
import { createBundleJudge } from './judge-bundles.ts';
import { createChunkJudge } from './judge-chunk.ts';
import type { BundleTask, ChunkAnswer, ChunkTask, Job, WorkerAnswer } from './protocol.ts';

const port = parentPort!;
const job = workerData as Job;

interface Done {
  readonly answer: unknown;
  /** Goes back to where it came from. */
  readonly memory: ArrayBuffer[];
}

const work = job.kind === 'chunks' ? chunkWork(job) : bundleWork(job);

function chunkWork({ settings }: Job & { kind: 'chunks' }): (task: unknown) => Promise<Done> {
  const judge = createChunkJudge(settings);
  return async (task) => {
    const { chunk, memory } = task as ChunkTask;
    const judged = await judge(chunk, memory);
    const answer: ChunkAnswer = { judged, chunkMemory: chunk.bytes.buffer as ArrayBuffer };
    return { answer, memory: [judged.output.buffer as ArrayBuffer, answer.chunkMemory] };
  };
}

function bundleWork({ settings }: Job & { kind: 'bundles' }): (task: unknown) => Promise<Done> {
  const judge = createBundleJudge(settings);
  return async (task) => ({ answer: await judge(task as BundleTask), memory: [] });
}

// One after the other, so that answers come in the order of the tasks.
let last: Promise<void> = Promise.resolve();
port.on('message', (task: unknown) => {
  last = last
    .then(() => work(task))
    .then(
      ({ answer, memory }) => port.postMessage({ answer } satisfies WorkerAnswer<unknown>, memory),
      (error: unknown) => {
        const failure = error instanceof Error ? error.message : String(error);
        port.postMessage({ failure } satisfies WorkerAnswer<unknown>);
      },
    );
});
