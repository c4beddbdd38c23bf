const PATIENCE_MS = 1000;
const EVERY_MS = 200;

/** A line on stderr: done, rate, time left; only on a terminal, and only when the work takes over a second. */
export class EachProgress {
  readonly #size: number | undefined;
  readonly #isShown = process.stderr.isTTY === true;
  readonly #started = performance.now();
  #bytes = 0;
  #done = 0;
  #last = 0;
  #isOnScreen = false;

  constructor(size: number | undefined) {
    this.#size = size;
  }

  /** Counts what is read. */
  async *watch(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of stream) {
      this.#bytes += piece.length;
      yield piece;
    }
  }

  judged(count: number): void {
    this.#done += count;
    const now = performance.now();
    if (!this.#isShown || now - this.#started < PATIENCE_MS || now - this.#last < EVERY_MS) return;
    this.#last = now;
    this.#isOnScreen = true;
    process.stderr.write(`\r\u001b[K${this.#line((now - this.#started) / 1000)}`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#isOnScreen) process.stderr.write('\r\u001b[K');
    this.#isOnScreen = false;
  }

  #line(seconds: number): string {
    const rate = Math.round(this.#done / seconds);
    const done = `${this.#done} certificates, ${rate}/s`;
    if (this.#size === undefined || this.#size === 0) return done;
    const part = Math.min(1, this.#bytes / this.#size);
    return `${done}, ${Math.floor(part * 100)} %, ${duration((seconds / part) * (1 - part))} left`;
  }
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.ceil(whole / 60)} min`;
  return `${Math.floor(whole / 3600)} h ${Math.ceil((whole % 3600) / 60)} min`;
}
