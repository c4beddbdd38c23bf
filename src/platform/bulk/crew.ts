import { availableParallelism } from 'node:os';

/** Starting a thread costs as much as judging for this long; and before that the pace is still that of a cold start. */
const START_AFTER_MS = 200;
/** Threads pay where at least so much is left. */
const WORTH_MS = 300;
/** How many tasks of each helper may wait to be handed on in order: bounds the memory whatever the length of a run. */
const WAITING_PER_HELPER = 4;

/** Others who judge. */
export interface Helpers<Task, Result> {
  /** Whether one of them could run out of work. */
  readonly hasRoom: boolean;
  judge(task: Task): Promise<Result>;
  close(): Promise<void>;
}

export interface CrewOptions<Task, Result> {
  /** Judges on this thread. */
  readonly here: (task: Task) => Promise<Result>;
  /** How many threads beside this one, started at once; undefined: when they pay, one for each core but one. */
  readonly helpers: number | undefined;
  readonly startHelpers: (size: number) => Helpers<Task, Result>;
  /** How much work a task is, in any unit. */
  readonly weigh: (task: Task) => number;
  /** How much work all of them are; undefined where nobody knows. */
  readonly total: number | undefined;
}

/** Who judges: this thread alone at first, which is all that a short run needs, and helpers beside it when they pay. */
export class Crew<Task, Result> {
  readonly #options: CrewOptions<Task, Result>;
  readonly #size: number;
  #helpers: Helpers<Task, Result> | undefined;
  #spentMs = 0;
  #begun = 0;

  constructor(options: CrewOptions<Task, Result>) {
    this.#options = options;
    this.#size = options.helpers ?? availableParallelism() - 1;
    if (options.helpers !== undefined && this.#size > 0) this.#helpers = options.startHelpers(this.#size);
  }

  /** How many tasks may be under way: as many as are in the hands of others. */
  get most(): number {
    return this.#helpers === undefined ? 0 : WAITING_PER_HELPER * this.#size;
  }

  /** Judges with whoever is least busy: here only where all others have enough to do. */
  judge(task: Task): Promise<Result> {
    this.#begun += this.#options.weigh(task);
    return this.#helpers?.hasRoom === true ? this.#helpers.judge(task) : this.#here(task);
  }

  async close(): Promise<void> {
    await this.#helpers?.close();
  }

  async #here(task: Task): Promise<Result> {
    const weight = this.#options.weigh(task);
    // CPU time: a machine that is busy with something else makes every run look long, and threads do not help there.
    const started = process.cpuUsage();
    const result = await this.#options.here(task);
    const { user, system } = process.cpuUsage(started);
    const took = (user + system) / 1000;
    this.#spentMs += took;
    if (this.#helpers === undefined && this.#isWorthMore(weight / took)) {
      this.#helpers = this.#options.startHelpers(this.#size);
    }
    return result;
  }

  /** @param pace work in a millisecond: that of the last task, since the first ones are slow */
  #isWorthMore(pace: number): boolean {
    const { total } = this.#options;
    if (this.#size < 1 || this.#spentMs < START_AFTER_MS) return false;
    // Where nobody knows how much is to come, as much again is a fair guess.
    const left = total === undefined ? this.#begun : total - this.#begun;
    return left / pace > WORTH_MS;
  }
}

interface Waiting<Result> {
  readonly result: Promise<Result>;
  isDone: boolean;
}

/** What the crew makes of each task, in the order of the tasks. What one of them throws comes in its turn. */
export async function* inOrder<Task, Result>(
  tasks: AsyncIterable<Task>,
  crew: Crew<Task, Result>,
): AsyncGenerator<Result, void, undefined> {
  const waiting: Waiting<Result>[] = [];
  for await (const task of tasks) {
    waiting.push(watched(crew.judge(task)));
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      if (!first.isDone && waiting.length <= crew.most) break;
      waiting.shift();
      yield await first.result;
    }
  }
  for (const { result } of waiting) yield await result;
}

function watched<Result>(result: Promise<Result>): Waiting<Result> {
  const waiting = { result, isDone: false };
  const done = (): void => void (waiting.isDone = true);
  // One that fails early must not count as unhandled until its turn.
  result.then(done, done);
  return waiting;
}
