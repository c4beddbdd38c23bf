import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { endure } from '../tests/channels/endurance.ts';
import type { SoakOptions } from './options.ts';

/** One is a swap of both certificates, a revocation and a new CRL. */
export const usualCount = 100;
/** They would take CPU time and file descriptors from each other. */
export const parallel = false;

/** What the collector and Node's own caches may keep. */
const TOLERATED_BYTES = 8 * 1024 * 1024;

/** Swaps and CRL changes under load. */
export default async function soakChannels({ count }: SoakOptions): Promise<boolean> {
  setFlagsFromString('--expose-gc');
  (globalThis as { gc?: () => void }).gc = runInNewContext('gc') as () => void;
  const endured = await endure(count, (done) => {
    if (done % 20 === 0) console.log(`${done} of ${count}`);
  });
  const { heap, ...figures } = endured;
  const grown = heap[1] - heap[0];
  console.log({ ...figures, heapMiB: heap.map((bytes) => Math.round(bytes / 2 ** 20)) });
  return figures.lost === 0 && figures.leaked === 0 && figures.descriptors <= 0 && grown < TOLERATED_BYTES;
}
