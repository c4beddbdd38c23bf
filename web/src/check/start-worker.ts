/** A new thread with the engine, which is fetched now and not with the page. */
export const startWorker = (): Worker =>
  new Worker(new URL('./check.worker.ts', import.meta.url), { type: 'module', name: 'certgate-check' });
