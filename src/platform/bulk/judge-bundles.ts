import type { Report } from '../../core/base/finding.ts';
import { createBundleChecker } from '../../core/check/check-bundle.ts';
import { RunFleet } from '../../core/check/run-fleet.ts';
import { nodeCrypto } from '../crypto/node-crypto.ts';
import { Crew, inOrder } from './crew.ts';
import type { BundleSettings, BundleTask } from './protocol.ts';
import { WorkerPool } from './worker-pool.ts';

export type BundleJudge = (task: BundleTask) => Promise<Report>;

/** @throws {CheckOptionsError | ProfileError} */
export function createBundleJudge({ options, passphrase, claims }: BundleSettings): BundleJudge {
  const check = createBundleChecker(options, nodeCrypto);
  const fleet = claims && new RunFleet(nodeCrypto, claims);
  return ({ name, crt, key, chain }) => check({ crt, key, chain, passphrase }, name, fleet?.without(name));
}

export interface BundleRun {
  /** In the order in which their reports are wanted. */
  readonly tasks: AsyncIterable<BundleTask>;
  readonly count: number;
  readonly settings: BundleSettings;
  /** As of `runBulk`. */
  readonly workers?: number;
}

/** The reports on many bundles in the order of the bundles, judged on all cores where that is quicker. @throws {BulkError} */
export async function* judgeBundles(run: BundleRun): AsyncGenerator<Report, void, undefined> {
  const { tasks, count, settings, workers } = run;
  const crew = new Crew<BundleTask, Report>({
    here: createBundleJudge(settings),
    helpers: workers,
    startHelpers(size) {
      const pool = new WorkerPool<BundleTask, Report>({ kind: 'bundles', settings }, size);
      return {
        get hasRoom() {
          return pool.hasRoom;
        },
        judge: (task) => pool.ask(...detached(task)),
        close: () => pool.close(),
      };
    },
    weigh: () => 1,
    total: count,
  });
  try {
    yield* inOrder(tasks, crew);
  } finally {
    await crew.close();
  }
}

/** The task in memory of its own: small files share theirs with others, which a worker has no business to see. */
function detached({ name, crt, key, chain }: BundleTask): [BundleTask, ArrayBuffer[]] {
  const task = { name, crt: own(crt), key: key && own(key), chain: chain && own(chain) };
  return [task, [task.crt, task.key, task.chain].flatMap((bytes) => (bytes === undefined ? [] : [bytes.buffer]))];
}

const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);
