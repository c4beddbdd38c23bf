import type { OnReadOpts, Socket } from 'node:net';

const SMALL_BYTES = 16 * 1024;
const LARGE_BYTES = 256 * 1024;
/** Kept for the next download, whosever it is. */
const MOST_SPARE = 16;
const spare: Uint8Array[] = [];

/**
 * Reads a socket into buffers of its own instead of one new 64 KiB buffer for each read: a third off the CPU time of
 * downloads. A connection that says little holds little: the large buffers are for those that filled a small one.
 */
export class LargeReads {
  /** To be given to `net.connect`. */
  readonly onread: OnReadOpts;
  #source: Socket | undefined;
  #to: Socket | undefined;
  #filled = false;

  constructor() {
    this.onread = {
      buffer: () => this.#next(),
      callback: (length, buffer) => this.#received(length, buffer),
    };
  }

  /** From now on what `source` reads goes to `to`. To be called before anything can have come. */
  flow(source: Socket, to: Socket): void {
    this.#source = source;
    this.#to = to;
    to.on('drain', () => source.resume());
  }

  #next(): Uint8Array {
    return this.#filled ? (spare.pop() ?? Buffer.allocUnsafeSlow(LARGE_BYTES)) : Buffer.allocUnsafeSlow(SMALL_BYTES);
  }

  /** @returns whether to go on reading */
  #received(length: number, buffer: Uint8Array): boolean {
    this.#filled = length === buffer.length || (buffer.length === LARGE_BYTES && length > SMALL_BYTES);
    if (this.#to === undefined) {
      this.#source?.destroy();
      return false;
    }
    // The buffer is written from where it lies, and is free only when that is done.
    return this.#to.write(buffer.subarray(0, length), () => {
      if (buffer.length === LARGE_BYTES && spare.length < MOST_SPARE) spare.push(buffer);
    });
  }
}
