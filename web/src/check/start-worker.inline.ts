// oxlint-disable-next-line import/default -- what ?worker&inline exports, Vite makes
import CheckWorker from './check.worker.ts?worker&inline';

/** As start-worker.ts, where the engine is part of the page itself: the saved page has nothing to fetch it from. */
export const startWorker = (): Worker => new CheckWorker({ name: 'certgate-check' });
