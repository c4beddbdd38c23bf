import { parentPort, workerData } from 'node:worker_threads';
import { createChunkJudge } from './judge-chunk.ts';
import type { JudgedMessage, Task, WorkerFailure, WorkerSettings } from './protocol.ts';

const port = parentPort!;
const judge = createChunkJudge(workerData as WorkerSettings);

port.on('message', ({ chunk, memory }: Task) => {
  judge(chunk, memory).then(
    (judged) => {
      // All memory goes back to where it came from.
      const message: JudgedMessage = { judged, chunkMemory: chunk.bytes.buffer as ArrayBuffer };
      port.postMessage(message, [judged.output.buffer as ArrayBuffer, message.chunkMemory]);
    },
    (error: unknown) => {
      const failure: WorkerFailure = { failure: error instanceof Error ? error.message : String(error) };
      port.postMessage(failure);
    },
  );
});
