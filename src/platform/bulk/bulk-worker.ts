import { parentPort, workerData } from 'node:worker_threads';
import { createChunkJudge } from './judge-chunk.ts';
import type { Chunk, JudgedChunk, WorkerFailure, WorkerSettings } from './protocol.ts';

const port = parentPort!;
const judge = createChunkJudge(workerData as WorkerSettings);

port.on('message', (chunk: Chunk) => {
  judge(chunk).then(
    (judged: JudgedChunk) => port.postMessage(judged, [judged.output.buffer as ArrayBuffer]),
    (error: unknown) => {
      const failure: WorkerFailure = { failure: error instanceof Error ? error.message : String(error) };
      port.postMessage(failure);
    },
  );
});
