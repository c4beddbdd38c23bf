import type {
  CheckAnswer,
  CheckCircumstances,
  CheckFailure,
  NamedFile,
  Recognised,
  SentFile,
  ServerCrls,
  Shipped,
  WorkerAnswer,
  WorkerRequest,
} from './request.ts';
import { startWorker } from './start-worker.ts';

/** How long one check may take. The slowest honest key takes about two seconds to open. */
const TIME_BUDGET = 15_000;
/** An outdated check that ends by itself within this is cheaper than a new worker. */
const GRACE = 150;
/** What is larger goes to the worker once, not with every key stroke. */
const LARGE = 256 * 1024;

/** There is no report, and why. */
export class CheckFailed extends Error {
  override readonly name = 'CheckFailed';
  readonly failure: CheckFailure;
  constructor(failure: CheckFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** A later question has taken its place. */
export class Superseded extends Error {
  override readonly name = 'Superseded';
}

export interface CheckQuestion {
  readonly files: readonly NamedFile[];
  readonly passphrase?: string | undefined;
  readonly circumstances: Omit<CheckCircumstances, 'at'> & { readonly at: string };
  readonly serverCrls?: ServerCrls | undefined;
}

interface Job {
  readonly id: number;
  /** Made anew for a new worker, which was sent nothing yet. */
  readonly make: (id: number) => WorkerRequest;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
  readonly budget: ReturnType<typeof setTimeout>;
}

/**
 * The worker with the engine, and one question at a time: a new one supersedes the last. What takes longer than its
 * budget is ended together with the worker. Keys and passphrases go to that worker and nowhere else.
 */
export class CheckEngine {
  readonly #budget: number;
  #worker: Worker | undefined;
  #nextId = 1;
  #refs = new WeakMap<Uint8Array, number>();
  #job: Job | undefined;
  /** What runs on although nobody waits for it. */
  #outdated: { readonly id: number; readonly grace: ReturnType<typeof setTimeout> } | undefined;

  constructor(budget = TIME_BUDGET) {
    this.#budget = budget;
  }

  recognise(files: readonly NamedFile[]): Promise<Recognised> {
    return this.#ask((id) => ({ id, kind: 'recognise', files: this.#pack(files) }));
  }

  check({ files, passphrase, circumstances, serverCrls }: CheckQuestion): Promise<CheckAnswer> {
    const { crls, ...rest } = circumstances;
    return this.#ask((id) => ({
      id,
      kind: 'check',
      files: this.#pack(files),
      circumstances: rest,
      ...(passphrase !== undefined && passphrase !== '' && { passphrase }),
      ...(crls !== undefined && { crls: crls.map((file) => this.#ship(file)) }),
      ...(serverCrls !== undefined && {
        serverCrls: {
          at: serverCrls.at,
          held: serverCrls.held.map((crl) => this.#ship(crl)),
          replies: serverCrls.replies.map((reply) => ({ ...reply, crl: reply.crl && this.#ship(reply.crl) })),
        },
      }),
    }));
  }

  /** Ends the worker, and with it everything it was given. */
  stop(): void {
    this.#job?.reject(new Superseded());
    this.#end();
  }

  #ask<T>(make: (id: number) => WorkerRequest): Promise<T> {
    this.#supersede();
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      const budget = setTimeout(() => this.#tooLong(), this.#budget);
      this.#job = { id, make, resolve: resolve as Job['resolve'], reject, budget };
      this.#post(this.#job);
    });
  }

  #post({ id, make }: Job): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(make(id), []);
  }

  #supersede(): void {
    const job = this.#job;
    if (job === undefined) return;
    this.#job = undefined;
    clearTimeout(job.budget);
    job.reject(new Superseded());
    // Two behind already: what is asked now would wait for both.
    if (this.#outdated !== undefined) this.#end();
    else this.#outdated = { id: job.id, grace: setTimeout(() => this.#restart(), GRACE) };
  }

  /** The outdated check still runs: its worker ends, and what waits behind it is asked of a new one. */
  #restart(): void {
    const job = this.#job;
    this.#job = undefined;
    this.#end();
    if (job === undefined) return;
    this.#job = job;
    this.#post(job);
  }

  #tooLong(): void {
    const job = this.#job;
    this.#end();
    job?.reject(new CheckFailed({ code: 'too-long', message: tooLong(this.#budget) }));
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#refs = new WeakMap();
    clearTimeout(this.#job?.budget);
    clearTimeout(this.#outdated?.grace);
    this.#job = undefined;
    this.#outdated = undefined;
  }

  #start(): Worker {
    const worker = startWorker();
    worker.addEventListener('message', ({ data }: MessageEvent<WorkerAnswer>) => this.#hear(data));
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      const job = this.#job;
      this.#end();
      job?.reject(new CheckFailed({ code: 'broken', message: BROKEN }));
    });
    return worker;
  }

  #hear(answer: WorkerAnswer): void {
    if (answer.id === this.#outdated?.id) {
      clearTimeout(this.#outdated.grace);
      this.#outdated = undefined;
    }
    const job = this.#job;
    if (job === undefined || job.id !== answer.id) return;
    this.#job = undefined;
    clearTimeout(job.budget);
    if (answer.kind === 'failed') job.reject(new CheckFailed(answer));
    else job.resolve(answer.answer as never);
  }

  #pack(files: readonly NamedFile[]): SentFile[] {
    return files.map((file) => {
      if (file.bytes.length < LARGE) return file;
      const { bytes, ...rest } = file;
      return { ...rest, shipped: this.#ship(bytes) };
    });
  }

  #ship(bytes: Uint8Array): Shipped {
    const known = this.#refs.get(bytes);
    if (known !== undefined) return { ref: known };
    const ref = this.#nextId++;
    this.#refs.set(bytes, ref);
    return { ref, bytes };
  }
}

const tooLong = (budget: number): string =>
  `The check was ended after ${Math.round(budget / 1000)} seconds. Most likely the key's encryption asks for far more work than is usual, or a CRL is very large. The server and the command line have more patience: certgate check.`;

const BROKEN =
  'The part of this page that checks certificates could not be loaded, or broke. Load the page again; nothing was sent anywhere.';
